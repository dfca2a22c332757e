// A node on a cluster as an operator sets it up: a TOML file, topics of its own, made by the
// binary.
#pragma once

#include <string>

#include "tests/ops/process/server_process.h"

namespace orderlog::test {

struct ClusterFile {
  std::string bootstrap = {};    // empty: the fixture's broker, or ORDERLOG_TEST_KAFKA
  std::uint32_t partitions = 3;  // 0: the file does not say
  std::uint32_t replication_factor = 1;
  std::uint32_t min_insync_replicas = 1;
  std::string topics = {};   // what the names of the topics begin with
  std::string further = {};  // lines of [kafka]
  std::string node = "one";
  std::string views = {};   // lines of [kafka.views]
  std::string client = {};  // lines of [kafka.client]
};

// Names that no other test has.
std::string new_topics();
inline std::string events_topic(const std::string& topics) { return topics + "events"; }

// Writes it as DIRECTORY/NAME and returns its path.
std::string write_cluster_file(const std::filesystem::path& directory, const ClusterFile& file,
                               const std::string& name = "orderlog.toml");

// Alters a setting of a topic ("name=value") with Kafka's own tool, and waits until the broker says
// that it holds: it is told later than the tool.
void set_topic(const std::string& topic, const std::string& setting);

// `topics apply`, which must work.
void apply_topics(const std::string& config);

}  // namespace orderlog::test
