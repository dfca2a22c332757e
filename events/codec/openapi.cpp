#include "events/codec/openapi.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <set>
#include <utility>

#include "events/codec/openapi_schemas.h"

namespace orderlog::codec {
namespace {

namespace json = boost::json;

constexpr std::string_view problem_schema = R"({
  "type": "object",
  "description": "What went wrong (RFC 9457). The type never changes its meaning.",
  "properties": {
    "type": {"type": "string", "format": "uri"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": {"type": "string"},
    "instance": {"type": "string"},
    "errors": {"type": "array", "items": {
      "type": "object",
      "properties": {
        "pointer": {"type": "string", "description": "RFC 6901, into the body"},
        "detail": {"type": "string"},
        "code": {"type": "string"}},
      "required": ["pointer", "detail"]}}},
  "required": ["type", "title", "status"]})";

Error wrong(std::string what) { return error(ErrorCode::InvalidArgument, std::move(what)); }

json::object content(std::string_view type, json::object schema) {
  json::object media{{"schema", std::move(schema)}};
  json::object result;
  result[json::string_view(type.data(), type.size())] = std::move(media);
  return result;
}

json::object type_of(const ParamDoc& param) {
  json::object schema{{"type", "string"}};
  switch (param.type) {
    case ParamType::Text:
      break;
    case ParamType::Integer:
      schema = {{"type", "integer"}, {"format", "int64"}};
      break;
    case ParamType::Boolean:
      schema = {{"type", "boolean"}};
      break;
    case ParamType::Date:
      schema["format"] = "date";
      break;
    case ParamType::Timestamp:
      schema["format"] = "date-time";
      break;
    case ParamType::Uuid:
      schema["format"] = "uuid";
      break;
  }
  if (!param.allowed.empty())
    schema["enum"] = json::array(param.allowed.begin(), param.allowed.end());
  return schema;
}

json::object to_json(const ParamDoc& param) {
  const char* place = param.place == ParamPlace::Path    ? "path"
                      : param.place == ParamPlace::Query ? "query"
                                                         : "header";
  json::object result{{"name", param.name}, {"in", place}};
  if (!param.description.empty()) result["description"] = param.description;
  result["required"] = param.required || param.place == ParamPlace::Path;
  result["schema"] = type_of(param);
  return result;
}

class Document {
 public:
  Document(const SchemaRegistry& schema, const ApiInfo& info,
           std::span<const SchemaRegistry* const> row_schemas)
      : info_(info), schemas_(schema, row_schemas) {}

  Status begin() {
    for (const ExtraSchema& extra : info_.extra_schemas) {
      if (Status added = schemas_.add(extra); !added.ok()) return added;
    }
    return schemas_.add({"Problem", std::string(problem_schema)});
  }

  Status add_route(const RouteDoc& route) {
    if (Status described = check_path(route); !described.ok()) return described;
    json::array params;
    for (const ParamDoc& param : route.params) params.push_back(to_json(param));
    Result<json::object> answer = answer_of(route);
    if (!answer.ok()) return std::move(answer).error();
    json::object responses{{std::to_string(route.status), std::move(answer).value()}};
    add_problems(responses, route.problem_statuses);
    json::object operation = head(route.operation_id, route.tag, route.summary, route.description);
    if (operation["operationId"].as_string().empty()) {
      operation["operationId"] = made_up_id(route);
    }
    if (!params.empty()) operation["parameters"] = std::move(params);
    if (!route.request_table.empty()) {
      Result<json::object> body = schemas_.named(route.request_table);
      if (!body.ok()) return std::move(body).error();
      operation["requestBody"] = json::object{
          {"required", true}, {"content", content("application/json", std::move(body).value())}};
    }
    operation["responses"] = std::move(responses);
    return put(route.path, route.method, std::move(operation));
  }

  Status add_command(const MessageInfo& command) {
    json::object answer{{"type", "object"}};
    if (!info_.command_answer.empty()) {
      Result<json::object> named = schemas_.named(info_.command_answer);
      if (!named.ok()) return std::move(named).error();
      answer = std::move(named).value();
    }
    json::object responses;
    for (const int status : info_.command_statuses) {
      responses[std::to_string(status)] = json::object{
          {"description", "Decided"}, {"content", content("application/json", answer)}};
    }
    add_problems(responses, info_.command_problem_statuses);
    json::object operation = head(std::string(command.name), std::string(command.aggregate),
                                  std::string(command.name), command.table->doc);
    operation["parameters"] = json::array{
        to_json({.name = "Idempotency-Key",
                 .description = "A repeat with the same key and body gets the first answer again.",
                 .place = ParamPlace::Header}),
        to_json({.name = "If-Match",
                 .description = "The version that the aggregate must have, as an ETag: \"7\".",
                 .place = ParamPlace::Header})};
    operation["requestBody"] =
        json::object{{"required", true},
                     {"content", content("application/json", schemas_.command_body(command))}};
    operation["responses"] = std::move(responses);
    return put("/v1/commands/" + std::string(command.name), "post", std::move(operation));
  }

  std::string finish() {
    json::object info{{"title", info_.title}, {"version", info_.version}};
    if (!info_.description.empty()) info["description"] = info_.description;
    json::object document{{"openapi", "3.1.0"},
                          {"info", std::move(info)},
                          {"servers", json::array{json::object{{"url", info_.server_url}}}},
                          {"paths", std::move(paths_)}};
    document["components"] = json::object{{"schemas", schemas_.take()}};
    return json::serialize(document);
  }

 private:
  static json::object head(const std::string& id, const std::string& tag,
                           const std::string& summary, const std::string& description) {
    json::object operation{{"operationId", id}};
    if (!tag.empty()) operation["tags"] = json::array{json::value(tag)};
    if (!summary.empty()) operation["summary"] = summary;
    if (!description.empty()) operation["description"] = description;
    return operation;
  }

  static std::string made_up_id(const RouteDoc& route) {
    std::string id = route.method;
    for (const char c : route.path) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
        id += c;
      } else if (id.back() != '_') {
        id += '_';
      }
    }
    while (id.back() == '_') id.pop_back();
    return id;
  }

  static Status check_path(const RouteDoc& route) {
    std::set<std::string> described;
    for (const ParamDoc& param : route.params) {
      if (param.place == ParamPlace::Path) described.insert(param.name);
    }
    std::set<std::string> used;
    for (std::size_t at = route.path.find('{'); at != std::string::npos;
         at = route.path.find('{', at + 1)) {
      used.insert(route.path.substr(at + 1, route.path.find('}', at) - at - 1));
    }
    if (described == used) return {};
    return wrong("the parameters of " + route.path + " are not those that are described");
  }

  Result<json::object> answer_of(const RouteDoc& route) {
    json::object answer{{"description", route.summary.empty() ? "Done" : route.summary}};
    if (route.answer == AnswerShape::Empty) return answer;
    if (route.answer == AnswerShape::Text) {
      answer["content"] = content("text/plain", {{"type", "string"}});
      return answer;
    }
    json::object schema;
    if (route.answer != AnswerShape::Json || !route.response_table.empty()) {
      Result<json::object> named = schemas_.named(route.response_table);
      if (!named.ok()) return std::move(named).error();
      schema = std::move(named).value();
    }
    answer["content"] = shaped(route.answer, std::move(schema));
    return answer;
  }

  static json::object shaped(AnswerShape shape, json::object schema) {
    json::object list{{"type", "array"}, {"items", schema}};
    switch (shape) {
      case AnswerShape::Array:
        return content("application/json", std::move(list));
      case AnswerShape::Lines:
        return content("application/x-ndjson", std::move(schema));
      case AnswerShape::Stream:
        return content("text/event-stream", std::move(schema));
      case AnswerShape::Page: {
        json::object cursor{{"type", json::array{"string", "null"}}};
        json::object properties{{"data", std::move(list)},
                                {"next_cursor", std::move(cursor)},
                                {"has_more", {{"type", "boolean"}}}};
        return content("application/json", {{"type", "object"},
                                            {"properties", std::move(properties)},
                                            {"required", json::array{"data", "has_more"}}});
      }
      case AnswerShape::Object:
      case AnswerShape::Json:
      case AnswerShape::Empty:
      case AnswerShape::Text:
        break;
    }
    return content("application/json", std::move(schema));
  }

  static void add_problems(json::object& responses, const std::vector<int>& statuses) {
    for (const int status : statuses) {
      responses[std::to_string(status)] =
          json::object{{"description", "A problem"},
                       {"content", content("application/problem+json", reference_to("Problem"))}};
    }
  }

  Status put(const std::string& path, const std::string& method, json::object operation) {
    const std::string id(operation["operationId"].as_string());
    if (!operation_ids_.insert(id).second) return wrong("operation id " + id + " is given twice");
    if (paths_.if_contains(path) == nullptr) paths_[path] = json::object();
    json::object& item = paths_[path].as_object();
    if (item.contains(method)) return wrong(method + " " + path + " is given twice");
    item[method] = std::move(operation);
    return {};
  }

  const ApiInfo& info_;
  OpenApiSchemas schemas_;
  json::object paths_;
  std::set<std::string> operation_ids_;
};

}  // namespace

Result<std::string> openapi_document(const SchemaRegistry& schema, const ApiInfo& info,
                                     std::span<const RouteDoc> routes,
                                     const std::function<bool(const MessageInfo&)>& is_public,
                                     std::span<const SchemaRegistry* const> row_schemas) {
  Document document(schema, info, row_schemas);
  if (Status begun = document.begin(); !begun.ok()) return std::move(begun).error();
  for (const RouteDoc& route : routes) {
    if (Status added = document.add_route(route); !added.ok()) return std::move(added).error();
  }
  for (const MessageInfo& command : schema.commands()) {
    if (is_public && !is_public(command)) continue;
    if (Status added = document.add_command(command); !added.ok()) {
      return std::move(added).error();
    }
  }
  return document.finish();
}

}  // namespace orderlog::codec
