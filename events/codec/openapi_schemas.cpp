#include "events/codec/openapi_schemas.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <string>

#include "events/codec/json_reader.h"

namespace orderlog::codec {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

void describe_as(json::object& schema, std::string_view doc) {
  if (!doc.empty()) schema["description"] = view(doc);
}

template <class Int>
json::object integer_in(std::string_view format) {
  json::object schema{{"type", "integer"}};
  if (!format.empty()) schema["format"] = view(format);
  schema["minimum"] = std::numeric_limits<Int>::min();
  schema["maximum"] = std::numeric_limits<Int>::max();
  return schema;
}

json::object number(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::Bool:
      return {{"type", "boolean"}};
    case ScalarKind::I8:
      return integer_in<std::int8_t>("");
    case ScalarKind::U8:
      return integer_in<std::uint8_t>("");
    case ScalarKind::I16:
      return integer_in<std::int16_t>("");
    case ScalarKind::U16:
      return integer_in<std::uint16_t>("");
    case ScalarKind::I32:
      return integer_in<std::int32_t>("int32");
    case ScalarKind::U32:
      return integer_in<std::uint32_t>("");
    case ScalarKind::I64:
      return {{"type", "integer"}, {"format", "int64"}};
    case ScalarKind::U64:
      return {{"type", "integer"}, {"minimum", 0}};
    case ScalarKind::F32:
      return {{"type", "number"}, {"format", "float"}};
    case ScalarKind::F64:
      return {{"type", "number"}, {"format", "double"}};
  }
  return {};
}

json::object text_with(std::string_view format) {
  return {{"type", "string"}, {"format", view(format)}};
}

json::object id_text() {
  return {{"type", "string"},
          {"minLength", 1},
          {"maxLength", composed_id_length_max},
          {"pattern", "^[A-Za-z0-9._:/@+-]([A-Za-z0-9._:/@+ -]*[A-Za-z0-9._:/@+-])?$"}};
}

// What may be null in an answer, and is read as absent in a request.
bool may_be_null(const FieldInfo& field) {
  return !field.required && (field.optional || field.scalar_bytes == 0);
}

json::object or_null(json::object schema) {
  if (auto* type = schema.if_contains("type"); type != nullptr && type->is_string()) {
    schema["type"] = json::array{*type, "null"};
    return schema;
  }
  return {{"anyOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
}

}  // namespace

json::object reference_to(std::string_view component) {
  return {{"$ref", std::string(schema_prefix) + std::string(component)}};
}

Status OpenApiSchemas::add(const ExtraSchema& extra) {
  json::error_code failed;
  json::value parsed = json::parse(view(extra.json_schema), failed);
  if (failed || !parsed.is_object()) {
    return error(ErrorCode::InvalidArgument, "schema " + extra.name + " is not a JSON object");
  }
  if (components_.contains(extra.name)) {
    return error(ErrorCode::InvalidArgument, "schema " + extra.name + " is given twice");
  }
  components_[extra.name] = std::move(parsed);
  return {};
}

Result<json::object> OpenApiSchemas::named(std::string_view name) {
  if (name == "Envelope") return envelope();
  if (components_.contains(view(name))) return reference_to(name);
  for (const SchemaRegistry* rows : row_schemas_) {
    if (const TableInfo* info = rows->table(name)) return table(*info);
  }
  if (const TableInfo* info = schema_.table(name)) return table(*info);
  return error(ErrorCode::InvalidArgument, "no table or schema " + std::string(name));
}

json::object OpenApiSchemas::table(const TableInfo& info) {
  if (!components_.contains(view(info.name))) {
    components_[view(info.name)] = nullptr;  // taken, so that a table in itself comes to an end
    json::object schema = schema_of(info);
    components_[view(info.name)] = std::move(schema);
  }
  return reference_to(info.name);
}

json::object OpenApiSchemas::schema_of(const TableInfo& info) {
  json::object properties;
  json::array required;
  for (const FieldInfo& field : info.fields) {
    if (field.deprecated) continue;
    properties[view(field.name)] = property(field);
    if (field.required) required.emplace_back(view(field.name));
  }
  json::object schema{{"type", "object"}};
  describe_as(schema, info.doc);
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

json::object OpenApiSchemas::property(const FieldInfo& field) {
  json::object schema;
  if (field.kind == ValueKind::Vector) {
    schema["type"] = "array";
    schema["items"] = value(field, field.element);
  } else {
    schema = value(field, field.kind);
  }
  if (may_be_null(field)) schema = or_null(std::move(schema));
  describe_as(schema, field.doc);
  return schema;
}

json::object OpenApiSchemas::value(const FieldInfo& field, ValueKind kind) {
  switch (kind) {
    case ValueKind::Number:
      return number(field.scalar);
    case ValueKind::Enum:
      return enumeration(*field.enumeration);
    case ValueKind::Date:
      return text_with("date");
    case ValueKind::Timestamp:
      return text_with("date-time");
    case ValueKind::String:
      return field.is_id ? id_text() : json::object{{"type", "string"}};
    case ValueKind::Uuid:
      return text_with("uuid");
    case ValueKind::Struct:
    case ValueKind::Table:
      return table(*field.table);
    case ValueKind::Union:
      return tagged(*field.enumeration);
    case ValueKind::Vector:
      break;  // no vector of vectors in FlatBuffers
  }
  return {};
}

json::object OpenApiSchemas::enumeration(const EnumInfo& info) {
  if (!components_.contains(view(info.name))) {
    json::array names;
    for (const EnumMember& member : info.members) names.emplace_back(view(member.name));
    json::object schema{{"type", "string"}, {"enum", std::move(names)}};
    describe_as(schema, info.doc);
    components_[view(info.name)] = std::move(schema);
  }
  return reference_to(info.name);
}

json::object OpenApiSchemas::tagged(const EnumInfo& info) {
  json::array choices;
  for (const EnumMember& member : info.members) {
    if (member.table == nullptr) continue;
    json::object type{{"type", "string"}, {"const", view(member.name)}};
    json::object properties{{"type", std::move(type)}, {"data", table(*member.table)}};
    choices.push_back(json::object{{"type", "object"},
                                   {"properties", std::move(properties)},
                                   {"required", json::array{"type", "data"}}});
  }
  return {{"oneOf", std::move(choices)}};
}

void OpenApiSchemas::add_meta() {
  if (components_.contains("CommandMembers")) return;
  const TableInfo& envelope = *schema_.table("CommandEnvelope");
  json::object properties;
  for (int i = 0; i < 7; ++i) {
    const std::string_view name = to_string(static_cast<MetaMember>(i));
    properties[view(name)] = or_null(value(*envelope.by_name(name), envelope.by_name(name)->kind));
  }
  properties["actor"] = or_null(id_text());
  components_["CommandMembers"] = json::object{
      {"type", "object"},
      {"description",
       "Members that any command may have beside its own: who, when, and against which version."},
      {"properties", std::move(properties)}};
}

json::object OpenApiSchemas::command_body(const MessageInfo& command) {
  add_meta();
  json::array all{table(*command.table), reference_to("CommandMembers")};
  if (command.table->due_dates != 0) {
    json::array due;
    for (std::size_t i = 0; i < command.table->fields.size(); ++i) {
      if (command.table->due_dates >> i & 1) due.emplace_back(view(command.table->fields[i].name));
    }
    all.push_back(json::object{{"required", std::move(due)}});
  }
  return {{"allOf", std::move(all)}, {"unevaluatedProperties", false}};
}

json::object OpenApiSchemas::envelope() {
  if (components_.contains("Envelope")) return reference_to("Envelope");
  components_["Envelope"] = nullptr;
  const TableInfo& info = *schema_.table("Envelope");
  json::object properties{{"event_id", text_with("uuid")}};
  json::array types;
  for (const MessageInfo& event : schema_.events()) {
    table(*event.table);
    types.emplace_back(view(event.name));
  }
  types.emplace_back("Unknown");
  properties["type"] = json::object{{"type", "string"}, {"enum", std::move(types)}};
  properties["aggregate"] = json::object{{"type", "string"}};
  for (const FieldInfo& field : info.fields) {
    if (field.kind == ValueKind::Union || field.name == "command_fingerprint") continue;
    const std::string_view name = field.name == "aggregate_version" ? "version" : field.name;
    properties[view(name)] = value(field, field.kind);
  }
  properties["type_numbers"] =
      json::object{{"type", "array"},
                   {"items", {{"type", "integer"}}},
                   {"description", "Of a type that is \"Unknown\": aggregate, event."}};
  properties["data"] = json::object{
      {"type", "object"},
      {"description", "The event's own fields: the schema that is named like its type."}};
  components_["Envelope"] = json::object{
      {"type", "object"},
      {"description", "One event of the log."},
      {"properties", std::move(properties)},
      {"required",
       json::array{"type", "version", "partition", "seq", "term", "occurred_at", "recorded_at"}}};
  return reference_to("Envelope");
}

}  // namespace orderlog::codec
