// Commands from other programs, through the inbox topic: Debian's kcat and the producer out of the
// broker's own artefacts. Each takes effect once, what cannot be taken is parked with its reason,
// what lies in another partition's inbox is moved, and a restart reads nothing again.
#include "tests/events/kafka/raw_topic.h"
#include "tests/ops/kafka/inbox_topic.h"

namespace orderlog::test {
namespace {

TEST_F(InboxTopic, TakesCommandsOfOtherProgramsOnceAndParksTheRest) {
  ServerProcess server(data(), node());
  ASSERT_TRUE(started(server)) << server.output();
  std::vector<std::string> values;
  for (int i = 0; i < 30; ++i) {
    values.push_back(receive_event(i, "SKU" + std::to_string(i % 5) + "@MAIN"));
  }
  send_with_kcat(values);
  send_with_kcat(values);  // all of them again
  send_with_kcat(
      {"not a command",
       R"({"specversion":"1.0","id":"x","source":"/wms","type":"NoSuchThing","data":{}})"});
  send(std::string(ORDERLOG_SOURCE_DIR) + "/ops/kafka/tool console-producer --bootstrap-server " +
           log::test::kafka_bootstrap() + " --topic " + topic(),
       {receive_event(100, "JAVA@MAIN"), receive_event(101, "JAVA@MAIN")});
  for (int i = 0; i < 5; ++i) {
    const std::string item = "SKU" + std::to_string(i) + "@MAIN";
    EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 6'000; })) << item;
  }
  EXPECT_TRUE(eventually([&] { return on_hand(server, "JAVA@MAIN") == 2'000; }));
  EXPECT_TRUE(eventually([&] { return dead_letters(server, "unreadable") == 2; }));
  EXPECT_TRUE(eventually([&] { return metric(server.url(), "orderlog_inbox_in_flight") == 0; }));
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_accepted_total"), 62);
  send("kcat -C -e -q -b " + log::test::kafka_bootstrap() + " -t " + topic() + ".dlq -f '%s %h\\n'",
       {});
  std::ifstream shown((directory_ / "values.out").string());
  const std::string text((std::istreambuf_iterator<char>(shown)), {});
  EXPECT_NE(text.find("not a command dlq_topic=" + topic()), std::string::npos) << text;
  EXPECT_NE(text.find("dlq_reason=type names no command"), std::string::npos) << text;
  EXPECT_EQ(server.stop(), 0) << server.output();

  // What is done with is not read again, and a new command goes on behind it.
  ServerProcess again(data(), node());
  ASSERT_TRUE(started(again)) << again.output();
  send_with_kcat({receive_event(200, "LAST@MAIN")});
  EXPECT_TRUE(eventually([&] { return on_hand(again, "LAST@MAIN") == 1'000; }));
  EXPECT_LT(metric(again.url(), "orderlog_inbox_records_total"), 20);
  EXPECT_EQ(on_hand(again, "SKU0@MAIN"), 6'000);
  EXPECT_EQ(again.stop(), 0) << again.output();
}

// With keys that lie elsewhere than Java's producer would put them, as librdkafka does by default.
TEST_F(InboxTopic, WhatLiesInAnotherPartitionIsMovedInItsOrder) {
  ServerProcess server(data(), node());
  ASSERT_TRUE(started(server)) << server.output();
  const std::string item = item_on(0);
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) {
    // Each could be rejected if the one before it were not there.
    values.push_back(stock_event("in" + std::to_string(i), "ReceiveStock", item, 1));
    values.push_back(stock_event("out" + std::to_string(i), "ScrapStock", item, 1));
  }
  values.push_back(stock_event("last", "ReceiveStock", item, 7));
  send_with_kcat(values, "-p 1");
  EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 7'000; })) << on_hand(server, item);
  EXPECT_EQ(dead_letters(server, "rejected"), 0);
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_moved_total"), 601);
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_accepted_total"), 601);
  EXPECT_EQ(server.stop(), 0) << server.output();
}

TEST_F(InboxTopic, KillsWhileRecordsAreMovedLoseNoneAndDoubleNone) {
  constexpr int records = 1'000;
  constexpr int kills = 3;
  const std::string item = item_on(2);
  const auto send_some = [&](int round) {
    std::vector<std::string> values;
    for (int i = 0; i < records; ++i) values.push_back(receive_event(round * records + i, item));
    send_with_kcat(values, "-p 0");
  };
  for (int round = 0; round < kills; ++round) {
    send_some(round);
    ServerProcess server(data(), node());
    ASSERT_TRUE(started(server)) << server.output();
    EXPECT_TRUE(eventually([&] { return metric(server.url(), "orderlog_inbox_moved_total") > 0; }));
    server.kill9();
  }
  send_some(kills);
  ServerProcess server(data(), node());
  ASSERT_TRUE(started(server)) << server.output();
  const std::int64_t all = (kills + 1) * records * 1'000;
  EXPECT_TRUE(eventually([&] { return on_hand(server, item) == all; })) << on_hand(server, item);
  EXPECT_TRUE(eventually([&] { return metric(server.url(), "orderlog_inbox_in_flight") == 0; }));
  EXPECT_EQ(on_hand(server, item), all);
  EXPECT_EQ(server.stop(), 0) << server.output();
}

// The record lies there compressed; as it is, which is how the node would move it, it is too large
// for the topic.
TEST_F(InboxTopic, TheOffsetWaitsForARecordThatCannotBeMoved) {
  const auto limit_records = [&](int bytes) {
    set_topic(topic(), "max.message.bytes=" + std::to_string(bytes));
  };
  const std::string moved = item_on(2);
  const std::string at_home = item_on(0);
  limit_records(10'000);
  {
    ServerProcess server(data(), node());
    ASSERT_TRUE(started(server)) << server.output();
    send_with_kcat({receive_event(0, moved) + std::string(100'000, ' ')}, "-p 0 -z gzip");
    // Each commit holds the offset up to which all is done with.
    for (int i = 1; i <= 3; ++i) {
      send_with_kcat({receive_event(i, at_home)}, "-p 0");
      ASSERT_TRUE(eventually([&] { return on_hand(server, at_home) == i * 1'000; }));
    }
    const std::string done_with =
        "kafka_consumergroup_current_offset{consumergroup=\"orderlog.engine." + topic() +
        "\",topic=\"" + topic() + "\",partition=\"0\"}";
    // Refused, it is read again, and what is behind it, too.
    EXPECT_TRUE(
        eventually([&] { return metric(server.url(), "orderlog_inbox_records_total") >= 2 * 4; }));
    EXPECT_EQ(metric(server.url(), done_with), 0);
    EXPECT_EQ(metric(server.url(), "orderlog_inbox_moved_total"), 0);
    server.kill9();
  }
  limit_records(1'000'000);
  ServerProcess server(data(), node());
  ASSERT_TRUE(started(server)) << server.output();
  EXPECT_TRUE(eventually([&] { return on_hand(server, moved) == 1'000; }));
  EXPECT_EQ(on_hand(server, at_home), 3'000);
  EXPECT_EQ(server.stop(), 0) << server.output();
}

// Compressed, both are small enough for the topic.
TEST_F(InboxTopic, WhatIsTooLargeToBeParkedDoesNotStopTheInbox) {
  ServerProcess server(data(), node());
  ASSERT_TRUE(started(server)) << server.output();
  const std::string item = item_on(0);
  send_with_kcat({std::string(5'000'000, 'x')}, "-p 0 -z gzip -X message.max.bytes=9000000");
  send_with_kcat(
      {receive_event(1, item) + std::string(1'040'000, ' ')},  // not too large to be read
      "-p 1 -z gzip -X message.max.bytes=9000000 -H big=" + std::string(100'000, 'x'));
  send_with_kcat({receive_event(2, item)}, "-p 0");
  EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 1'000; }));
  EXPECT_TRUE(eventually([&] { return dead_letters(server, "unreadable") == 2; }));
  const auto listed = run({"dlq", "list", "--config", config_}).out;
  EXPECT_NE(listed.find("from " + topic() +
                        " 0:0  key (null)  0 bytes  the record has 5000128 "
                        "bytes, more than the limit of 1114112: it is not kept here"),
            std::string::npos)
      << listed;
  EXPECT_EQ(server.stop(), 0) << server.output();
}

TEST_F(InboxTopic, RecordsThatWereDeletedUnreadAreCountedAndTold) {
  const std::string item = item_on(0);
  {
    ServerProcess server(data(), node());
    ASSERT_TRUE(started(server)) << server.output();
    send_with_kcat({receive_event(0, item), receive_event(1, item)}, "-p 0");
    EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 2'000; }));
    EXPECT_EQ(server.stop(), 0) << server.output();
  }
  std::vector<std::string> values;
  for (int i = 2; i < 12; ++i) values.push_back(receive_event(i, item));
  send_with_kcat(values, "-p 0");
  log::test::RawTopic(topic()).delete_records_before(7);
  ServerProcess server(data(), node());
  server.long_lived();
  ASSERT_TRUE(started(server)) << server.output();
  EXPECT_TRUE(eventually([&] { return on_hand(server, item) == 7'000; })) << on_hand(server, item);
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_lost_records_total"), 5);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_NE(server.output().find("5 records of partition 0 of " + topic() +
                                 " were deleted before they were read: offset 2 was expected, "
                                 "reading goes on at the first available one, 7"),
            std::string::npos)
      << server.output();
}

}  // namespace
}  // namespace orderlog::test
