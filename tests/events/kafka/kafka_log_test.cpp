// What a log on a cluster must do beyond the contract: two nodes on one topic, fencing, foreign and
// lost records, and clusters that it must not write to.
#include "events/log/kafka/kafka_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

#include "tests/events/kafka/kafka_setup.h"
#include "tests/events/kafka/raw_topic.h"

namespace orderlog::log::test {
namespace {

constexpr PartitionId first_partition(0);

// The outcome of an append, awaited.
struct Outcome {
  std::shared_ptr<std::promise<Status>> promise = std::make_shared<std::promise<Status>>();
  std::future<Status> future = promise->get_future();
  AppendDone done() const {
    return [promise = promise](const Status& status) { promise->set_value(status); };
  }
};

// Until this node's copy has that commit.
void await_commit(LogReader& log, PartitionId partition, CommitIndex index) {
  std::uint64_t seen = 0;
  while (log.durable_end(partition).last_commit < index) seen = log.wait_durable(seen, 1'000);
}

class KafkaLogTest : public testing::Test {
 protected:
  void make(std::uint32_t partitions, const std::map<std::string, std::string>& settings = {}) {
    topic = make_topic(partitions, settings);
  }
  std::unique_ptr<KafkaLog> node(const std::string& name) {
    return must(open_kafka_log(node_options(topic, directory.path(name))));
  }

  TempDirectory directory;
  std::string topic;
};

TEST_F(KafkaLogTest, EveryNodeReadsWhatAnyNodeWrites) {
  make(2);
  auto first = node("first");
  auto second = node("second");
  PartitionWriter one(must(first->claim(PartitionId(0))));
  PartitionWriter two(must(second->claim(PartitionId(1))));
  for (int i = 0; i < 20; ++i) {
    must(one.append_events(*first, 3));
    must(two.append_events(*second, 2));
  }
  for (const std::uint32_t p : {0u, 1u}) {
    await_commit(*first, PartitionId(p), CommitIndex(20));
    await_commit(*second, PartitionId(p), CommitIndex(20));
    EXPECT_EQ(frames_of(*first, PartitionId(p)), frames_of(*second, PartitionId(p)));
  }
  EXPECT_TRUE(first->owns(PartitionId(0)));
  EXPECT_FALSE(first->owns(PartitionId(1)));
  EXPECT_EQ(first->kafka_stats().foreign_records, 0u);
}

TEST_F(KafkaLogTest, NodesJoinWhileAnotherWrites) {
  make(1);
  auto writing = node("writing");
  PartitionWriter writer(must(writing->claim(first_partition)));
  std::atomic<bool> enough = false;
  auto written = std::async(std::launch::async, [&] {
    while (!enough) {
      Outcome outcome;
      must(writer.append_events(*writing, 1, outcome.done()));
      must(outcome.future.get());
    }
  });
  {
    // Also when a node cannot join: `written` waits for its thread.
    const std::shared_ptr<void> ends_writing(nullptr, [&](void*) { enough = true; });
    for (int i = 0; i < 5; ++i) {
      auto joining = node("joining" + std::to_string(i));
      await_commit(*joining, first_partition,
                   joining->durable_end(first_partition).last_commit.next());
    }
  }
  written.get();
}

TEST_F(KafkaLogTest, ALaterOwnerFencesTheEarlierOneWhichLearnsOfIt) {
  make(1);
  auto zombie = node("zombie");
  auto heir = node("heir");
  PartitionWriter stale(must(zombie->claim(first_partition)));
  Outcome before;
  must(stale.append_events(*zombie, 1, before.done()));
  must(before.future.get());

  PartitionWriter fresh(must(heir->claim(first_partition)));
  EXPECT_EQ(fresh.term, stale.term.next());
  EXPECT_EQ(fresh.end, stale.end);
  // It does not know yet: its append is taken, and must not be acknowledged.
  Outcome after;
  must(stale.append_events(*zombie, 1, after.done()));
  const Status lost = after.future.get();
  EXPECT_EQ(lost.error().code, ErrorCode::Fenced) << lost.error().message;
  EXPECT_FALSE(zombie->owns(first_partition));
  EXPECT_EQ(stale.append_events(*zombie, 1).error().code, ErrorCode::Fenced);

  must(fresh.append_events(*heir, 2));
  await_commit(*heir, first_partition, CommitIndex(2));
  await_commit(*zombie, first_partition, CommitIndex(2));
  EXPECT_EQ(frames_of(*zombie, first_partition), frames_of(*heir, first_partition));

  // It may come back.
  PartitionWriter again(must(zombie->claim(first_partition)));
  EXPECT_EQ(again.end, fresh.end);
  EXPECT_GT(again.term, fresh.term);
  Outcome back;
  must(again.append_events(*zombie, 1, back.done()));
  must(back.future.get());
}

// What fencing is for: without it a zombie hears that its commit is durable, and there are two
// histories. That is noticed by whoever reads them, but it is too late for the one who was told.
TEST_F(KafkaLogTest, WithoutFencingAZombieIsAcknowledgedAndTheLogIsBroken) {
  make(1);
  auto options = node_options(topic, directory.path("zombie"));
  options.fencing = false;
  auto zombie = must(open_kafka_log(options));
  options.directory = directory.path("heir");
  auto heir = must(open_kafka_log(options));
  PartitionWriter stale(must(zombie->claim(first_partition)));
  PartitionWriter fresh(must(heir->claim(first_partition)));
  Outcome zombies;
  Outcome heirs;
  must(stale.append_events(*zombie, 1, zombies.done()));
  must(fresh.append_events(*heir, 2, heirs.done()));
  EXPECT_TRUE(zombies.future.get().ok()) << "acknowledged, both of them";
  EXPECT_TRUE(heirs.future.get().ok());
  const auto reader = open_kafka_log(node_options(topic, directory.path("reader")));
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code, ErrorCode::Corrupt) << reader.error().message;
}

TEST_F(KafkaLogTest, AnOwnerThatWritesNothingLearnsOfTheLaterOneFromTheTopic) {
  make(1);
  auto idle = node("idle");
  auto heir = node("heir");
  PartitionWriter late(must(idle->claim(first_partition)));
  PartitionWriter fresh(must(heir->claim(first_partition)));
  EXPECT_EQ(fresh.term, late.term) << "neither has written: the log has seen no term";
  must(fresh.append_events(*heir, 1));
  await_commit(*idle, first_partition, CommitIndex(1));
  EXPECT_FALSE(idle->owns(first_partition));
  EXPECT_EQ(late.append_events(*idle, 1).error().code, ErrorCode::Fenced);
}

TEST_F(KafkaLogTest, WhatIsNotOursIsPassedOverAndCounted) {
  make(1);
  auto log = node("node");
  PartitionWriter writer(must(log->claim(first_partition)));
  must(writer.append_events(*log, 2));
  RawTopic raw(topic);
  raw.produce("a key", "not an event", {});
  raw.produce("", "", {{"ol_event", "one"}});
  must(writer.append_events(*log, 2));
  must(writer.append_events(*log, 1));
  await_commit(*log, first_partition, CommitIndex(3));
  log.reset();
  log = node("fresh");
  EXPECT_EQ(log->durable_end(first_partition), writer.end);
  EXPECT_EQ(log->kafka_stats().foreign_records, 2u);
}

TEST_F(KafkaLogTest, WhatLooksLikeOursAndIsNotStopsTheNodeAndIsNamed) {
  make(1);
  auto log = node("node");
  PartitionWriter writer(must(log->claim(first_partition)));
  Outcome outcome;
  must(writer.append_events(*log, 2, outcome.done()));
  must(outcome.future.get());
  RawTopic(topic).produce("", std::string(200, 'x'), {{"ol_commit", "2"}});
  std::uint64_t seen = 0;
  while (!log->stats().failed) seen = log->wait_durable(seen, 1'000);
  const auto refused = writer.append_events(*log, 1);
  EXPECT_EQ(refused.error().code, ErrorCode::Corrupt);
  EXPECT_NE(refused.error().message.find("offset"), std::string::npos) << refused.error().message;
  EXPECT_EQ(log->durable_end(first_partition).last_commit, CommitIndex(1)) << "and stays readable";
}

TEST_F(KafkaLogTest, ATopicThatLostItsStartIsNotRead) {
  make(1);
  {
    auto log = node("node");
    PartitionWriter writer(must(log->claim(first_partition)));
    for (int i = 0; i < 5; ++i) must(writer.append_events(*log, 1));
    must(log->claim(first_partition));  // reads to the end
  }
  RawTopic(topic).delete_records_before(3);
  EXPECT_TRUE(open_kafka_log(node_options(topic, directory.path("node"))).ok())
      << "who has seen it needs it no more";
  const auto fresh = open_kafka_log(node_options(topic, directory.path("fresh")));
  ASSERT_FALSE(fresh.ok());
  EXPECT_EQ(fresh.error().code, ErrorCode::Corrupt) << fresh.error().message;
}

TEST_F(KafkaLogTest, ATopicThatLostItsEndIsNotWrittenTo) {
  make(1);
  {
    auto log = node("node");
    PartitionWriter writer(must(log->claim(first_partition)));
    for (int i = 0; i < 5; ++i) must(writer.append_events(*log, 1));
  }
  RawTopic(topic).make_anew(1);
  const auto opened = open_kafka_log(node_options(topic, directory.path("node")));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt) << opened.error().message;
}

TEST_F(KafkaLogTest, NothingIsAcknowledgedBehindAnEndThatWasLostUnderAWriter) {
  make(1);
  auto log = node("node");
  PartitionWriter writer(must(log->claim(first_partition)));
  Outcome before;
  must(writer.append_events(*log, 1, before.done()));
  must(before.future.get());
  RawTopic(topic).make_anew(1);
  Outcome after;
  const auto taken = writer.append_events(*log, 1, after.done());
  EXPECT_FALSE(taken.ok() && after.future.get().ok());
  std::uint64_t seen = 0;
  while (!log->stats().failed) seen = log->wait_durable(seen, 1'000);
  EXPECT_EQ(log->claim(first_partition).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(node("fresh")->durable_end(first_partition), empty_end(first_partition, 1))
      << "nothing was written to it";
}

TEST_F(KafkaLogTest, ATopicThatCouldLoseOrdersIsNotWrittenTo) {
  const auto refusal = [&](const std::map<std::string, std::string>& settings,
                           std::uint32_t min_insync = 1) {
    make(1, settings);
    auto options = node_options(topic, directory.path(topic));
    options.min_insync_replicas = min_insync;
    auto log = must(open_kafka_log(options));
    const auto claim = log->claim(first_partition);
    return claim.ok() ? std::string("claimed") : claim.error().message;
  };
  EXPECT_NE(refusal({{"retention.ms", "604800000"}}).find("retention.ms is 604800000"),
            std::string::npos);
  EXPECT_NE(refusal({{"cleanup.policy", "compact"}}).find("cleanup.policy is compact"),
            std::string::npos);
  EXPECT_NE(refusal({{"max.message.bytes", "1000000"}}).find("max.message.bytes is 1000000"),
            std::string::npos);
  EXPECT_NE(refusal({{"unclean.leader.election.enable", "true"}}).find("unclean"),
            std::string::npos);
  EXPECT_NE(refusal({}, 2).find("min.insync.replicas is 1, it must be at least 2"),
            std::string::npos);
  EXPECT_EQ(refusal({}), "claimed");
}

TEST_F(KafkaLogTest, SaysWhatIsWrongWithTheClusterOrTheDirectory) {
  make(2);
  auto options = node_options(topic, directory.path("node"));
  const auto refusal = [&](const KafkaLogOptions& wrong) {
    const auto opened = open_kafka_log(wrong);
    return opened.ok() ? Error{} : opened.error();
  };
  auto wrong = options;
  wrong.partition_count = 3;
  EXPECT_EQ(refusal(wrong).code, ErrorCode::Conflict);
  EXPECT_NE(refusal(wrong).message.find("has 2 partitions, not 3"), std::string::npos);
  wrong = options;
  wrong.topic = "no.such.topic";
  EXPECT_EQ(refusal(wrong).code, ErrorCode::NotFound);
  wrong = options;
  wrong.client.settings["bootstrap.servers"] = "127.0.0.1:1";
  wrong.request_timeout_ms = 500;
  EXPECT_EQ(refusal(wrong).code, ErrorCode::Unavailable);
  EXPECT_NE(refusal(wrong).message.find("Connection refused"), std::string::npos)
      << refusal(wrong).message;
  wrong = options;
  wrong.client.settings["sasl.pasword"] = "secret";
  EXPECT_EQ(refusal(wrong).code, ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(wrong).message.find("secret"), std::string::npos);

  { auto log = must(open_kafka_log(options)); }
  wrong = options;
  wrong.topic = make_topic(2);
  EXPECT_EQ(refusal(wrong).code, ErrorCode::Conflict) << "the copy of another topic";
  EmbeddedLogOptions embedded;
  embedded.directory = options.directory;
  embedded.partition_count = 2;
  EXPECT_EQ(open_embedded_log(embedded).error().code, ErrorCode::Conflict);
  embedded.directory = directory.path("embedded");
  {
    auto log = must(open_embedded_log(embedded));
    PartitionWriter writer(must(log->claim(first_partition)));
    must(writer.append_events(*log, 1));
    settle(*log);
  }
  wrong = options;
  wrong.directory = embedded.directory;
  EXPECT_EQ(refusal(wrong).code, ErrorCode::Conflict) << "an embedded log";
}

TEST_F(KafkaLogTest, EventsCarryWhatTheDescriberSays) {
  make(1);
  auto options = node_options(topic, directory.path("node"));
  options.make_describer = [] {
    return [](Bytes, EventRecord& record) {
      record.key = "order-7";
      record.headers.emplace_back("ce_type", "orderlog.OrderPlaced.v1");
    };
  };
  auto log = must(open_kafka_log(options));
  PartitionWriter writer(must(log->claim(first_partition)));
  must(writer.append(*log, {{"the event"}, {}, {}}));
  const auto records = RawTopic(topic).consume(2);
  EXPECT_EQ(records[0].key, "order-7");
  EXPECT_EQ(records[0].value, "the event");
  EXPECT_EQ(records[0].headers.at("ce_type"), "orderlog.OrderPlaced.v1");
  EXPECT_EQ(records[0].headers.at("ol_event"), "1");
  EXPECT_EQ(records[1].headers.at("ol_commit"), "1");
}

}  // namespace
}  // namespace orderlog::log::test
