// The section [kafka]: what is taken, and what is refused with its place and without its value.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ops/configuration.h"

namespace orderlog::ops {
namespace {

class KafkaSection : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("orderlog-kafka-section-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = (directory_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  Result<Configuration> load(const std::string& text) const {
    return load_configuration(write("test.toml", text));
  }
  std::string refusal(const std::string& text) const {
    const auto loaded = load(text);
    return loaded.ok() ? "taken" : loaded.error().message;
  }
  void expect_refused(const std::string& text, const std::string& why) const {
    const std::string said = refusal(text);
    EXPECT_NE(said.find(why), std::string::npos) << text << "\n" << said;
  }

  std::filesystem::path directory_;
};

TEST_F(KafkaSection, SwitchesFromTheEmbeddedLog) {
  const auto without = load("[log]\npartitions = 2\n");
  ASSERT_TRUE(without.ok());
  EXPECT_FALSE(without->kafka.has_value());
  EXPECT_TRUE(without->partitions_given);
  const auto with = load("[kafka]\nbootstrap_servers = \"one:9092,two:9092\"\n");
  ASSERT_TRUE(with.ok()) << with.error().message;
  EXPECT_FALSE(with->partitions_given);
  ASSERT_TRUE(with->kafka.has_value());
  EXPECT_EQ(with->kafka->client.at("bootstrap.servers"), "one:9092,two:9092");
  EXPECT_EQ(with->kafka->events_topic, "orders.events.v1");
  EXPECT_EQ(with->kafka->replication_factor, 3u);
  EXPECT_EQ(with->kafka->min_insync_replicas, 2u);
}

TEST_F(KafkaSection, OfTheReferenceLoadsWhenTheMarksAreTakenAway) {
  std::istringstream in(configuration_reference());
  std::string text;
  bool section = false;
  for (std::string line; std::getline(in, line); text += line + '\n') {
    if (line == "# [kafka]") section = true;
    if (line.empty()) section = false;
    // What is left is a setting, a section, or a comment about one.
    if (section && (line.find(" = ") != std::string::npos || line.find("# [") == 0))
      line.erase(0, 2);
  }
  const auto loaded = load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_TRUE(loaded->kafka.has_value());
  EXPECT_EQ(loaded->kafka->client.at("client.id"), "orderlog");
  const auto as_printed = load(configuration_reference());
  ASSERT_TRUE(as_printed.ok()) << as_printed.error().message;
  EXPECT_FALSE(as_printed->kafka.has_value());
}

TEST_F(KafkaSection, OfTheReadmeLoads) {
  std::ifstream readme(ORDERLOG_SOURCE_DIR "/README.md");
  std::stringstream text;
  text << readme.rdbuf();
  const auto from = text.str().find("```toml\n");
  ASSERT_NE(from, std::string::npos);
  const std::string example =
      text.str().substr(from + 8, text.str().find("```", from + 8) - from - 8);
  write("secrets.conf", "sasl.password=open-sesame\n");
  const auto loaded = load(example);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_TRUE(loaded->kafka.has_value());
  EXPECT_EQ(loaded->kafka->client.at("security.protocol"), "SASL_SSL");
  EXPECT_EQ(loaded->kafka->client.at("sasl.password"), "open-sesame");
}

TEST_F(KafkaSection, IsHeldToTheRulesOfTheOthers) {
  const std::string head = "[kafka]\nbootstrap_servers = \"one:9092\"\n";
  expect_refused(head + "bootstrap_server = \"two\"\n",
                 "test.toml:3: unknown setting kafka.bootstrap_server");
  expect_refused(head + "environment = 7\n", "test.toml:3: kafka.environment: a text is expected");
  expect_refused(head + "request_timeout_ms = \"long\"\n", "test.toml:3: kafka.request_timeout_ms");
  expect_refused(head + "request_timeout_ms = 1\n", "must lie between 100 and 900000");
  expect_refused(head + "events_topic = \"orders events\"\n", "test.toml:3: kafka.events_topic");
  expect_refused(head + "events_topic = \"orders.alerts.v1\"\n", "must be four topics");
  expect_refused(head + "advertise = \"here\"\n",
                 "test.toml:3: kafka.advertise: HOST:PORT is expected");
  expect_refused(head + "advertise = \"here:99999\"\n", "HOST:PORT is expected");
  expect_refused(head + "min_insync_replicas = 4\n", "test.toml:1: kafka.min_insync_replicas");
  expect_refused(head + "message_timeout_ms = 20000\n", "test.toml:1: kafka.message_timeout_ms");
  expect_refused("[kafka]\n", "test.toml:1: kafka.bootstrap_servers");
  expect_refused(head + "[kafka.views]\nnames = [\"orders\"]\n",
                 "test.toml:4: kafka.views.names: \"orders\" is no report with single rows; there "
                 "are: credit_exposure, customer_360, delay_list, order_status");
  expect_refused(head + "[kafka.views]\nnames = [\"sales_cube\"]\n", "no report with single rows");
  expect_refused(head + "[kafka.views]\nnames = \"order_status\"\n", "a list of texts is expected");
  expect_refused(head + "[kafka.views]\nnames = [\"delay_list\", \"delay_list\"]\n",
                 "is given twice");
  expect_refused(head + "[kafka.views]\nname = []\n", "unknown setting kafka.views.name");
  expect_refused(head + "published_topic = \"orders.view.delay_list.v1\"\n",
                 "orders.view.delay_list.v1 is another topic already");
  EXPECT_EQ(refusal(head + "publish_alerts = false\n[kafka.views]\nnames = []\n"), "taken");
  EXPECT_EQ(refusal(head + "advertise = \"node-1.example:8080\"\n"), "taken");
}

TEST_F(KafkaSection, PassesOnWhatLibrdkafkaKnowsAndKeepsWhatTheEngineNeeds) {
  const std::string head = "[kafka]\nbootstrap_servers = \"one:9092\"\n[kafka.client]\n";
  const auto taken = load(head +
                          "\"security.protocol\" = \"SASL_SSL\"\n"
                          "\"sasl.username\" = \"orderlog\"\n"
                          "\"sasl.password\" = \"open-sesame\"\n");
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_EQ(taken->kafka->client.at("sasl.password"), "open-sesame");
  for (const char* name : {"transactional.id", "enable.idempotence", "acks",
                           "request.required.acks", "isolation.level", "enable.auto.commit",
                           "auto.offset.reset", "partitioner", "group.id", "group.instance.id"}) {
    expect_refused(head + '"' + name + "\" = \"open-sesame\"\n",
                   std::string("test.toml:4: kafka.client.\"") + name +
                       "\": the engine depends on it and sets it itself");
  }
  expect_refused(head + "\"transaction.timeout.ms\" = \"1\"\n", "is kafka.transaction_timeout_ms");
  expect_refused(head + "\"bootstrap.servers\" = \"two\"\n", "is kafka.bootstrap_servers here");
  expect_refused(head + "\"sasl.pasword\" = \"open-sesame\"\n",
                 "test.toml:4: kafka.client.\"sasl.pasword\": librdkafka knows no setting");
  expect_refused(head + "\"security.protocol\" = \"open-sesame\"\n",
                 "librdkafka refuses the value of the setting \"security.protocol\"");
  expect_refused(head + "sasl.username = \"me\"\n", "write them in quotes");
  expect_refused(head + "\"socket.timeout.ms\" = 5\n", "a text is expected");
  for (const char* wrong : {"\"acks\"", "\"sasl.pasword\"", "\"security.protocol\""}) {
    EXPECT_EQ(refusal(head + wrong + " = \"open-sesame\"\n").find("open-sesame"),
              std::string::npos);
  }
}

TEST_F(KafkaSection, SecretsMayStandInAFileBesideIt) {
  write("client.conf",
        "# as ops/kafka/up writes it\n"
        "bootstrap.servers=three:9092\r\n\n"
        "security.protocol=SASL_PLAINTEXT\n sasl.password = a=b c \n");
  const auto taken = load("[kafka]\nclient_file = \"client.conf\"\n");
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_EQ(taken->kafka->client.at("bootstrap.servers"), "three:9092");
  EXPECT_EQ(taken->kafka->client.at("sasl.password"), "a=b c");
  const auto both = load(
      "[kafka]\nclient_file = \"client.conf\"\nbootstrap_servers = \"one:9092\"\n"
      "[kafka.client]\n\"sasl.password\" = \"mine\"\n");
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->kafka->client.at("bootstrap.servers"), "one:9092");
  EXPECT_EQ(both->kafka->client.at("sasl.password"), "mine");
  EXPECT_EQ(both->kafka->client.at("security.protocol"), "SASL_PLAINTEXT");

  const std::string section = "[kafka]\nclient_file = \"client.conf\"\n";
  write("client.conf", "bootstrap.servers=three:9092\nacks=open-sesame\n");
  expect_refused(section, "client.conf:2: \"acks\": the engine depends on it");
  write("client.conf", "open-sesame\n");
  expect_refused(section, "client.conf:1: name=value is expected");
  EXPECT_EQ(refusal(section).find("open-sesame"), std::string::npos);
  std::filesystem::remove(directory_ / "client.conf");
  expect_refused(section, "client.conf: the file cannot be read");
}

}  // namespace
}  // namespace orderlog::ops
