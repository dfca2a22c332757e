// A topic of its own on a real cluster, for each test. The cluster is that of the CTest fixture, or
// whatever ORDERLOG_TEST_KAFKA names (host:port,…).
#pragma once

#include <memory>
#include <string>

#include "events/log/kafka/kafka_log.h"
#include "tests/events/log/log_setup.h"

namespace orderlog::log::test {

// Fails the test and gives up when there is none.
std::string kafka_bootstrap();
kafka::ClientOptions kafka_client();

// Makes a topic for a log, with settings that are safe but for the one replica.
std::string make_topic(std::uint32_t partitions,
                       const std::map<std::string, std::string>& further = {});

// How a node of a test's cluster is opened; `min_insync_replicas` is 1.
KafkaLogOptions node_options(const std::string& topic, const std::string& directory);

class KafkaBackend {
 public:
  static constexpr bool has_committer = true;
  void open(std::uint32_t partitions, std::size_t queue_commits_max = 65'536,
            std::size_t queue_bytes_max = 32 * 1024 * 1024);
  EventLog& log() { return *log_; }
  void settle();
  virtual ~KafkaBackend() = default;
  // The process ends and another one starts on the same directory.
  virtual void restart();

 protected:
  TempDirectory directory_;
  KafkaLogOptions options_;
  std::unique_ptr<KafkaLog> log_;
};

// One that starts again without its copy, and reads the topic from the start.
class FreshKafkaBackend final : public KafkaBackend {
 public:
  void restart() override;
};

}  // namespace orderlog::log::test
