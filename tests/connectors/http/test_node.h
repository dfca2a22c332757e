// A whole node on a free port: embedded log in a directory of its own, engine, read models, all
// routes; and small helpers to talk JSON to it.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/http/command_api.h"
#include "connectors/http/query_api.h"
#include "connectors/http/stream_api.h"
#include "connectors/http/system_api.h"
#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/log/embedded_log.h"
#include "projections/runner/runner.h"
#include "tests/connectors/http/test_server.h"

namespace orderlog::http {

struct NodeOptions {
  std::uint32_t partitions = 1;
  HttpLimits limits;
  runtime::EngineLimits engine;
};

class TestNode {
 public:
  explicit TestNode(NodeOptions options = {});
  ~TestNode();

  std::string url() const { return server_->url(); }
  client::HttpClient client() const { return server_->client(); }
  TestServer& server() { return *server_; }
  log::EmbeddedLog& log() { return *log_; }
  std::uint64_t commands_shed() const { return command_api_->shed(); }
  StreamStats streams() const { return stream_api_->stats(); }
  runtime::EngineStats engine() const { return engine_->stats(); }

 private:
  std::string directory_;
  WallClock clock_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<runtime::StateStore> state_;
  std::unique_ptr<projections::Runner> runner_;
  std::unique_ptr<runtime::Engine> engine_;
  std::unique_ptr<CommandApi> command_api_;
  std::unique_ptr<QueryApi> query_api_;
  std::unique_ptr<StreamApi> stream_api_;
  std::unique_ptr<SystemApi> system_api_;
  std::unique_ptr<TestServer> server_;
};

inline boost::json::object json_of(const Result<client::Response>& response) {
  EXPECT_TRUE(response.ok()) << response.error().message;
  if (!response.ok()) return {};
  boost::system::error_code malformed;
  auto value = boost::json::parse(response->body, malformed);
  EXPECT_FALSE(malformed) << response->body;
  EXPECT_TRUE(value.is_object()) << response->body;
  return value.is_object() ? value.get_object() : boost::json::object();
}
inline std::string text_at(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}
// "insufficient-stock" of a problem.
inline std::string problem_code(const Result<client::Response>& response) {
  EXPECT_TRUE(response.ok() && response->header("content-type") == "application/problem+json");
  const auto object = json_of(response);
  EXPECT_EQ(object.at("status").as_int64(), response->status);
  const std::string type = text_at(object, "type");
  return type.substr(type.rfind(':') + 1);
}

inline std::string receive_stock(std::string_view item, int milli = 1'000) {
  return R"({"stock_item_id":")" + std::string(item) + R"(","quantity":{"milli":)" +
         std::to_string(milli) + "}}";
}
inline std::string open_ticket(std::string_view id) {
  return R"({"ticket_id":")" + std::string(id) +
         R"(","customer_id":"C-1","kind":"Complaint","priority":"High","subject":"It squeaks"})";
}

}  // namespace orderlog::http
