// Batches: a result for each row, in order; a bad row never stops the others.
#include <sstream>

#include "connectors/http/batch_line.h"
#include "tests/connectors/http/test_node.h"

namespace orderlog::http {
namespace {

Result<client::Response> send_batch(client::HttpClient& client, std::string_view body,
                                    client::Headers headers = {}) {
  return client.request({"POST", "/v1/commands", body, "application/x-ndjson", std::move(headers)});
}

std::vector<boost::json::object> lines_of(const Result<client::Response>& response) {
  EXPECT_TRUE(response.ok());
  EXPECT_EQ(response->status, 200) << response->body;
  EXPECT_EQ(response->header("content-type"), "application/x-ndjson");
  std::vector<boost::json::object> lines;
  std::istringstream in(response->body);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(boost::json::parse(line).as_object());
    EXPECT_EQ(lines.back().at("index").as_int64(), static_cast<std::int64_t>(lines.size() - 1));
  }
  return lines;
}

std::string row(std::string_view item, std::string_view more = {}) {
  return R"({"command":"ReceiveStock","stock_item_id":")" + std::string(item) +
         R"(","quantity":{"milli":1000})" + std::string(more) + "}\n";
}

TEST(Batch, EveryRowGetsItsResult) {
  TestNode node;
  auto client = node.client();
  const auto lines = lines_of(send_batch(client, row("A@m") + "not json\n" + "\n" +
                                                     R"({"command":"Nope"})"
                                                     "\n" +
                                                     R"({"stock_item_id":"A@m"})"
                                                     "\r\n" +
                                                     row("A@m", R"(,"expected_version":9)") +
                                                     row("A@m", R"(,"colour":1)") +
                                                     R"({"command":"OpenTicket","ticket_id":"T"})"
                                                     "\n" +
                                                     row("B@m")));
  const int expected[] = {200, 400, 404, 400, 412, 422, 422, 200};
  ASSERT_EQ(lines.size(), std::size(expected));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("status").as_int64(), expected[i]) << boost::json::serialize(lines[i]);
    EXPECT_EQ(lines[i].contains("problem"), expected[i] != 200);
  }
  EXPECT_EQ(text_at(lines[7], "aggregate_id"), "B@m");
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq, Sequence(3));
}

TEST(Batch, RowsAreDecidedInOrder) {
  NodeOptions options;
  options.limits.batch_rows_per_turn = 7;
  TestNode node(options);
  auto client = node.client();
  std::string body;
  for (int i = 0; i < 500; ++i) body += row("A@m", ",\"expected_version\":" + std::to_string(i));
  const auto lines = lines_of(send_batch(client, body));
  ASSERT_EQ(lines.size(), 500U);
  for (const auto& line : lines) {
    ASSERT_EQ(line.at("status").as_int64(), 200) << boost::json::serialize(line);
  }
}

TEST(Batch, KeysOfRowsAndOfSingleCommandsAreTheSame) {
  TestNode node;
  auto client = node.client();
  const auto single = json_of(
      client.post("/v1/commands/ReceiveStock", receive_stock("A@m"), {{"Idempotency-Key", "k-1"}}));
  const auto lines =
      lines_of(send_batch(client, R"({"command":"ReceiveStock","idempotency_key":"k-1",)" +
                                      receive_stock("A@m").substr(1) + "\n"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].at("status").as_int64(), 200);
  EXPECT_TRUE(lines[0].at("replayed").as_bool());
  EXPECT_EQ(lines[0].at("command_id"), single.at("command_id"));
  EXPECT_EQ(lines[0].at("events"), single.at("events"));
}

TEST(Batch, AKeyForTheBatchMakesItRepeatable) {
  TestNode node;
  auto client = node.client();
  const std::string body = row("A@m") + row("A@m") + row("B@m");
  const auto first = lines_of(send_batch(client, body, {{"Idempotency-Key", "batch-1"}}));
  const auto second = lines_of(send_batch(client, body, {{"Idempotency-Key", "batch-1"}}));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(first[i].contains("replayed"));
    EXPECT_TRUE(second[i].at("replayed").as_bool());
    EXPECT_EQ(second[i].at("events"), first[i].at("events"));
  }
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq, Sequence(4));
}

TEST(Batch, LimitsAndTypes) {
  NodeOptions options;
  options.limits.batch_rows_max = 3;
  TestNode node(options);
  auto client = node.client();
  ASSERT_EQ(lines_of(send_batch(client, row("A@m"))).size(), 1u);
  const auto before = node.log().durable_end(PartitionId(0)).last_seq;
  auto many = send_batch(client, row("A@m") + row("A@m") + row("A@m") + row("A@m"));
  EXPECT_EQ(many->status, 413);
  EXPECT_EQ(problem_code(many), "too-many-rows");
  EXPECT_EQ(node.log().durable_end(PartitionId(0)).last_seq, before);
  EXPECT_EQ(client.post("/v1/commands", "{}")->status, 415);
  EXPECT_EQ(send_batch(client, row("A@m"), {{"If-Match", "\"1\""}})->status, 400);
  auto empty = send_batch(client, "\n\n");
  EXPECT_EQ(empty->status, 200);
  EXPECT_EQ(empty->body, "");
}

TEST(BatchLine, CutsTheTwoMembersOut) {
  const auto line = [](std::string_view text) {
    auto read = read_batch_line(text);
    EXPECT_TRUE(read.ok()) << text << ": " << read.error().message;
    return read.ok() ? *read : BatchLine();
  };
  EXPECT_EQ(line(R"({"command":"A","x":1,"y":[1,{"command":"B"}]})").body,
            R"({"x":1,"y":[1,{"command":"B"}]})");
  EXPECT_EQ(line(R"({"x":"a,}\"","command":"A"})").body, R"({"x":"a,}\""})");
  EXPECT_EQ(line(R"( { "a" : 1 , "command" : "A" , "idempotency_key" : "k\"1" } )").body,
            R"({"a" : 1 })");
  EXPECT_EQ(*line(R"({"command":"A","idempotency_key":"k\"1"})").idempotency_key, "k\"1");
  EXPECT_EQ(line(R"({"command":"A"})").body, "{}");
  EXPECT_EQ(line(R"({"command":"A"})").command, "A");
}

TEST(BatchLine, RefusesWhatIsNoObject) {
  for (const char* text :
       {"", "[]", "{", "{}", "{\"command\"}", "{\"command\":}", "{\"command\":7}",
        "{\"command\":\"A\"} x", "{\"command\":\"A\",}", "{\"command\":\"A\" \"b\":1}",
        "{\"command\":\"A\",\"command\":\"B\"}", "{\"command\":\"A", "{\"command\":\"A\",\"x\":[}",
        "{\"command\":\"A\",\"x\":\"\\", "nonsense"}) {
    EXPECT_FALSE(read_batch_line(text).ok()) << text;
  }
}

}  // namespace
}  // namespace orderlog::http
