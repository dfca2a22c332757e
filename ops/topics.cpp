// `orderlog topics apply` and `check`.
#include <algorithm>
#include <cstdio>

#include "ops/cluster.h"
#include "ops/commands.h"

namespace orderlog::ops {
namespace {

using log::kafka::TopicFinding;
using log::kafka::TopicSpec;

// What both commands begin with.
struct Topics {
  std::vector<TopicSpec> specs;
  log::kafka::ClientOptions client;
  std::uint32_t timeout_ms = 0;

  Result<std::vector<TopicFinding>> compare() const {
    return log::kafka::compare_topics(client, specs, timeout_ms);
  }
};

Result<Topics> topics_of(const TopicsOptions& options) {
  auto configuration = load_configuration(options.config);
  if (!configuration) return configuration.error();
  if (!configuration->kafka)
    return error(ErrorCode::InvalidArgument, options.config + " has no section [kafka]");
  return Topics{cluster_topics(*configuration), cluster_log_options(*configuration, "").client,
                configuration->kafka->request_timeout_ms};
}

bool is_missing(const std::vector<TopicFinding>& findings, const TopicSpec& spec) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const auto& f) { return f.missing && f.topic == spec.name; });
}

void print(const char* what, const TopicSpec& spec) {
  std::printf("%s %s: partitions=%u replicas=%u", what, spec.name.c_str(), spec.partitions,
              spec.replicas);
  for (const auto& [name, value] : spec.settings)
    std::printf(" %s=%s", name.c_str(), value.c_str());
  std::printf("\n");
}

}  // namespace

int apply_topics(const TopicsOptions& options) {
  const auto topics = topics_of(options);
  if (!topics) return report("topics apply", topics.error());
  auto findings = topics->compare();
  if (!findings) return report("topics apply", findings.error());
  std::vector<TopicSpec> missing;
  for (const auto& spec : topics->specs) {
    if (is_missing(*findings, spec)) missing.push_back(spec);
  }
  if (!options.dry_run && !missing.empty()) {
    auto made = log::kafka::make_missing_topics(topics->client, missing, topics->timeout_ms);
    if (!made) return report("topics apply", made.error());
  }
  for (const auto& spec : topics->specs) {
    const bool absent = std::any_of(missing.begin(), missing.end(),
                                    [&](const auto& other) { return other.name == spec.name; });
    if (absent) print(options.dry_run ? "would make" : "made", spec);
    if (!absent) std::printf("there is %s\n", spec.name.c_str());
  }
  for (const auto& finding : *findings) {
    if (finding.missing) continue;
    std::printf("left as it is: %s %s\n", finding.topic.c_str(), finding.problem.c_str());
  }
  return exit_ok;
}

int check_topics(const TopicsOptions& options) {
  const auto topics = topics_of(options);
  if (!topics) return report("topics check", topics.error());
  auto findings = topics->compare();
  if (!findings) return report("topics check", findings.error());
  for (const auto& finding : *findings)
    std::printf("DIFFERS %s %s\n", finding.topic.c_str(), finding.problem.c_str());
  if (!findings->empty()) return exit_failed;
  std::printf("%zu topics are as they should be\n", topics->specs.size());
  return exit_ok;
}

}  // namespace orderlog::ops
