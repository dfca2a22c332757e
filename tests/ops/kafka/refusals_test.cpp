// What a node on a cluster does not begin with, and what it does not do: each said clearly, with
// exit code 1, and nothing written.
#include <boost/json.hpp>

#include "tests/events/kafka/kafka_setup.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

class Refusals : public ProcessTest {
 protected:
  Finished serve(const std::string& config, const std::string& name = "data") {
    return run({"serve", "--data", data(name), "--listen", "127.0.0.1:0", "--config", config});
  }
  void expect_refused(const Finished& finished, const std::string& why) {
    EXPECT_EQ(finished.code, 1);
    EXPECT_NE(finished.out.find("cannot serve"), std::string::npos) << finished.out;
    EXPECT_NE(finished.out.find(why), std::string::npos) << finished.out;
  }
};

TEST_F(Refusals, BrokersThatAreNotThere) {
  const auto config = write_cluster_file(
      directory_,
      {.bootstrap = "127.0.0.1:1", .topics = "any.", .further = "request_timeout_ms = 500"});
  const auto refused = serve(config);
  expect_refused(refused, "Connection refused");
  EXPECT_NE(refused.out.find(" error kafka: "), std::string::npos)
      << "librdkafka's own lines are in the log: " << refused.out;
  for (const char* command : {"apply", "check"}) {
    const auto topics = run({"topics", command, "--config", config});
    EXPECT_EQ(topics.code, 1);
    EXPECT_NE(topics.out.find("Connection refused"), std::string::npos) << topics.out;
  }
  const auto verified = run({"verify", "--config", config});
  EXPECT_EQ(verified.code, 1);
  EXPECT_NE(verified.out.find("Connection refused"), std::string::npos) << verified.out;
}

TEST_F(Refusals, ATopicThatIsMissing) {
  const std::string names = new_topics();
  const auto config = write_cluster_file(directory_, {.topics = names});
  const auto advice = "there is no topic " + events_topic(names) +
                      "; `orderlog topics apply --config " + config + "` makes it";
  expect_refused(serve(config), advice);
  const auto verified = run({"verify", "--config", config});
  EXPECT_EQ(verified.code, 1);
  EXPECT_NE(verified.out.find(advice), std::string::npos) << verified.out;
}

TEST_F(Refusals, AnotherNumberOfPartitions) {
  const std::string names = new_topics();
  apply_topics(write_cluster_file(directory_, {.partitions = 2, .topics = names}));
  expect_refused(serve(write_cluster_file(directory_, {.topics = names})),
                 "has 2 partitions, not 3; the number is fixed for the life of a log");
  // Whoever does not insist gets those of the topic.
  const auto config = write_cluster_file(directory_, {.partitions = 0, .topics = names});
  ServerProcess server(data("any"), {"--config", config});
  ASSERT_TRUE(started(server)) << server.output();
  ASSERT_EQ(server.stop(), 0);
  const auto verified = run({"verify", "--config", config});
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("in 2 partition(s): whole"), std::string::npos) << verified.out;
}

TEST_F(Refusals, ATopicThatCouldLoseOrders) {
  const std::string names = new_topics();
  apply_topics(write_cluster_file(directory_, {.topics = names}));
  expect_refused(
      serve(write_cluster_file(
          directory_, {.replication_factor = 3, .min_insync_replicas = 2, .topics = names})),
      "topic " + events_topic(names) +
          " could lose orders: min.insync.replicas is 1, it must be at least 2");
}

// Lowered while the node runs: what is too large now is not taken, nor anything else until the
// topic takes all that the engine may write; then the same commands have their effect, once.
TEST_F(Refusals, ARecordThatTheTopicDoesNotTake) {
  const std::string names = new_topics();
  const auto config = write_cluster_file(directory_, {.partitions = 1, .topics = names});
  apply_topics(config);
  ServerProcess server(data(), {"--config", config});
  server.long_lived();
  ASSERT_TRUE(started(server)) << server.output();
  auto client = client::HttpClient::open(server.url());
  const auto status_of = [&](const std::string& key, const std::string& body) {
    auto answer = client->post("/v1/commands/ReceiveStock", body, {{"Idempotency-Key", key}});
    return answer.ok() ? answer->status : 0;
  };
  const std::string small = receive_body("P-1@MAIN");
  const std::string large =
      R"({"stock_item_id":"P-1@MAIN","quantity":{"milli":1000},"document":")" +
      std::string(5'000, 'x') + R"("})";
  EXPECT_EQ(status_of("first", small), 200);
  set_topic(events_topic(names), "max.message.bytes=2000");
  // A broker may tell of a setting before its log goes by it: what it still takes has its effect.
  int sent = 0;
  EXPECT_TRUE(
      eventually([&] { return status_of("large-" + std::to_string(++sent), large) == 503; }));
  const std::string refused = "large-" + std::to_string(sent);
  EXPECT_EQ(status_of("small", small), 503) << "it leads no topic that does not take every commit";
  set_topic(events_topic(names), "max.message.bytes=9437184");
  EXPECT_TRUE(eventually([&] { return status_of("small", small) == 200; }));
  EXPECT_TRUE(eventually([&] { return status_of(refused, large) == 200; }));
  EXPECT_EQ(status_of(refused, large), 200);
  const std::string all = R"("on_hand":{"milli":)" + std::to_string(1'000 * (2 + sent)) + "}";
  EXPECT_TRUE(eventually([&] {
    auto row = client->get("/v1/reports/stock_position/P-1%40MAIN");
    return row.ok() && row->body.find(all) != std::string::npos;
  }));
  EXPECT_EQ(server.stop(), 0);
  EXPECT_NE(server.output().find("max.message.bytes is 2000"), std::string::npos)
      << server.output();
  const auto verified = run({"verify", "--config", config});
  EXPECT_EQ(verified.code, 0) << verified.out;
}

TEST_F(Refusals, ADataDirectoryOfAnotherLog) {
  {
    ServerProcess server(data("embedded"));
    ASSERT_TRUE(started(server)) << server.output();
    ASSERT_EQ(server.stop(), 0);
  }
  const std::string names = new_topics();
  const auto config = write_cluster_file(directory_, {.partitions = 1, .topics = names});
  apply_topics(config);
  expect_refused(serve(config, "embedded"), "the data directory holds an embedded log");
  {
    ServerProcess server(data("node"), {"--config", config});
    ASSERT_TRUE(started(server)) << server.output();
    ASSERT_EQ(server.stop(), 0);
  }
  const auto other =
      write_cluster_file(directory_, {.partitions = 1, .topics = new_topics()}, "other.toml");
  apply_topics(other);
  expect_refused(serve(other, "node"), "the data directory belongs to " + events_topic(names));
  const auto embedded = run({"serve", "--data", data("node"), "--listen", "127.0.0.1:0"});
  expect_refused(embedded, "is a node's copy of " + events_topic(names));
}

TEST_F(Refusals, ANodesCopyIsNoBackup) {
  const auto config = write_cluster_file(directory_, {.partitions = 1, .topics = new_topics()});
  apply_topics(config);
  ServerProcess server(data(), {"--config", config});
  ASSERT_TRUE(started(server)) << server.output();
  {
    auto client = client::HttpClient::open(server.url());
    auto asked = client->post("/v1/backup", R"({"directory":")" + data("backup") + R"("})");
    ASSERT_TRUE(asked.ok());
    EXPECT_EQ(asked->status, 501) << asked->body;
    EXPECT_NE(asked->body.find("urn:orderlog:problem:not-on-this-log"), std::string::npos)
        << asked->body;
  }
  ASSERT_EQ(server.stop(), 0);
  const auto saved = run({"backup", "--data", data(), "--to", data("backup")});
  EXPECT_EQ(saved.code, 1);
  EXPECT_NE(saved.out.find("is a node's copy of"), std::string::npos) << saved.out;
  EXPECT_FALSE(std::filesystem::exists(data("backup")));
}

}  // namespace
}  // namespace orderlog::test
