#include "ops/cluster.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "connectors/kafka/command_reader.h"
#include "connectors/kafka/event_headers.h"
#include "events/log/kafka/records.h"
#include "events/schema/envelope_generated.h"
#include "ops/configuration_kafka.h"
#include "projections/registry.h"

namespace orderlog::ops {
namespace {

constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;
constexpr std::uint64_t inbox_days = 7;
constexpr std::uint64_t alerts_days = 7;
constexpr std::uint64_t dead_letter_days = 30;
// Whoever reads a compacted topic less often may miss that a key was deleted.
constexpr std::uint64_t deletion_days = 7;
// A record's headers beside its value, and those that a dead letter gets on top.
constexpr std::size_t headers_bytes_max = 64 * 1024;
constexpr std::size_t events_record_bytes = 9 * 1024 * 1024;
static_assert(events_record_bytes >= log::kafka::record_bytes_max, "the largest commit fits");

spdlog::level::level_enum level_of(int syslog_level) {
  if (syslog_level <= 2) return spdlog::level::critical;
  if (syslog_level == 3) return spdlog::level::err;
  if (syslog_level == 4) return spdlog::level::warn;
  return syslog_level <= 6 ? spdlog::level::info : spdlog::level::debug;
}

log::kafka::ClientOptions client_options(const KafkaConfiguration& kafka) {
  log::kafka::ClientOptions client;
  client.settings = kafka.client;
  client.settings.emplace("client.id", "orderlog");
  return client;
}

// The log has events from this process only here, so they need not be verified again.
log::DescribeEvent describer() {
  return [headers = std::make_shared<kafka::EventHeaders>()](log::Bytes bytes,
                                                             log::EventRecord& record) {
    const auto& event = *schema::GetEnvelope(bytes.data());
    record.key = flatbuffers::GetStringView(event.aggregate_id());
    for (const auto& [name, value] : headers->fill(event)) record.headers.emplace_back(name, value);
  };
}

log::kafka::TopicSpec any_topic(const Configuration& configuration, const std::string& name,
                                std::size_t record_bytes_max) {
  const KafkaConfiguration& kafka = *configuration.kafka;
  log::kafka::TopicSpec spec;
  spec.name = name;
  spec.partitions = configuration.partitions;
  spec.replicas = kafka.replication_factor;
  spec.settings = {{"max.message.bytes", std::to_string(record_bytes_max)},
                   {"min.insync.replicas", std::to_string(kafka.min_insync_replicas)},
                   {"unclean.leader.election.enable", "false"}};
  return spec;
}

// Kept for so long; 0: for ever.
log::kafka::TopicSpec topic(const Configuration& configuration, const std::string& name,
                            std::uint64_t days, std::size_t record_bytes_max) {
  auto spec = any_topic(configuration, name, record_bytes_max);
  spec.settings["cleanup.policy"] = "delete";
  spec.settings["retention.ms"] = days == 0 ? "-1" : std::to_string(days * day_ms);
  spec.settings["retention.bytes"] = "-1";
  return spec;
}

// The last record of each key is kept for ever, a deletion long enough to be seen.
log::kafka::TopicSpec compacted_topic(const Configuration& configuration, const std::string& name,
                                      std::size_t record_bytes_max) {
  auto spec = any_topic(configuration, name, record_bytes_max);
  spec.settings["cleanup.policy"] = "compact";
  spec.settings["delete.retention.ms"] = std::to_string(deletion_days * day_ms);
  return spec;
}

Status check_is_there(const log::kafka::Client& client, const std::string& topic,
                      std::uint32_t timeout_ms) {
  const auto shape = log::kafka::shape_of(client, topic, timeout_ms);
  return shape ? Status() : Status(shape.error());
}

}  // namespace

std::string dead_letter_topic(const KafkaConfiguration& kafka) {
  return kafka.commands_topic + ".dlq";
}

log::kafka::Diary log_diary() {
  return [](int level, std::string_view text) { spdlog::log(level_of(level), "kafka: {}", text); };
}

log::KafkaLogOptions cluster_log_options(const Configuration& configuration,
                                         const std::string& directory) {
  const KafkaConfiguration& kafka = *configuration.kafka;
  log::KafkaLogOptions options;
  options.directory = directory;
  options.topic = kafka.events_topic;
  options.partition_count = configuration.partitions_given ? configuration.partitions : 0;
  options.client = client_options(kafka);
  options.transactional_id_prefix = kafka.environment;
  options.make_describer = describer;
  options.min_insync_replicas = kafka.min_insync_replicas;
  options.transaction_bytes_max = kafka.transaction_bytes_max;
  options.queue_bytes_max = configuration.log_queue_bytes_max;
  options.request_timeout_ms = kafka.request_timeout_ms;
  options.message_timeout_ms = kafka.message_timeout_ms;
  options.transaction_timeout_ms = kafka.transaction_timeout_ms;
  options.catch_up_timeout_ms = kafka.catch_up_timeout_ms;
  options.memtable_bytes = configuration.log_memtable_bytes;
  options.block_cache_bytes = configuration.log_block_cache_bytes;
  return options;
}

std::vector<log::kafka::TopicSpec> cluster_topics(const Configuration& configuration) {
  const KafkaConfiguration& kafka = *configuration.kafka;
  constexpr std::size_t inbox_bytes = kafka::command_record_bytes_max;
  std::vector<log::kafka::TopicSpec> topics{
      topic(configuration, kafka.events_topic, 0, events_record_bytes),
      topic(configuration, kafka.commands_topic, inbox_days, inbox_bytes),
      topic(configuration, dead_letter_topic(kafka), dead_letter_days,
            inbox_bytes + headers_bytes_max),
      topic(configuration, kafka.alerts_topic, alerts_days, events_record_bytes),
      compacted_topic(configuration, kafka.published_topic, headers_bytes_max),
  };
  topics.back().partitions = 1;  // one record is all that it holds
  for (const auto& view : kafka.views)
    topics.push_back(compacted_topic(configuration, view_topic(kafka, view), events_record_bytes));
  return topics;
}

kafka::PublisherOptions publisher_options(const Configuration& configuration) {
  const KafkaConfiguration& kafka = *configuration.kafka;
  kafka::PublisherOptions options;
  options.sender.client = client_options(kafka);
  options.sender.transactional_id = kafka.environment + "." + kafka.published_topic;
  options.sender.request_timeout_ms = kafka.request_timeout_ms;
  options.sender.message_timeout_ms = kafka.message_timeout_ms;
  options.sender.transaction_timeout_ms = kafka.transaction_timeout_ms;
  options.position_topic = kafka.published_topic;
  if (kafka.publish_alerts) options.alerts_topic = kafka.alerts_topic;
  for (const auto& model : projections::all_models()) {
    for (const auto& report : model.reports) {
      const auto& descriptor = report.descriptor;
      if (std::find(kafka.views.begin(), kafka.views.end(), descriptor.name) == kafka.views.end())
        continue;
      options.views.push_back(
          {descriptor.name, descriptor.row_table, view_topic(kafka, descriptor.name)});
    }
  }
  // A publisher that was fenced hears from the group first that it is not the one any more.
  options.fenced_retry_ms = kafka.group_session_timeout_ms / 2;
  return options;
}

Status check_cluster(const Configuration& configuration, std::uint32_t partitions) {
  const KafkaConfiguration& kafka = *configuration.kafka;
  auto client = log::kafka::open_inspector(client_options(kafka));
  if (!client) return client.error();
  if (auto safe = log::kafka::check_safety(*client, kafka.events_topic, kafka.min_insync_replicas,
                                           kafka.request_timeout_ms);
      !safe) {
    return safe;
  }
  const auto inbox = log::kafka::shape_of(*client, kafka.commands_topic, kafka.request_timeout_ms);
  if (!inbox) return inbox.error();
  // Who leads a partition of the log reads the inbox's partition of the same number.
  if (inbox->partitions != partitions) {
    return error(ErrorCode::Conflict,
                 "topic " + kafka.commands_topic + " has " + std::to_string(inbox->partitions) +
                     " partitions, " + kafka.events_topic + " has " + std::to_string(partitions));
  }
  for (const auto& needed : cluster_topics(configuration)) {
    if (auto status = check_is_there(*client, needed.name, kafka.request_timeout_ms); !status)
      return status;
  }
  return Status();
}

Error with_advice(Error why, const std::string& config_path) {
  if (why.code == ErrorCode::NotFound)
    why.message += "; `orderlog topics apply --config " + config_path + "` makes it";
  return why;
}

}  // namespace orderlog::ops
