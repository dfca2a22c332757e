// Turns a verified binary schema into the registry's tables: names first, so that types may refer
// to each other, then fields, then the two levels of unions.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "events/codec/schema_registry.h"

namespace reflection {
struct Enum;
struct Field;
struct Object;
struct Schema;
struct Type;
}  // namespace reflection

namespace orderlog::codec {

class RegistryBuilder {
 public:
  explicit RegistryBuilder(SchemaRegistry& registry) : registry_(registry) {}

  // Reads registry.bytes_, already verified.
  Status build();

 private:
  void name_types();
  void fill_enum(EnumInfo& info, const reflection::Enum& from);
  Status fill_table(TableInfo& info, const reflection::Object& from);
  Status fill_field(FieldInfo& info, const reflection::Field& from, bool in_struct);
  Status fill_type(FieldInfo& info, const reflection::Field& from);
  Status fill_scalar(FieldInfo& info, const reflection::Field& from, int base_type);
  Status fill_messages(SchemaRegistry::Messages& messages, std::string_view any_union,
                       std::string_view suffix, bool are_commands);

  SchemaRegistry& registry_;
  const reflection::Schema* schema_ = nullptr;
};

}  // namespace orderlog::codec
