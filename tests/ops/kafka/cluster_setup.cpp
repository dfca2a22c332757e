#include "tests/ops/kafka/cluster_setup.h"

#include "tests/events/kafka/kafka_setup.h"
#include "tests/ops/process/ready.h"

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

void set_topic(const std::string& topic, const std::string& setting) {
  const std::string tool =
      ORDERLOG_SOURCE_DIR "/ops/kafka/tool kafka.admin.ConfigCommand --bootstrap-server " +
      log::test::kafka_bootstrap() + " --entity-type topics --entity-name " + topic;
  const std::string alter = tool + " --alter --add-config " + setting + " >/dev/null";
  ASSERT_EQ(std::system(alter.c_str()), 0) << alter;
  const std::string holds = tool + " --describe | grep -q '" + setting + " '";
  ASSERT_TRUE(eventually([&] { return std::system(holds.c_str()) == 0; })) << holds;
}

void apply_topics(const std::string& config) {
  const auto applied = run({"topics", "apply", "--config", config});
  ASSERT_EQ(applied.code, 0) << applied.out;
}

}  // namespace orderlog::test
