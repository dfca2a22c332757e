// The topics of the engine: made, compared with what they should be, and judged for safety.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

struct TopicSpec {
  std::string name;
  std::uint32_t partitions = 1;
  std::uint32_t replicas = 3;
  std::map<std::string, std::string> settings;  // Kafka's names: "retention.ms" …
};

struct TopicFinding {
  std::string topic;
  std::string problem;  // "has 3 partitions, not 6", "retention.ms is 604800000, not -1"
  bool missing = false;
};

// A client that asks about topics and never makes one by asking. Errors: InvalidArgument.
Result<Client> open_inspector(const ClientOptions& options);

// Makes the topics that are not there; those that are stay as they are. Returns the names of those
// made, once every broker that is up knows them. Errors: Unavailable, InvalidArgument (not allowed,
// or a setting), Io.
Result<std::vector<std::string>> make_missing_topics(const ClientOptions& options,
                                                     const std::vector<TopicSpec>& specs,
                                                     std::uint32_t timeout_ms);
// What differs from the specs. Errors: as above.
Result<std::vector<TopicFinding>> compare_topics(const ClientOptions& options,
                                                 const std::vector<TopicSpec>& specs,
                                                 std::uint32_t timeout_ms);

// Settings of an existing topic. Errors: NotFound, Unavailable, InvalidArgument (not allowed), Io.
Result<std::map<std::string, std::string>> topic_settings(const Client& client,
                                                          const std::string& topic,
                                                          std::uint32_t timeout_ms);

// Whether the topic keeps what it acknowledges: for ever, on enough replicas, and never elects a
// leader that missed something. Errors: InvalidArgument, naming the setting; those of above.
Status check_safety(const Client& client, const std::string& topic,
                    std::uint32_t min_insync_replicas, std::uint32_t timeout_ms);

}  // namespace orderlog::log::kafka
