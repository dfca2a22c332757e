#include "tests/ops/kafka/cluster_setup.h"

#include "tests/events/kafka/kafka_setup.h"

namespace orderlog::test {

std::string new_topics() {
  static int count = 0;
  return "ops-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".";
}

std::string write_cluster_file(const std::filesystem::path& directory, const ClusterFile& file,
                               const std::string& name) {
  const auto path = (directory / name).string();
  std::ofstream out(path);
  if (file.partitions > 0) out << "[log]\npartitions = " << file.partitions << '\n';
  out << "[kafka]\n"
      << "bootstrap_servers = \""
      << (file.bootstrap.empty() ? log::test::kafka_bootstrap() : file.bootstrap) << "\"\n"
      << "events_topic = \"" << events_topic(file.topics) << "\"\n"
      << "commands_topic = \"" << file.topics << "commands\"\n"
      << "alerts_topic = \"" << file.topics << "alerts\"\n"
      << "published_topic = \"" << file.topics << "published\"\n"
      << "replication_factor = " << file.replication_factor << '\n'
      << "min_insync_replicas = " << file.min_insync_replicas << '\n'
      << "node_id = \"" << file.node
      << "\"\n"  // so that it is given back at once what it led before a kill
      << file.further << "\n[kafka.views]\n"
      << "topic_prefix = \"" << file.topics << "view.\"\n"
      << file.views << "\n[kafka.client]\n"
      << file.client;
  return path;
}

void apply_topics(const std::string& config) {
  const auto applied = run({"topics", "apply", "--config", config});
  ASSERT_EQ(applied.code, 0) << applied.out;
}

}  // namespace orderlog::test
