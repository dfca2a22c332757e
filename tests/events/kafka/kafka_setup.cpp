#include "tests/events/kafka/kafka_setup.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "events/log/kafka/topics.h"

namespace orderlog::log::test {
namespace {

constexpr std::uint32_t timeout_ms = 20'000;

}  // namespace

std::string kafka_bootstrap() {
  if (const char* given = std::getenv("ORDERLOG_TEST_KAFKA")) return given;
  std::ifstream file(ORDERLOG_BINARY_DIR "/kafka-test/bootstrap");
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    throw std::runtime_error("no broker: run the tests with ctest, or set ORDERLOG_TEST_KAFKA");
  }
  return line;
}

kafka::ClientOptions kafka_client() {
  kafka::ClientOptions options;
  options.settings["bootstrap.servers"] = kafka_bootstrap();
  return options;
}

std::string make_topic(std::uint32_t partitions,
                       const std::map<std::string, std::string>& further) {
  static int count = 0;
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const std::string suffix = std::to_string(::getpid()) + "-" + std::to_string(++count);
  kafka::TopicSpec spec;
  spec.name = std::string("test.") + info->name() + "." + suffix;
  spec.partitions = partitions;
  spec.replicas = 1;
  spec.settings = {{"retention.ms", "-1"},
                   {"retention.bytes", "-1"},
                   {"cleanup.policy", "delete"},
                   {"max.message.bytes", "9437184"}};
  for (const auto& [name, value] : further) spec.settings[name] = value;
  must(kafka::make_missing_topics(kafka_client(), {spec}, timeout_ms));
  return spec.name;
}

KafkaLogOptions node_options(const std::string& topic, const std::string& directory) {
  KafkaLogOptions options;
  options.directory = directory;
  options.topic = topic;
  options.client = kafka_client();
  options.min_insync_replicas = 1;
  options.request_timeout_ms = timeout_ms;
  options.memtable_bytes = 1024 * 1024;
  return options;
}

void KafkaBackend::open(std::uint32_t partitions, std::size_t queue_commits_max,
                        std::size_t queue_bytes_max) {
  options_ = node_options(make_topic(partitions), directory_.path("data"));
  options_.queue_commits_max = queue_commits_max;
  options_.queue_bytes_max = queue_bytes_max;
  log_ = must(open_kafka_log(options_));
}

void KafkaBackend::settle() { test::settle(*log_); }

void KafkaBackend::restart() {
  log_.reset();
  log_ = must(open_kafka_log(options_));
}

void FreshKafkaBackend::restart() {
  log_.reset();
  std::filesystem::remove_all(options_.directory);
  log_ = must(open_kafka_log(options_));
}

}  // namespace orderlog::log::test
