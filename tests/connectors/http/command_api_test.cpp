// Commands over HTTP against a real engine: answers, refusals, repeats, versions.
#include <future>
#include <set>
#include <thread>

#include "connectors/client/event_stream.h"
#include "connectors/client/pipelined_client.h"
#include "tests/connectors/http/test_node.h"

namespace orderlog::http {
namespace {

TEST(CommandApi, AnAcceptedCommandIsAnsweredWithItsEvents) {
  TestNode node;
  auto client = node.client();
  auto response = client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"));
  ASSERT_EQ(response->status, 200) << response->body;
  EXPECT_EQ(response->header("content-type"), "application/json");
  EXPECT_EQ(response->header("etag"), "\"1\"");
  EXPECT_FALSE(response->header("idempotent-replayed").has_value());
  const auto answer = json_of(response);
  EXPECT_EQ(text_at(answer, "aggregate"), "Stock");
  EXPECT_EQ(text_at(answer, "aggregate_id"), "W1@main");
  EXPECT_EQ(answer.at("version").as_int64(), 1);
  EXPECT_EQ(text_at(answer, "position"), "0:2");  // the first event is the leader's claim
  ASSERT_EQ(answer.at("events").as_array().size(), 1U);
  const auto& event = answer.at("events").as_array()[0].as_object();
  EXPECT_EQ(text_at(event, "type"), "StockReceived");
  EXPECT_EQ(event.at("seq").as_int64(), 2);
  EXPECT_TRUE(parse_uuid(text_at(event, "event_id")).ok());
}

TEST(CommandApi, AnAnswerIsDurable) {
  TestNode node;
  auto client = node.client();
  const auto answer = json_of(client.post("/v1/commands/ReceiveStock", receive_stock("W1@main")));
  const auto position = text_at(answer, "position");
  EXPECT_GE(node.log().durable_end(PartitionId(0)).last_seq.value,
            std::stoull(position.substr(position.find(':') + 1)));
}

TEST(CommandApi, ARepeatGetsTheFirstAnswer) {
  TestNode node;
  auto client = node.client();
  const client::Headers key = {{"Idempotency-Key", "\"order 1 \\\"a\\\"\""}};
  auto first = client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"), key);
  auto second = client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"), key);
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(second->status, 200);
  EXPECT_EQ(first->body, second->body);
  EXPECT_EQ(second->header("idempotent-replayed"), "true");
  EXPECT_EQ(second->header("etag"), first->header("etag"));
  // Bare or quoted, it is the same key; another command's keys are its own.
  auto bare =
      client.post("/v1/commands/OpenTicket", open_ticket("T-1"), {{"Idempotency-Key", "k"}});
  auto quoted =
      client.post("/v1/commands/OpenTicket", open_ticket("T-1"), {{"Idempotency-Key", "\"k\""}});
  EXPECT_EQ(bare->status, 200) << bare->body;
  EXPECT_EQ(quoted->body, bare->body);
  auto other = client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"),
                           {{"Idempotency-Key", "k"}});
  EXPECT_EQ(other->status, 200);
  EXPECT_FALSE(other->header("idempotent-replayed").has_value());
}

TEST(CommandApi, AKeyWithAnotherBodyIsRefused) {
  TestNode node;
  auto client = node.client();
  const client::Headers key = {{"Idempotency-Key", "k"}};
  EXPECT_EQ(client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"), key)->status, 200);
  auto reused = client.post("/v1/commands/ReceiveStock", receive_stock("W1@main", 2'000), key);
  EXPECT_EQ(reused->status, 422);
  EXPECT_EQ(problem_code(reused), "idempotency-key-reused");
  EXPECT_FALSE(reused->header("idempotent-replayed").has_value());
}

TEST(CommandApi, AHundredOfTheSameAtOnceHaveOneEffect) {
  TestNode node;
  auto client = *client::PipelinedClient::open(node.url(), {20, 5, {}});
  std::set<std::string> bodies;
  std::size_t answered = 0;
  std::size_t replayed = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client->send({"POST",
                              "/v1/commands/ReceiveStock",
                              receive_stock("W1@main"),
                              "application/json",
                              {{"Idempotency-Key", "once"}}},
                             [&](const Result<client::Response>& response) {
                               ASSERT_TRUE(response.ok());
                               EXPECT_EQ(response->status, 200);
                               bodies.insert(response->body);
                               ++answered;
                               replayed += response->header("idempotent-replayed") ? 1 : 0;
                             }));
  }
  client->drain();
  EXPECT_EQ(answered, 100U);
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(replayed, 99U);
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq, Sequence(2));
}

TEST(CommandApi, VersionsAreChecked) {
  TestNode node;
  auto client = node.client();
  const auto receive = [&](const client::Headers& headers) {
    return client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"), headers);
  };
  EXPECT_EQ(receive({{"If-Match", "\"0\""}})->status, 200);
  EXPECT_EQ(receive({{"If-Match", "1"}})->status, 200);
  auto stale = receive({{"If-Match", "\"1\""}});
  EXPECT_EQ(stale->status, 412);
  EXPECT_EQ(problem_code(stale), "version-conflict");
  EXPECT_EQ(json_of(stale).at("current_version").as_int64(), 2);
  auto in_body =
      client.post("/v1/commands/ReceiveStock",
                  R"({"stock_item_id":"W1@main","quantity":{"milli":1},"expected_version":7})");
  EXPECT_EQ(in_body->status, 412);
}

struct BadBody {
  const char* command;
  const char* body;
  int status;
  const char* code;
  const char* pointer;
};

TEST(CommandApi, BadBodiesSayWhatIsWrongAndWhere) {
  TestNode node;
  auto client = node.client();
  const BadBody bodies[] = {
      {"ReceiveStock", "", 400, "malformed-json", ""},
      {"ReceiveStock", "{", 400, "malformed-json", ""},
      {"ReceiveStock", "[]", 422, "invalid-command", ""},
      {"ReceiveStock", "{\"stock_item_id\":\"\xff\"}", 400, "malformed-json", nullptr},
      {"NoSuchCommand", "{}", 404, "unknown-command", ""},
      {"ReceiveStock", "{}", 422, "invalid-command", "/stock_item_id"},
      {"ReceiveStock", R"({"stock_item_id":7,"quantity":{"milli":1}})", 422, "invalid-command",
       "/stock_item_id"},
      {"ReceiveStock", R"({"stock_item_id":"W@m","quantity":{"milli":1.5}})", 422,
       "invalid-command", "/quantity/milli"},
      {"ReceiveStock", R"({"stock_item_id":"W@m","quantity":{"milli":99999999999999999999}})", 422,
       "invalid-command", "/quantity/milli"},
      {"ReceiveStock", R"({"stock_item_id":"W@m","quantity":{"milli":1},"colour":"red"})", 422,
       "invalid-command", "/colour"},
      {"ReceiveStock", R"({"stock_item_id":"W@m","quantity":{"milli":1},"quantity":{"milli":2}})",
       422, "invalid-command", "/quantity"},
      {"ReceiveStock", R"({"stock_item_id":"W@m","quantity":{"milli":-1}})", 422,
       "invalid-argument", "/quantity"},
      {"ReceiveStock",
       R"({"stock_item_id":"W@m","quantity":{"milli":1},"command_id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"})",
       422, "invalid-command", "/command_id"},
      {"ReceiveStock", R"({"stock_item_id":"W@m","quantity":{"milli":1},"authority":"System"})",
       422, "invalid-command", "/authority"},
      {"ExpireHolds", R"({"stock_item_id":"W@m"})", 403, "engine-only", nullptr},
      {"ReceiveStock",
       R"({"stock_item_id":"W@m","quantity":{"milli":1},"occurred_at":"2999-01-01T00:00:00Z"})",
       422, "invalid-argument", "/occurred_at"},
      {"ResolveTicket", R"({"ticket_id":"none","resolution":"x"})", 404, "not-found", nullptr},
  };
  for (const BadBody& bad : bodies) {
    auto response = client.post("/v1/commands/" + std::string(bad.command), bad.body);
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, bad.status) << bad.body << "\n" << response->body;
    EXPECT_EQ(problem_code(response), bad.code) << bad.body;
    if (bad.pointer == nullptr) continue;
    const auto problem = json_of(response);
    ASSERT_TRUE(problem.contains("errors")) << response->body;
    EXPECT_EQ(text_at(problem.at("errors").as_array()[0].as_object(), "pointer"), bad.pointer)
        << response->body;
    EXPECT_EQ(text_at(problem, "instance"), "/v1/commands/" + std::string(bad.command));
  }
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq, Sequence(1));  // nothing changed
}

TEST(CommandApi, DeepJsonIsRefused) {
  TestNode node;
  auto client = node.client();
  const std::string deep(100'000, '[');
  EXPECT_EQ(problem_code(client.post("/v1/commands/ReceiveStock", deep)), "malformed-json");
}

TEST(CommandApi, BadHeadersAreNamed) {
  TestNode node;
  auto client = node.client();
  const client::Headers bad[] = {
      {{"Idempotency-Key", ""}},
      {{"Idempotency-Key", "\"open"}},
      {{"Idempotency-Key", "\"a\"b\""}},
      {{"Idempotency-Key", std::string(256, 'k')}},
      {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}},
      {{"If-Match", "*"}},
      {{"If-Match", "W/\"1\""}},
      {{"If-Match", "\"1\", \"2\""}},
      {{"X-Role", "King"}},
      {{"X-Authority", "System"}},
      {{"X-Actor", std::string(200, 'a')}},
      {{"X-Correlation-Id", "abc"}},
  };
  for (const client::Headers& headers : bad) {
    auto response = client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"), headers);
    EXPECT_EQ(response->status, 400) << headers[0].first << ": " << headers[0].second;
    EXPECT_EQ(problem_code(response), "invalid-header");
    EXPECT_NE(response->body.find(headers[0].first), std::string::npos) << response->body;
  }
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq, Sequence(1));
}

TEST(CommandApi, TheBodyMustBeJson) {
  TestNode node;
  auto client = node.client();
  auto form = client.request(
      {"POST", "/v1/commands/ReceiveStock", "a=b", "application/x-www-form-urlencoded", {}});
  EXPECT_EQ(form->status, 415);
  EXPECT_EQ(problem_code(form), "unsupported-media-type");
  auto charset = client.request({"POST",
                                 "/v1/commands/ReceiveStock",
                                 receive_stock("W1@main"),
                                 "Application/JSON; charset=utf-8",
                                 {}});
  EXPECT_EQ(charset->status, 200);
  auto wrong = client.get("/v1/commands/ReceiveStock");
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->header("allow"), "POST");
}

TEST(CommandApi, WhoGivesTheCommandIsInTheEvent) {
  TestNode node;
  auto client = node.client();
  const char* correlation = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  ASSERT_EQ(
      client
          .post("/v1/commands/ReceiveStock", receive_stock("W1@main"),
                {{"X-Actor", "ann"}, {"X-Role", "warehouse"}, {"X-Correlation-Id", correlation}})
          ->status,
      200);
  auto stream = client::EventStream::open(node.url(), "/v1/stream?types=StockReceived&after=start");
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  auto event = stream->next(10'000);
  ASSERT_TRUE(event.ok() && event->has_value());
  const auto envelope = boost::json::parse((*event)->data).as_object();
  EXPECT_EQ(text_at(envelope, "actor"), "ann");
  EXPECT_EQ(text_at(envelope, "role"), "Warehouse");
  EXPECT_EQ(text_at(envelope, "correlation_id"), correlation);
}

TEST(CommandApi, AFullMailboxAnswersAtOnce) {
  NodeOptions options;
  options.engine.commands_in_flight_max = 1;
  TestNode node(options);
  auto client = *client::PipelinedClient::open(node.url(), {1, 50, {}});
  std::size_t accepted = 0;
  std::size_t busy = 0;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client->send(
        {"POST", "/v1/commands/ReceiveStock", receive_stock("W1@main"), "application/json", {}},
        [&](const Result<client::Response>& response) {
          ASSERT_TRUE(response.ok());
          if (response->status == 200) return void(++accepted);
          EXPECT_EQ(response->status, 503);
          EXPECT_EQ(problem_code(response), "overloaded");
          EXPECT_EQ(response->header("retry-after"), "1");
          ++busy;
        }));
  }
  client->drain();
  EXPECT_GE(accepted, 1U);
  EXPECT_GE(busy, 1U);
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq.value, 1 + accepted);
}

TEST(CommandApi, WhatIsTooMuchForOneTurnIsRefusedAtOnceAndTheNextTurnTakesMore) {
  NodeOptions options;
  options.limits.commands_per_turn_max = 8;
  TestNode node(options);
  RawClient client(node.url());
  constexpr std::size_t sent = 40;
  std::string requests;
  for (std::size_t i = 0; i < sent; ++i) {
    requests += post("/v1/commands/ReceiveStock", receive_stock("W1@main"));
  }
  client.send(requests);
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < sent; ++i) {
    const Result<client::Response> response = client.receive();
    if (response->status == 200) {
      ++accepted;
      continue;
    }
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(problem_code(response), "overloaded");
    EXPECT_EQ(response->header("retry-after"), "1");
    ++refused;
  }
  EXPECT_GE(accepted, options.limits.commands_per_turn_max);
  EXPECT_GE(refused, 1U);
  EXPECT_EQ(node.commands_shed(), refused);
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq.value, 1 + accepted);
  client.send(post("/v1/commands/ReceiveStock", receive_stock("W1@main")));
  EXPECT_EQ(client.receive().status, 200);
}

TEST(CommandApi, WhoWaitsForEachAnswerIsNotRefusedHoweverManyComeAtOnce) {
  NodeOptions options;
  options.limits.commands_per_turn_max = 2;
  TestNode node(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 16; ++i) clients.emplace_back(node.url());
  const std::string request = post("/v1/commands/ReceiveStock", receive_stock("W1@main"));
  const auto all_are_taken = [&] {
    for (RawClient& client : clients) EXPECT_EQ(client.receive().status, 200);
  };
  for (RawClient& client : clients) client.send(request);
  all_are_taken();
  // Once more, with the loop kept from looking until all are there: one turn.
  std::promise<void> sent;
  node.server().loop().post([&] { sent.get_future().wait(); });
  for (RawClient& client : clients) client.send(request);
  sent.set_value();
  all_are_taken();
  EXPECT_EQ(node.commands_shed(), 0U);
}

}  // namespace
}  // namespace orderlog::http
