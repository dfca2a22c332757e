// Tables, structs and enums as JSON Schema (draft 2020-12, as OpenAPI 3.1 has it). Collects what is
// referred to, so that the document holds every component it needs and no other.
#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/codec/openapi.h"
#include "events/codec/schema_registry.h"

namespace orderlog::codec {

inline constexpr std::string_view schema_prefix = "#/components/schemas/";

boost::json::object reference_to(std::string_view component);

class OpenApiSchemas {
 public:
  OpenApiSchemas(const SchemaRegistry& schema, std::span<const SchemaRegistry* const> row_schemas)
      : schema_(schema), row_schemas_(row_schemas) {}

  // A component of its own making. Error: not a JSON object, or the name is taken.
  Status add(const ExtraSchema& extra);
  // {"$ref": …}; adds the table and all that it refers to.
  boost::json::object table(const TableInfo& table);
  // By name, also of an extra schema. Error: InvalidArgument.
  Result<boost::json::object> named(std::string_view name);
  // The command's fields and the reserved members beside them.
  boost::json::object command_body(const MessageInfo& command);
  // The flat form of an event, with every event's table as a component.
  boost::json::object envelope();

  boost::json::object take() { return std::move(components_); }

 private:
  boost::json::object schema_of(const TableInfo& table);
  boost::json::object property(const FieldInfo& field);
  boost::json::object value(const FieldInfo& field, ValueKind kind);
  boost::json::object enumeration(const EnumInfo& info);
  boost::json::object tagged(const EnumInfo& info);
  void add_meta();

  const SchemaRegistry& schema_;
  std::span<const SchemaRegistry* const> row_schemas_;
  boost::json::object components_;
};

}  // namespace orderlog::codec
