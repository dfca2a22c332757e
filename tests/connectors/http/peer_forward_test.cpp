// A client of one node gives a command that another node leads: it hears what it would have heard
// there.
#include <map>
#include <set>
#include <sstream>

#include "connectors/client/pipelined_client.h"
#include "connectors/http/problem.h"
#include "tests/connectors/http/test_cluster.h"

namespace orderlog::http {
namespace {

constexpr const char* receive_path = "/v1/commands/ReceiveStock";

ClusterNodeOptions quick() {
  ClusterNodeOptions options;
  options.forwarder.request_timeout_ms = 300;
  return options;
}

std::vector<boost::json::object> lines_of(const Result<client::Response>& response) {
  EXPECT_TRUE(response.ok() && response->status == 200);
  std::vector<boost::json::object> lines;
  std::istringstream in(response.ok() ? response->body : "");
  for (std::string line; std::getline(in, line);) {
    lines.push_back(boost::json::parse(line).as_object());
  }
  return lines;
}

std::string row(std::string_view item, std::string_view more = {}) {
  return R"({"command":"ReceiveStock","stock_item_id":")" + std::string(item) +
         R"(","quantity":{"milli":1000})" + std::string(more) + "}\n";
}

std::uint64_t events_on(log::MemoryLog& log, std::uint32_t partition) {
  return log.durable_end(PartitionId(partition)).last_seq.value;
}

TEST(Forwarding, AnAcceptedCommandIsAnsweredAsByItsLeader) {
  TestCluster cluster;
  auto client = cluster.first->client();
  const client::Headers fields = {{"Idempotency-Key", "k"}, {"X-Actor", "ann"}};
  const auto response = client.post(receive_path, receive_stock(item_on(1)), fields);
  ASSERT_EQ(response->status, 200) << response->body;
  EXPECT_EQ(response->header("content-type"), "application/json");
  EXPECT_EQ(response->header("etag"), "\"1\"");
  EXPECT_FALSE(response->header("idempotent-replayed").has_value());
  const auto answer = json_of(response);
  EXPECT_EQ(text_at(answer, "aggregate"), "Stock");
  EXPECT_EQ(text_at(answer, "aggregate_id"), item_on(1));
  EXPECT_EQ(text_at(answer, "position"), "1:2");  // behind the leader's claim
  EXPECT_EQ(text_at(answer.at("events").as_array().at(0).as_object(), "type"), "StockReceived");

  // From either node it is the same command.
  auto there = cluster.second->client();
  const auto repeated = there.post(receive_path, receive_stock(item_on(1)), fields);
  EXPECT_EQ(repeated->status, 200);
  EXPECT_EQ(repeated->header("idempotent-replayed"), "true");
  EXPECT_EQ(repeated->body, response->body);
  const auto again = client.post(receive_path, receive_stock(item_on(1)), fields);
  EXPECT_EQ(again->header("idempotent-replayed"), "true");
  EXPECT_EQ(again->header("etag"), "\"1\"");
  EXPECT_EQ(again->body, response->body);
  EXPECT_EQ(events_on(*cluster.log, 1), 2U);

  const auto stats = cluster.first->forwarder().stats();
  EXPECT_EQ(stats.forwarded, 2U);
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.peers, 1U);
  EXPECT_EQ(cluster.second->peer_api().commands, 2U);
}

TEST(Forwarding, WhatANodeLeadsItDecidesItself) {
  TestCluster cluster;
  EXPECT_EQ(cluster.first->client().post(receive_path, receive_stock(item_on(0)))->status, 200);
  EXPECT_EQ(cluster.first->forwarder().stats().requests, 0U);
  EXPECT_EQ(cluster.second->peer_api().requests, 0U);
}

TEST(Forwarding, RefusalsComeThroughWithTheirReasons) {
  TestCluster cluster;
  auto client = cluster.first->client();
  const std::string item = item_on(1);
  const std::string block = R"({"stock_item_id":")" + item_on(1, 1) + R"(","reason":"count"})";
  ASSERT_EQ(client.post("/v1/commands/BlockStock", block)->status, 200);
  const auto twice = client.post("/v1/commands/BlockStock", block);
  EXPECT_EQ(twice->status, 409);
  EXPECT_EQ(problem_code(twice), "invalid-transition");

  const auto negative = client.post(receive_path, receive_stock(item, -5));
  const auto there = cluster.second->client().post(receive_path, receive_stock(item, -5));
  EXPECT_EQ(negative->status, there->status);
  EXPECT_EQ(problem_code(negative), problem_code(there));
  const auto is = json_of(negative);
  const auto was = json_of(there);
  EXPECT_EQ(is.at("detail"), was.at("detail"));
  ASSERT_TRUE(was.contains("errors")) << there->body;
  EXPECT_EQ(is.at("errors"), was.at("errors"));
  EXPECT_EQ(is.at("instance"), was.at("instance"));

  ASSERT_EQ(client.post(receive_path, receive_stock(item), {{"If-Match", "0"}})->status, 200);
  const auto stale = client.post(receive_path, receive_stock(item), {{"If-Match", "\"7\""}});
  EXPECT_EQ(stale->status, 412);
  EXPECT_EQ(problem_code(stale), "version-conflict");
  EXPECT_EQ(json_of(stale).at("current_version").as_int64(), 1);

  const client::Headers key = {{"Idempotency-Key", "k"}};
  ASSERT_EQ(client.post(receive_path, receive_stock(item), key)->status, 200);
  const auto reused = client.post(receive_path, receive_stock(item, 2'000), key);
  EXPECT_EQ(reused->status, 422);
  EXPECT_EQ(problem_code(reused), "idempotency-key-reused");
}

TEST(Forwarding, RowsOfABatchGoWhereTheyBelongAndComeBackInOrder) {
  ClusterNodeOptions options;
  options.limits.batch_rows_per_turn = 7;
  TestCluster cluster(options);
  auto client = cluster.first->client();
  std::string body;
  constexpr int rows = 400;
  for (int i = 0; i < rows; ++i) {
    // In order on each item, or the version does not fit.
    body += row(item_on(static_cast<std::uint32_t>(i % 2)),
                ",\"expected_version\":" + std::to_string(i / 2));
    if (i == rows / 2) body += "not json\n" + row(item_on(1), R"(,"expected_version":9999)");
  }
  const auto lines =
      lines_of(client.request({"POST", "/v1/commands", body, "application/x-ndjson", {}}));
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(rows + 2));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("index").as_int64(), static_cast<std::int64_t>(i));
    const int expected = i == rows / 2 + 1 ? 400 : i == rows / 2 + 2 ? 412 : 200;
    ASSERT_EQ(lines[i].at("status").as_int64(), expected) << boost::json::serialize(lines[i]);
  }
  EXPECT_EQ(cluster.second->peer_api().commands, static_cast<std::uint64_t>(rows / 2 + 1));
  EXPECT_LT(cluster.first->forwarder().stats().requests, 100U);
}

TEST(Forwarding, WhereNobodyLeadsNothingIsDecided) {
  const auto log = shared_log();
  ClusterNode node(*log);
  auto client = node.client();
  const auto refused = client.post(receive_path, receive_stock(item_on(1)));
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(problem_code(refused), "not-leading");
  EXPECT_EQ(refused->header("retry-after"), "1");
  const auto lines = lines_of(
      client.request({"POST", "/v1/commands", row(item_on(1)), "application/x-ndjson", {}}));
  EXPECT_EQ(lines.at(0).at("status").as_int64(), 503);
  EXPECT_EQ(events_on(*log, 1), 0U);
  EXPECT_EQ(node.forwarder().stats().requests, 0U);
}

TEST(Forwarding, WithoutAForwarderTheClientIsToldWhoLeads) {
  const auto log = shared_log();
  ClusterNodeOptions options;
  options.forwards = false;
  ClusterNode node(*log, options);
  ClusterNode leader(*log);
  leader.take(1);
  node.see(leader, 1);
  const auto refused = node.client().post(receive_path, receive_stock(item_on(1)));
  EXPECT_EQ(problem_code(refused), "not-leading");
  EXPECT_EQ(text_at(json_of(refused), "detail"), "partition 1 is led by " + leader.address());
}

TEST(Forwarding, ALeaderThatIsGoneHasDecidedNothing) {
  TestCluster cluster;
  auto client = cluster.first->client();
  ASSERT_EQ(client.post(receive_path, receive_stock(item_on(1)))->status, 200);
  const auto before = events_on(*cluster.log, 1);
  cluster.second.reset();
  // The first finds a connection closed that it had kept: what it sent there may have arrived.
  EXPECT_EQ(client.post(receive_path, receive_stock(item_on(1)))->status, 503);
  const auto refused = client.post(receive_path, receive_stock(item_on(1)));
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(problem_code(refused), "not-leading");
  EXPECT_EQ(refused->header("retry-after"), "1");
  EXPECT_EQ(events_on(*cluster.log, 1), before);
  EXPECT_GE(cluster.first->forwarder().stats().failed, 1U);

  // Somebody else takes over, on another port.
  ClusterNode heir(*cluster.log);
  heir.take(1);
  cluster.first->see(heir, 1);
  EXPECT_EQ(client.post(receive_path, receive_stock(item_on(1)))->status, 200);
}

// The leader's address is somebody's who does as the test says.
struct StrangeLeader {
  explicit StrangeLeader(const std::string& address) {
    ClusterNodeOptions claiming;
    claiming.advertised_address = address;
    claims = std::make_unique<ClusterNode>(*log, claiming);
    asks = std::make_unique<ClusterNode>(*log, quick());
    claims->take(1);
    asks->see(*claims, 1);
  }
  Result<client::Response> ask(client::Headers headers = {}) {
    return asks->client().post(receive_path, receive_stock(item_on(1)), std::move(headers));
  }

  std::unique_ptr<log::MemoryLog> log = shared_log();
  std::unique_ptr<ClusterNode> claims;
  std::unique_ptr<ClusterNode> asks;
};

TEST(Forwarding, ALeaderThatNeverAnswersLeavesTheOutcomeUnknown) {
  DeafServer deaf;
  StrangeLeader cluster(deaf.address());
  const auto unknown = cluster.ask();
  EXPECT_EQ(unknown->status, 503);
  EXPECT_EQ(problem_code(unknown), "unknown-outcome");
  EXPECT_EQ(cluster.asks->forwarder().stats().unknown, 1U);
}

TEST(Forwarding, AnAnswerOfSomethingElseSaysNothing) {
  Reply reply{503, "text/plain", "upstream connect error", {}};
  TestServer proxy([&](Router& router, EventLoop&) {
    router.add(Method::Post, "/v1/peer/commands",
               [&](const Request&, const Responder& responder) { responder.send(reply); });
  });
  StrangeLeader cluster(proxy.url().substr(std::string_view("http://").size()));
  EXPECT_EQ(problem_code(cluster.ask()), "unknown-outcome");
  for (const int status : {200, 404, 500, 502}) {
    reply.status = status;
    EXPECT_EQ(problem_code(cluster.ask()), "unknown-outcome") << status;
  }
  reply = {502, problem_content_type, R"({"type":"about:blank"})", {}};
  EXPECT_EQ(problem_code(cluster.ask()), "unknown-outcome");
}

TEST(Forwarding, AProblemOfANodeMeansThatNothingWasDecided) {
  ProblemType type = ProblemType::Overloaded;
  TestServer node([&](Router& router, EventLoop&) {
    router.add(Method::Post, "/v1/peer/commands", [&](const Request&, const Responder& responder) {
      Problem problem;
      problem.type = type;
      send_problem(responder, problem);
    });
  });
  StrangeLeader cluster(node.url().substr(std::string_view("http://").size()));
  const std::map<ProblemType, std::string> expected = {
      {ProblemType::Overloaded, "overloaded"},
      {ProblemType::ShuttingDown, "shutting-down"},
      {ProblemType::NotLeading, "not-leading"},
      {ProblemType::NoSuchRoute, "not-leading"},
      {ProblemType::MalformedFlatbuffer, "not-leading"}};
  for (const auto& [told, code] : expected) {
    type = told;
    const auto response = cluster.ask();
    EXPECT_EQ(problem_code(response), code);
    EXPECT_EQ(response->header("retry-after"), "1");
  }
}

TEST(Forwarding, ANodeOfAnotherLogDecidesNothing) {
  const auto log = shared_log();
  ClusterNodeOptions other;
  other.log = "somebody else's orders";
  ClusterNode leader(*log, other);
  ClusterNode node(*log);
  leader.take(1);
  node.see(leader, 1);
  EXPECT_EQ(problem_code(node.client().post(receive_path, receive_stock(item_on(1)))),
            "not-leading");
  EXPECT_EQ(leader.engine().commands_accepted, 0U);
}

TEST(Forwarding, AThousandAtOnceArriveOnceEachAndTravelTogether) {
  constexpr int commands = 1'000;
  ClusterNodeOptions options;
  options.limits.commands_per_turn_max = commands;  // they may all be ready in one
  TestCluster cluster(options);
  auto client = *client::PipelinedClient::open(cluster.first->server().url(), {20, 50, {}});
  std::set<std::int64_t> versions;
  for (int i = 0; i < commands; ++i) {
    const std::string key = "k" + std::to_string(i);
    ASSERT_TRUE(client->send({"POST",
                              receive_path,
                              receive_stock(item_on(1)),
                              "application/json",
                              {{"Idempotency-Key", key}}},
                             [&](const Result<client::Response>& response) {
                               ASSERT_TRUE(response.ok());
                               ASSERT_EQ(response->status, 200) << response->body;
                               versions.insert(json_of(response).at("version").as_int64());
                             }));
  }
  client->drain();
  EXPECT_EQ(versions.size(), static_cast<std::size_t>(commands));
  EXPECT_EQ(*versions.rbegin(), commands);
  EXPECT_EQ(events_on(*cluster.log, 1), static_cast<std::uint64_t>(commands) + 1);
  const auto stats = cluster.first->forwarder().stats();
  EXPECT_EQ(stats.forwarded, static_cast<std::uint64_t>(commands));
  EXPECT_LT(stats.requests, static_cast<std::uint64_t>(commands) / 2);
  EXPECT_EQ(stats.queued, 0U);
}

// Each forwards to the other at the same time: nobody waits for somebody who waits.
TEST(Forwarding, BothWaysAtOnce) {
  TestCluster cluster;
  std::vector<std::thread> clients;
  for (ClusterNode* node : {cluster.first.get(), cluster.second.get()}) {
    clients.emplace_back([node] {
      auto client = *client::PipelinedClient::open(node->server().url(), {4, 16, {}});
      std::size_t accepted = 0;
      for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(client->send(
            {"POST",
             receive_path,
             receive_stock(item_on(static_cast<std::uint32_t>(i % 2))),
             "application/json",
             {}},
            [&](const auto& response) { accepted += response.ok() && response->ok() ? 1 : 0; }));
      }
      client->drain();
      EXPECT_EQ(accepted, 500U);
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(events_on(*cluster.log, 0), 501U);
  EXPECT_EQ(events_on(*cluster.log, 1), 501U);
}

// A product's answer waits for the copies on all partitions, and nobody leads one of them.
TEST(Forwarding, OneSlowCommandDoesNotMakeTheOthersUnknown) {
  const auto log = shared_log();
  ClusterNodeOptions options;
  options.limits.peer_answer_ms_max = 200;
  ClusterNode leader(*log, options);
  ClusterNode node(*log, options);
  leader.take(1);
  node.see(leader, 1);
  std::string product;
  for (int i = 0; product.empty() || partition_of(product, cluster_partitions) != PartitionId(1);
       ++i) {
    product = "P" + std::to_string(i);
  }
  const std::string define = R"({"command":"DefineProduct","product_id":")" + product +
                             R"(","profile":{"name":"Tea"}})" + "\n";
  const auto lines = lines_of(node.client().request({"POST",
                                                     "/v1/commands",
                                                     row(item_on(1)) + define + row(item_on(1)),
                                                     "application/x-ndjson",
                                                     {{"X-Role", "Admin"}}}));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].at("status").as_int64(), 200) << boost::json::serialize(lines[0]);
  EXPECT_EQ(lines[2].at("status").as_int64(), 200) << boost::json::serialize(lines[2]);
  EXPECT_EQ(lines[1].at("status").as_int64(), 503);
  EXPECT_EQ(text_at(lines[1].at("problem").as_object(), "type"),
            "urn:orderlog:problem:unknown-outcome");
  EXPECT_EQ(leader.peer_api().commands_late, 1U);
}

}  // namespace
}  // namespace orderlog::http
