// The lag of the inbox as a dashboard sees it: under kafka_exporter's names on /metrics, and in the
// group's own offsets. A transaction's end is a record that nobody ever reads: it is no lag.
#include <librdkafka/rdkafka.h>

#include <cstdlib>
#include <fstream>

#include "events/log/kafka/client.h"
#include "tests/events/kafka/kafka_setup.h"
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

constexpr int timeout_ms = 20'000;

// A program that sends commands in transactions.
class TransactionalSender {
 public:
  explicit TransactionalSender(std::string topic)
      : topic_(std::move(topic)),
        client_(log::test::must(
            log::kafka::Client::open(log::kafka::Client::Kind::Producer, log::test::kafka_client(),
                                     {{"transactional.id", topic_ + ".sender"}}))) {
    check(rd_kafka_init_transactions(client_.get(), timeout_ms));
  }
  // So many commands that a broker has and nobody may read yet.
  void begin(int first, int count) {
    check(rd_kafka_begin_transaction(client_.get()));
    for (int i = first; i < first + count; ++i) {
      const std::string value = R"({"specversion":"1.0","id":")" + std::to_string(i) +
                                R"(","source":"/wms","type":"ReceiveStock","data":)" +
                                receive_body("LAG@MAIN") + "}";
      const auto code = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
      ASSERT_EQ(code, RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ASSERT_EQ(rd_kafka_flush(client_.get(), timeout_ms), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void commit() { check(rd_kafka_commit_transaction(client_.get(), timeout_ms)); }
  void abort() { check(rd_kafka_abort_transaction(client_.get(), timeout_ms)); }

 private:
  static void check(rd_kafka_error_t* failed) {
    log::test::must(log::kafka::status_of(failed, "sending commands"));
  }
  std::string topic_;
  log::kafka::Client client_;
};

class InboxLag : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    topics_ = new_topics();
    config_ = write_cluster_file(directory_, {.partitions = 1, .topics = topics_});
    apply_topics(config_);
  }
  std::string topic() const { return topics_ + "commands"; }
  std::string group() const { return "orderlog.engine." + topic(); }
  std::string of_group(const std::string& name, const std::string& label = "consumergroup") const {
    return name + "{" + label + "=\"" + group() + "\",topic=\"" + topic() + "\",partition=\"0\"}";
  }
  // What Kafka's own tool says: GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG …
  std::string described() {
    const std::string out = (directory_ / "described").string();
    const std::string command =
        std::string(ORDERLOG_SOURCE_DIR) + "/ops/kafka/tool consumer-groups --bootstrap-server " +
        log::test::kafka_bootstrap() + " --describe --group " + group() + " > " + out + " 2>&1";
    if (std::system(command.c_str()) != 0) return {};
    std::ifstream lines(out);
    std::string text, line;
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string group_name, topic_name, partition, current, end, lag;
      words >> group_name >> topic_name >> partition >> current >> end >> lag;
      if (topic_name == topic()) text = current + " " + end + " " + lag;
    }
    return text;
  }
  std::string topics_;
  std::string config_;
};

TEST_F(InboxLag, IsWhatWaitsAndNothingWhenAllIsDoneWith) {
  ServerProcess server(data(), {"--config", config_, "--clock", "data"});
  ASSERT_TRUE(started(server)) << server.output();
  const auto shows = [&](const std::string& name, std::int64_t value) {
    return eventually([&] { return metric(server.url(), name) == value; });
  };
  const std::string lag = of_group("kafka_consumergroup_lag");
  const std::string consumed = of_group("kafka_consumergroup_current_offset");
  const std::string seconds = of_group("kafka_consumergroup_group_lag_seconds", "group");
  const std::string end =
      "kafka_topic_partition_current_offset{topic=\"" + topic() + "\",partition=\"0\"}";
  EXPECT_TRUE(shows(lag, 0));

  TransactionalSender sender(topic());
  sender.begin(0, 7);
  EXPECT_TRUE(shows(lag, 7)) << "an open transaction holds up the inbox";
  EXPECT_TRUE(eventually([&] { return metric(server.url(), seconds) >= 1; }));
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_records_total"), 0);
  sender.commit();
  EXPECT_TRUE(shows("orderlog_inbox_accepted_total", 7));
  EXPECT_TRUE(shows(lag, 0)) << "the transaction's end is no command";
  EXPECT_TRUE(shows(consumed, 8));
  EXPECT_TRUE(shows(end, 8));
  EXPECT_TRUE(shows(seconds, 0));

  sender.begin(7, 3);
  EXPECT_TRUE(shows(lag, 3));
  sender.abort();
  EXPECT_TRUE(shows(lag, 0)) << "what was aborted is passed over";
  EXPECT_TRUE(shows(consumed, 12));
  EXPECT_EQ(metric(server.url(), "orderlog_inbox_records_total"), 7);
  EXPECT_TRUE(eventually([&] { return described() == "12 12 0"; })) << described();

  auto client = client::HttpClient::open(server.url());
  const auto page = client->get("/metrics");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(server.stop(), 0) << server.output();

  // The log has the offset, too: nothing is read again, and the new commands are.
  sender.begin(10, 2);
  sender.commit();
  ServerProcess again(data(), {"--config", config_, "--clock", "data"});
  ASSERT_TRUE(started(again)) << again.output();
  EXPECT_TRUE(eventually([&] { return metric(again.url(), consumed) == 15; }));
  EXPECT_EQ(metric(again.url(), "orderlog_inbox_records_total"), 2);
  EXPECT_EQ(again.stop(), 0) << again.output();
  EXPECT_EQ(described(), "15 15 0") << "shown before the group is left";

  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "NOT TESTED: promtool is not installed";
  const auto file = data("metrics");
  std::ofstream(file) << page->body;
  EXPECT_EQ(std::system(("promtool check metrics <" + file + " >" + file + ".out 2>&1").c_str()),
            0);
}

}  // namespace
}  // namespace orderlog::test
