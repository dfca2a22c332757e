// Binds a tape to a table of the schema and builds it straight into the FlatBuffer: children first,
// as the format wants it, then the table itself, widest fields first. Problems are collected, each
// with the path to its value; after the first one nothing that is built is of use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/codec/json_reader.h"
#include "events/codec/json_tape.h"
#include "events/codec/schema_types.h"
#include "flatbuffers/flatbuffers.h"

namespace orderlog::codec {

// Where a value is: a list that lives on the stack of the descent, spelled out only for a problem.
struct JsonPath {
  const JsonPath* parent = nullptr;
  std::string_view member;
  std::int64_t element = -1;  // ≥ 0: of an array

  JsonPath at(std::string_view name) const { return {this, name, -1}; }
  JsonPath at(std::size_t index) const { return {this, {}, static_cast<std::int64_t>(index)}; }
  // RFC 6901.
  std::string pointer() const;
};

// Takes members of the topmost object that are not fields of its table.
class ExtraMembers {
 public:
  virtual ~ExtraMembers() = default;
  // False: not one of mine. Problems go to the binder.
  virtual bool take(std::string_view name, const Node& value, const JsonPath& path) = 0;
};

class JsonBinder {
 public:
  JsonBinder(flatbuffers::FlatBufferBuilder& builder, const std::vector<Node>& nodes,
             bool command_rules, std::vector<Problem>& problems)
      : builder_(builder), nodes_(nodes), command_rules_(command_rules), problems_(problems) {}

  // Offset of the table, 0 when there was a problem.
  flatbuffers::uoffset_t bind_root(const TableInfo& table, ExtraMembers* extra = nullptr);
  // Of the first field of the root when that is a text; else 0.
  flatbuffers::uoffset_t first_text() const { return first_text_; }

  void report(ProblemCode code, const JsonPath& path, std::string detail);

 private:
  using Offset = flatbuffers::uoffset_t;
  // The members of one object, by the index of their field. Not initialised beyond the masks.
  struct Members {
    std::uint64_t seen = 0;     // named at all: for repeats
    std::uint64_t present = 0;  // and not null
    std::uint32_t node[table_fields_max];
    std::uint64_t value[table_fields_max];  // bits of a scalar, offset of a child
    std::uint8_t union_type[table_fields_max];
  };

  Offset bind_table(const TableInfo& table, std::uint32_t node, const JsonPath& path,
                    ExtraMembers* extra);
  void collect(Members& members, const TableInfo& table, std::uint32_t node, const JsonPath& path,
               ExtraMembers* extra);
  void check_missing(const Members& members, const TableInfo& table, const JsonPath& path);
  void bind_child(Members& members, std::size_t index, const FieldInfo& field,
                  const JsonPath& path);
  Offset finish(const Members& members, const TableInfo& table, const JsonPath& path);
  void add_scalar(const FieldInfo& field, std::uint64_t bits);

  Offset bind_text(const FieldInfo& field, const Node& node, const JsonPath& path);
  Offset bind_vector(const FieldInfo& field, std::uint32_t node, const JsonPath& path);
  Offset bind_offsets(const FieldInfo& field, std::uint32_t node, const JsonPath& path);
  Offset bind_scalars(const FieldInfo& field, std::uint32_t node, const JsonPath& path);
  Offset bind_structs(const FieldInfo& field, std::uint32_t node, const JsonPath& path);
  Offset bind_union(const FieldInfo& field, std::uint32_t node, const JsonPath& path,
                    std::uint8_t& type);
  void bind_struct(const TableInfo& table, std::uint32_t node, const JsonPath& path,
                   std::uint8_t* bytes);
  void bind_struct_member(const FieldInfo& field, std::uint32_t node, const JsonPath& path,
                          std::uint8_t* bytes);
  bool is_object(const Node& node, const JsonPath& path, std::string_view name);

  flatbuffers::FlatBufferBuilder& builder_;
  const std::vector<Node>& nodes_;
  const bool command_rules_;
  std::vector<Problem>& problems_;
  Offset first_text_ = 0;
};

}  // namespace orderlog::codec
