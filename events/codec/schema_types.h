// What is known of each enum, field, table and message of a schema. Plain data, made once by the
// registry and never changed; views and pointers live as long as the registry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/codec/name_index.h"

namespace orderlog::codec {

// Fields of a table, so that a set of them fits one machine word.
inline constexpr std::size_t table_fields_max = 64;
inline constexpr std::size_t struct_bytes_max = 64;

enum class ScalarKind : std::uint8_t { Bool, I8, U8, I16, U16, I32, U32, I64, U64, F32, F64 };

// What a field (or an element of a vector) is to a reader of JSON.
enum class ValueKind : std::uint8_t {
  Number,
  Enum,       // by name
  Date,       // int marked (date): "YYYY-MM-DD"
  Timestamp,  // long marked (timestamp): RFC 3339
  String,
  Uuid,    // the struct, as text
  Struct,  // any other struct: an object with all members
  Table,
  Union,   // {"type": "...", "data": {...}}
  Vector,  // what of: FieldInfo::element
};

struct TableInfo;

struct EnumMember {
  std::string_view name;
  std::int64_t value = 0;
  std::string_view doc;
  const TableInfo* table = nullptr;  // of a union's member
};

struct EnumInfo {
  std::string_view name;  // without the namespace
  std::string_view full_name;
  std::string doc;
  ScalarKind underlying = ScalarKind::U8;
  bool is_union = false;
  std::vector<EnumMember> members;  // ascending by value; a union's first is NONE

  const EnumMember* by_name(std::string_view member) const;
  const EnumMember* by_value(std::int64_t value) const;

  NameIndex names;
  bool dense = false;  // members[i].value == i
};

struct FieldInfo {
  std::string_view name;
  std::string doc;
  ValueKind kind = ValueKind::Number;
  ValueKind element = ValueKind::Number;  // of a vector
  ScalarKind scalar = ScalarKind::U8;     // of the number, the enum, the date, or of the element
  std::uint8_t scalar_bytes = 0;
  std::uint16_t id = 0;
  std::uint16_t offset = 0;  // in a table: of the vtable entry; in a struct: bytes from its start
  bool required = false;
  bool optional = false;  // a scalar with no default (= null)
  bool deprecated = false;
  bool is_id = false;  // a text that is a key, or part of one: "…_id", and the few in id_names
  std::int64_t default_integer = 0;
  double default_real = 0;
  const TableInfo* table = nullptr;       // struct or table, also of the element
  const EnumInfo* enumeration = nullptr;  // enum or union, also of the element
  std::uint16_t type_offset = 0;          // of a union: vtable entry of its type
};

struct TableInfo {
  std::string_view name;  // without the namespace
  std::string_view full_name;
  std::string doc;
  bool is_struct = false;
  // A struct that says "absent" when all its bytes are zero: an id, or one with a currency of None.
  bool zero_is_absent = false;
  std::uint32_t bytes = 0;                // of a struct
  std::uint32_t align = 1;                // of a struct
  std::vector<FieldInfo> fields;          // by id; a union's type field is not among them
  std::uint64_t required = 0;             // bit i: fields[i]
  std::uint64_t due_dates = 0;            // dates that are not optional: a command must give them
  std::vector<std::uint8_t> write_order;  // indexes, widest first, so that no space is padded

  const FieldInfo* by_name(std::string_view field) const;
  // -1 when there is none.
  int index_of(std::string_view field) const { return names.find(field); }

  NameIndex names;
};

// A command or an event: where it sits in the two levels of unions.
struct MessageInfo {
  std::string_view name;
  std::string_view aggregate;           // "Order"
  const TableInfo* table = nullptr;     // PlaceOrder
  const TableInfo* wrapper = nullptr;   // OrderCommands
  const FieldInfo* slot = nullptr;      // the wrapper's only union field
  std::uint8_t wrapper_type = 0;        // of OrderCommands in AnyCommand
  std::uint8_t message_type = 0;        // of PlaceOrder in OrderCommand
  const FieldInfo* id_field = nullptr;  // commands only: order_id, always the first
};

}  // namespace orderlog::codec
