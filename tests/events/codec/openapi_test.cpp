// The API's description is whole: every reference leads somewhere, ids are unique, and it says what
// the reader demands.
#include "events/codec/openapi.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <string>

#include "events/codec/json_reader.h"

namespace orderlog::codec {
namespace {

namespace json = boost::json;

const SchemaRegistry& registry() { return SchemaRegistry::builtin(); }

std::vector<RouteDoc> some_routes() {
  RouteDoc order;
  order.path = "/v1/orders/{id}";
  order.summary = "One order";
  order.params = {{.name = "id", .place = ParamPlace::Path},
                  {.name = "min_position", .type = ParamType::Integer}};
  order.response_table = "OrderState";
  RouteDoc stream;
  stream.path = "/v1/stream";
  stream.answer = AnswerShape::Stream;
  stream.response_table = "Envelope";
  RouteDoc orders;
  orders.path = "/v1/orders";
  orders.operation_id = "list_orders";
  orders.answer = AnswerShape::Page;
  orders.response_table = "OrderState";
  orders.params = {{.name = "payment", .allowed = {"paid", "unpaid"}}};
  RouteDoc live;
  live.path = "/livez";
  live.answer = AnswerShape::Text;
  return {order, stream, orders, live};
}

json::value document(const std::vector<RouteDoc>& routes, const ApiInfo& info = {}) {
  const Result<std::string> text = openapi_document(registry(), info, routes);
  EXPECT_TRUE(text.ok()) << text.error().message;
  return json::parse(text.ok() ? *text : "{}");
}

void collect_references(const json::value& value, std::set<std::string>& found) {
  if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      if (key == "$ref") found.insert(std::string(member.as_string()));
      collect_references(member, found);
    }
  } else if (const auto* array = value.if_array()) {
    for (const json::value& element : *array) collect_references(element, found);
  }
}

TEST(OpenApi, EveryReferenceLeadsToAComponentAndEveryComponentIsWhole) {
  const json::value whole = document(some_routes());
  std::set<std::string> references;
  collect_references(whole, references);
  EXPECT_GT(references.size(), 200U);
  const json::object& schemas = whole.at("components").at("schemas").as_object();
  for (const std::string& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/components/schemas/")) << reference;
    const json::value* component = schemas.if_contains(reference.substr(21));
    ASSERT_NE(component, nullptr) << reference;
    EXPECT_TRUE(component->is_object()) << reference;
  }
}

TEST(OpenApi, EveryCommandHasAPathAndEveryOperationItsOwnId) {
  const json::value whole = document(some_routes());
  std::set<std::string> ids;
  std::size_t operations = 0;
  for (const auto& [path, item] : whole.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      ++operations;
      EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second) << path;
      EXPECT_FALSE(operation.at("responses").as_object().empty()) << path;
    }
  }
  EXPECT_EQ(operations, registry().commands().size() + some_routes().size());
  for (const MessageInfo& command : registry().commands()) {
    const std::string path = "/v1/commands/" + std::string(command.name);
    const json::value& operation = whole.at("paths").at(path).at("post");
    EXPECT_EQ(operation.at("requestBody").at("required"), true);
    EXPECT_EQ(operation.at("parameters").as_array().size(), 2U);
    EXPECT_TRUE(operation.at("responses")
                    .at("422")
                    .at("content")
                    .as_object()
                    .contains("application/problem+json"));
  }
}

TEST(OpenApi, SaysWhatTheReaderDemands) {
  const json::value whole = document({});
  const json::object& schemas = whole.at("components").at("schemas").as_object();
  const json::object& line = schemas.at("OrderLineRequest").as_object();
  EXPECT_EQ(line.at("required"), (json::array{"product_id", "quantity"}));
  const json::object& money = schemas.at("Money").as_object();
  EXPECT_EQ(money.at("required"), (json::array{"minor", "currency"}));
  const json::value& day = schemas.at("OrderHeader").at("properties").at("requested_date");
  EXPECT_EQ(day.at("format"), "date");
  EXPECT_EQ(day.at("type"), (json::array{"string", "null"}));
  EXPECT_EQ(schemas.at("SubmitOrder").at("properties").at("order_id").at("maxLength"),
            composed_id_length_max);
  EXPECT_EQ(schemas.at("ExchangeRate").at("properties").at("at").at("format"), "date-time");
  EXPECT_EQ(schemas.at("Grade").at("enum").as_array().front(), "Unrated");
  EXPECT_TRUE(schemas.at("CommandMembers").at("properties").as_object().contains("occurred_at"));
  const json::value& extend =
      whole.at("paths").at("/v1/commands/ExtendQuote").at("post").at("requestBody");
  EXPECT_NE(json::serialize(extend).find(R"({"required":["valid_until"]})"), std::string::npos);
  EXPECT_NE(json::serialize(extend).find(R"("unevaluatedProperties":false)"), std::string::npos);
}

TEST(OpenApi, RoutesAndTheirParameters) {
  const json::value whole = document(some_routes());
  const json::value& order = whole.at("paths").at("/v1/orders/{id}").at("get");
  EXPECT_EQ(order.at("operationId"), "get_v1_orders_id");
  EXPECT_EQ(order.at("parameters").at(0).at("required"), true);
  EXPECT_EQ(order.at("parameters").at(1).at("schema").at("type"), "integer");
  const json::value& page = whole.at("paths").at("/v1/orders").at("get");
  EXPECT_EQ(page.at("operationId"), "list_orders");
  EXPECT_NE(json::serialize(page).find("has_more"), std::string::npos);
  EXPECT_NE(json::serialize(page).find(R"("enum":["paid","unpaid"])"), std::string::npos);
  const json::value& stream = whole.at("paths").at("/v1/stream").at("get");
  EXPECT_TRUE(
      stream.at("responses").at("200").at("content").as_object().contains("text/event-stream"));
}

TEST(OpenApi, OnlyPublicCommandsAreShown) {
  const auto text = openapi_document(
      registry(), {}, {}, [](const MessageInfo& command) { return command.name == "SubmitOrder"; });
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(json::parse(*text).at("paths").as_object().size(), 1U);
}

TEST(OpenApi, ACommandsAnswerMayBeDescribed) {
  ApiInfo info;
  info.extra_schemas = {{"CommandAnswer", R"({"type":"object","required":["version"]})"}};
  info.command_answer = "CommandAnswer";
  const json::value whole = document({}, info);
  const json::value& submit = whole.at("paths").at("/v1/commands/SubmitOrder").at("post");
  EXPECT_NE(json::serialize(submit).find("#/components/schemas/CommandAnswer"), std::string::npos);
  EXPECT_TRUE(whole.at("components").at("schemas").as_object().contains("CommandAnswer"));
}

TEST(OpenApi, MistakesInTheListAreErrors) {
  const auto fails = [](RouteDoc route, const ApiInfo& info = {}) {
    const std::vector<RouteDoc> routes = {std::move(route)};
    const auto text = openapi_document(registry(), info, routes);
    return !text.ok() && text.error().code == ErrorCode::InvalidArgument;
  };
  RouteDoc good = some_routes()[0];
  EXPECT_FALSE(fails(good));
  RouteDoc bad = good;
  bad.response_table = "NoSuchRow";
  EXPECT_TRUE(fails(bad));
  bad = good;
  bad.params.clear();
  EXPECT_TRUE(fails(bad));
  bad = good;
  bad.path = "/v1/orders";
  EXPECT_TRUE(fails(bad));
  bad = good;
  bad.operation_id = "SubmitOrder";
  EXPECT_TRUE(fails(bad));
  ApiInfo info;
  info.extra_schemas = {{"Broken", "{"}};
  EXPECT_TRUE(fails(good, info));
  const std::vector<RouteDoc> twice = {good, good};
  EXPECT_FALSE(openapi_document(registry(), {}, twice).ok());
}

}  // namespace
}  // namespace orderlog::codec
