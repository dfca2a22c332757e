// The OpenAPI 3.1 document: commands and components follow from the schema, the other routes from a
// list that the HTTP edge gives. Nothing in it is written twice by hand.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/codec/schema_registry.h"

namespace orderlog::codec {

enum class ParamPlace : std::uint8_t { Path, Query, Header };
enum class ParamType : std::uint8_t { Text, Integer, Boolean, Date, Timestamp, Uuid };

struct ParamDoc {
  std::string name;
  std::string description = {};
  ParamPlace place = ParamPlace::Query;
  ParamType type = ParamType::Text;
  bool required = false;
  std::vector<std::string> allowed = {};  // empty: any
};

// What a route answers with when it succeeds.
enum class AnswerShape : std::uint8_t {
  Empty,
  Object,  // one response_table
  Page,    // {"data":[response_table…],"next_cursor":…,"has_more":…}
  Array,   // [response_table…]
  Lines,   // application/x-ndjson of response_table
  Stream,  // text/event-stream of response_table
  Text,    // text/plain
  Json,    // any JSON
};

struct RouteDoc {
  std::string method = "get";  // lower case
  std::string path;            // "/v1/orders/{id}"
  std::string operation_id;    // empty: made from method and path
  std::string tag;
  std::string summary;
  std::string description;
  std::vector<ParamDoc> params;
  std::string request_table;  // empty: no body
  std::string response_table;
  AnswerShape answer = AnswerShape::Object;
  int status = 200;
  std::vector<int> problem_statuses = {400, 404, 503};  // each an application/problem+json
};

// A JSON object that no table describes.
struct ExtraSchema {
  std::string name;         // "CommandAnswer": to be named by routes like a table
  std::string json_schema;  // JSON text
};

struct ApiInfo {
  std::string title = "orderlog";
  std::string version;
  std::string description;
  std::string server_url = "/";
  std::vector<ExtraSchema> extra_schemas;
  // What a command answers with: one of the above, or a table. Empty: any object.
  std::string command_answer;
  std::vector<int> command_statuses = {200};
  std::vector<int> command_problem_statuses = {400, 403, 404, 409, 412, 413, 415, 422, 429, 503};
};

// JSON text. `is_public` says which commands get a path (POST /v1/commands/{Name}); empty: all.
// Names of tables are looked up in `row_schemas` first, then in `schema`; "Envelope" is its flat
// JSON form. Errors: InvalidArgument for a bug in the list: a table that is nowhere, a parameter of
// the path that is not described, a method and path or an operation id given twice, a schema that
// is not JSON.
Result<std::string> openapi_document(const SchemaRegistry& schema, const ApiInfo& info,
                                     std::span<const RouteDoc> routes,
                                     const std::function<bool(const MessageInfo&)>& is_public = {},
                                     std::span<const SchemaRegistry* const> row_schemas = {});

}  // namespace orderlog::codec
