// The live feed: live, from the start, resumed, filtered; and clients that don't read.
#include <set>

#include "connectors/client/event_stream.h"
#include "tests/connectors/http/test_node.h"

namespace orderlog::http {
namespace {

std::uint64_t seq_of(const client::ServerEvent& event) {
  return boost::json::parse(event.data).as_object().at("seq").to_number<std::uint64_t>();
}

// Reads `count` events and expects their sequences to go on from `from` without a gap.
void expect_sequence(client::EventStream& stream, std::uint64_t from, std::uint64_t count) {
  for (std::uint64_t seq = from; seq < from + count; ++seq) {
    auto event = stream.next(20'000);
    ASSERT_TRUE(event.ok()) << event.error().message;
    ASSERT_TRUE(event->has_value()) << "nothing came after " << seq - 1;
    ASSERT_EQ(seq_of(**event), seq);
    ASSERT_EQ((*event)->id, "0:" + std::to_string(seq));
  }
}

void receive_many(TestNode& node, int count) {
  auto client = node.client();
  std::string body;
  for (int i = 0; i < count; ++i) {
    body += R"({"command":"ReceiveStock",)" + receive_stock("W1@main").substr(1) + "\n";
  }
  auto response = client.request({"POST", "/v1/commands", body, "application/x-ndjson", {}});
  ASSERT_EQ(response->status, 200);
}

void wait_for_streams(TestNode& node, std::uint64_t count) {
  while (node.streams().streams != count) std::this_thread::yield();
}

TEST(StreamApi, SeesWhatHappensFromNowOn) {
  TestNode node;
  receive_many(node, 5);
  auto client = node.client();
  const auto applied = text_at(
      json_of(client.post("/v1/commands/ReceiveStock", receive_stock("W1@main"))), "position");
  ASSERT_EQ(client.get("/v1/reports/ticket_sla?min_position=" + applied)->status, 200);
  auto stream = client::EventStream::open(node.url(), "/v1/stream");
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  // The first thing that a stream says is where it begins.
  while (stream->last_event_id().empty()) ASSERT_TRUE(stream->next(10).ok());
  receive_many(node, 50);
  expect_sequence(*stream, 8, 50);
}

TEST(StreamApi, GoesOnWhereItStopped) {
  TestNode node;
  receive_many(node, 300);
  std::string last;
  {
    auto stream = client::EventStream::open(node.url(), "/v1/stream?after=start");
    ASSERT_TRUE(stream.ok());
    expect_sequence(*stream, 1, 120);
    last = "0:120";
  }
  receive_many(node, 100);
  auto stream = client::EventStream::open(node.url(), "/v1/stream", last);
  ASSERT_TRUE(stream.ok());
  expect_sequence(*stream, 121, 281);
  receive_many(node, 10);  // and live from there
  expect_sequence(*stream, 402, 10);
}

TEST(StreamApi, NothingIsLostWhileOneCatchesUp) {
  NodeOptions options;
  options.limits.stream_catch_up_bytes = 4'096;  // many small steps, overtaken by new events
  TestNode node(options);
  receive_many(node, 500);
  auto early = client::EventStream::open(node.url(), "/v1/stream?after=start");
  ASSERT_TRUE(early.ok());
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) receive_many(node, 25);
  });
  expect_sequence(*early, 1, 1'001);
  writer.join();
}

TEST(StreamApi, PartitionsAreResumedEachWhereItWas) {
  NodeOptions options;
  options.partitions = 4;
  TestNode node(options);
  auto client = node.client();
  const auto place = [&](int from, int count) {
    for (int i = from; i < from + count; ++i) {
      const std::string item = "W" + std::to_string(i) + "@main";
      ASSERT_EQ(client.post("/v1/commands/ReceiveStock", receive_stock(item))->status, 200);
    }
  };
  place(0, 60);
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  std::string last = "start";
  for (int round = 0; round < 4; ++round) {
    auto stream = round == 0 ? client::EventStream::open(node.url(), "/v1/stream?after=start")
                             : client::EventStream::open(node.url(), "/v1/stream", last);
    ASSERT_TRUE(stream.ok());
    for (int i = 0; i < 16; ++i) {
      auto event = stream->next(20'000);
      ASSERT_TRUE(event.ok() && event->has_value()) << round << " " << i;
      const auto envelope = boost::json::parse((*event)->data).as_object();
      EXPECT_TRUE(
          seen.emplace(envelope.at("partition").as_int64(), envelope.at("seq").as_int64()).second);
      last = (*event)->id;
    }
  }
  EXPECT_EQ(seen.size(), 64U);  // 60 receipts and 4 claims
}

TEST(StreamApi, GivesOnlyWhatWasAskedFor) {
  TestNode node;
  auto client = node.client();
  auto live = client::EventStream::open(node.url(), "/v1/stream?types=TicketOpened,TicketClosed");
  ASSERT_TRUE(live.ok());
  while (live->last_event_id().empty()) ASSERT_TRUE(live->next(10).ok());
  receive_many(node, 5);
  ASSERT_EQ(client.post("/v1/commands/OpenTicket", open_ticket("T-1"))->status, 200);
  receive_many(node, 5);
  auto event = live->next(10'000);
  ASSERT_TRUE(event.ok() && event->has_value());
  EXPECT_EQ(text_at(boost::json::parse((*event)->data).as_object(), "type"), "TicketOpened");
  auto past = client::EventStream::open(node.url(), "/v1/stream?types=TicketOpened&after=0:1");
  ASSERT_TRUE(past.ok());
  auto again = past->next(10'000);
  ASSERT_TRUE(again.ok() && again->has_value());
  EXPECT_EQ((*again)->data, (*event)->data);
  auto alerts = client::EventStream::open(node.url(), "/v1/stream?alerts=true&after=start");
  ASSERT_TRUE(alerts.ok());
  auto none = alerts->next(300);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  EXPECT_NE(alerts->last_event_id(), "");
}

TEST(StreamApi, BadQuestionsAreRefused) {
  TestNode node;
  auto client = node.client();
  for (const char* query :
       {"types=Nothing", "types=", "alerts=maybe", "types=TicketOpened&alerts=true",
        "after=0:99999", "after=7:1", "after=x", "colour=red"}) {
    auto response = client.get("/v1/stream?" + std::string(query));
    EXPECT_EQ(response->status, 400) << query;
    EXPECT_EQ(problem_code(response), "invalid-parameter");
  }
}

TEST(StreamApi, TheNumberOfStreamsIsBounded) {
  NodeOptions options;
  options.limits.streams_max = 2;
  TestNode node(options);
  auto one = client::EventStream::open(node.url(), "/v1/stream");
  {
    auto two = client::EventStream::open(node.url(), "/v1/stream");
    wait_for_streams(node, 2);
    auto refused = node.client().get("/v1/stream");
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(problem_code(refused), "overloaded");
  }
  wait_for_streams(node, 1);
  EXPECT_TRUE(client::EventStream::open(node.url(), "/v1/stream").ok());
}

TEST(StreamApi, AClientThatDoesNotReadIsDropped) {
  NodeOptions options;
  options.limits.stream_buffer_bytes_max = 200'000;
  options.limits.write_stall_seconds_max = 3'600;  // so that only the bound can end it
  TestNode node(options);
  RawClient idle(node.url());
  idle.send(get("/v1/stream"));
  wait_for_streams(node, 1);
  for (int i = 0; i < 200 && node.streams().streams > 0; ++i) receive_many(node, 500);
  wait_for_streams(node, 0);
}

TEST(StreamApi, BeatsWhileNothingHappens) {
  NodeOptions options;
  options.limits.stream_heartbeat_seconds = 1;
  TestNode node(options);
  RawClient client(node.url());
  client.send(get("/v1/stream"));
  std::string text;
  client.ends(&text, 2'500);
  EXPECT_NE(text.find("retry: 2000\n\n"), std::string::npos);
  EXPECT_NE(text.find(":\nid: 0:1\n\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace orderlog::http
