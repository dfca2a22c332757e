#include "ops/metrics.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

#include "connectors/http/command_api.h"
#include "connectors/http/peer_forwarder.h"
#include "connectors/http/server.h"
#include "engine/runtime/engine.h"
#include "events/log/event_log.h"
#include "events/log/kafka/kafka_log.h"
#include "ops/cluster_member.h"
#include "projections/runner/runner.h"

namespace orderlog::ops {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double us_per_s = 1e6;

class Page {
 public:
  void gauge(const std::string& name, const std::string& help, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.gauge.value = value;
    add(name, help, MetricType::Gauge, std::move(metric), std::move(labels));
  }
  void counter(const std::string& name, const std::string& help, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.counter.value = value;
    add(name, help, MetricType::Counter, std::move(metric), std::move(labels));
  }
  // counts[i]: observations below 2^i µs; the last holds the rest.
  template <std::size_t N>
  void histogram_us(const std::string& name, const std::string& help,
                    const std::array<std::uint64_t, N>& counts, std::uint64_t total_us) {
    ClientMetric metric;
    std::uint64_t cumulative = 0;
    double bound_us = 1;
    for (std::size_t i = 0; i + 1 < N; ++i, bound_us *= 2) {
      cumulative += counts[i];
      metric.histogram.bucket.push_back({cumulative, bound_us / us_per_s});
    }
    cumulative += counts[N - 1];
    metric.histogram.bucket.push_back({cumulative, std::numeric_limits<double>::infinity()});
    metric.histogram.sample_count = cumulative;
    metric.histogram.sample_sum = static_cast<double>(total_us) / us_per_s;
    add(name, help, MetricType::Histogram, std::move(metric), {});
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  void add(const std::string& name, const std::string& help, MetricType type, ClientMetric metric,
           Labels labels) {
    metric.label = std::move(labels);
    if (families_.empty() || families_.back().name != name) {
      MetricFamily family;
      family.name = name;
      family.help = help;
      family.type = type;
      families_.push_back(std::move(family));
    }
    families_.back().metric.push_back(std::move(metric));
  }
  std::vector<MetricFamily> families_;
};

double number(std::uint64_t value) { return static_cast<double>(value); }

void add_engine(Page& page, const runtime::EngineStats& s) {
  const std::string help = "Commands by outcome.";
  page.counter("orderlog_commands_total", help, number(s.commands_accepted),
               {{"outcome", "accepted"}});
  page.counter("orderlog_commands_total", help, number(s.commands_rejected),
               {{"outcome", "rejected"}});
  page.counter("orderlog_commands_total", help, number(s.commands_replayed),
               {{"outcome", "replayed"}});
  page.counter("orderlog_commands_total", help, number(s.commands_unavailable),
               {{"outcome", "unavailable"}});
  page.counter("orderlog_follow_up_commands_total", "Commands that the engine gave itself.",
               number(s.internal_commands));
  page.counter("orderlog_follow_up_rejections_total",
               "Follow-up commands that were refused: a broken flow.",
               number(s.internal_rejections));
  page.counter("orderlog_events_total", "Events in the log, open commits included.",
               number(s.events));
  page.counter("orderlog_commits_total", "Commits appended since the start.", number(s.commits));
  page.counter("orderlog_timers_fired_total", "Timers fired since the start.",
               number(s.timers_fired));
  page.counter("orderlog_snapshots_total", "State snapshots since the start.", number(s.snapshots));
  page.gauge("orderlog_commands_in_flight", "Commands that wait for the log.", number(s.in_flight));
  page.gauge("orderlog_cached_aggregates", "Aggregates in memory.", number(s.cached_aggregates));
  page.gauge("orderlog_cached_bytes", "Estimated memory of the aggregates.",
             number(s.cached_bytes));
  page.gauge("orderlog_idempotency_window_commands", "Command ids remembered.",
             number(s.dedup_commands));
  page.gauge("orderlog_recovery_replayed_events", "Events replayed at the start.",
             number(s.replayed_events));
  page.gauge("orderlog_business_time_seconds", "Business time of the engine.",
             static_cast<double>(s.business_time_us) / us_per_s);
  page.gauge("orderlog_engine_failed", "1 after the log or the store has failed.",
             s.failed ? 1 : 0);
}

void add_log(Page& page, const log::LogStats& s) {
  page.counter("orderlog_log_commits_total", "Durable commits since the start.", number(s.commits));
  page.counter("orderlog_log_events_total", "Durable events since the start.", number(s.events));
  page.counter("orderlog_log_bytes_total", "Durable bytes since the start.", number(s.bytes));
  page.counter("orderlog_log_syncs_total",
               "Synced writes, on a cluster transactions; commits per sync is the gain of "
               "group commit.",
               number(s.groups));
  page.counter("orderlog_log_refused_total", "Appends refused by a full queue.", number(s.refused));
  page.gauge("orderlog_log_queue_commits", "Commits that wait for the disk or the cluster.",
             number(s.queue_commits));
  page.gauge("orderlog_log_queue_bytes", "Bytes that wait for the disk or the cluster.",
             number(s.queue_bytes));
  page.gauge("orderlog_log_failed", "1 after the log has failed for good.", s.failed ? 1 : 0);
  page.histogram_us("orderlog_log_sync_seconds", "Duration of a synced write or transaction.",
                    s.sync_us_log2, s.sync_us_total);
}

void add_kafka_log(Page& page, const log::KafkaLogStats& s) {
  page.counter("orderlog_kafka_foreign_records_total",
               "Records in the events topic that are not orderlog's; they are passed over.",
               number(s.foreign_records));
  page.counter("orderlog_kafka_followed_commits_total",
               "Commits of other writers that were copied from the topic.",
               number(s.followed_commits));
  page.counter("orderlog_kafka_claims_total", "Partitions claimed since the start.",
               number(s.claims));
  page.counter("orderlog_kafka_condemned_writers_total",
               "Claims lost to another node or given up after an unknown outcome.",
               number(s.condemned_writers));
}

void add_partitions(Page& page, const std::vector<runtime::PartitionStatus>& partitions) {
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    page.gauge("orderlog_partition_led", "1 when this node leads the partition.",
               partitions[p].role == runtime::PartitionRole::Leading ? 1 : 0,
               {{"partition", std::to_string(p)}});
  }
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    page.gauge("orderlog_partition_term", "How often the partition has had a new leader.",
               number(partitions[p].term.value), {{"partition", std::to_string(p)}});
  }
}

void add_forwarder(Page& page, const http::PeerForwarderStats& s) {
  page.counter("orderlog_forwarded_commands_total", "Commands answered by the node that leads.",
               number(s.forwarded));
  page.counter("orderlog_forwarded_requests_total", "Requests that they travelled in.",
               number(s.requests));
  page.counter("orderlog_forwarded_failed_total", "Commands that their leader did not take.",
               number(s.failed));
  page.counter("orderlog_forwarded_unknown_total", "Commands sent to their leader, unanswered.",
               number(s.unknown));
  page.counter("orderlog_forwarded_overflowed_total", "Commands refused as a queue was full.",
               number(s.overflowed));
  page.gauge("orderlog_forwarded_queue", "Commands that wait for another node.", number(s.queued));
}

void add_publishing(Page& page, const kafka::PublisherStats& s) {
  page.gauge("orderlog_publishing", "1 when this node publishes alerts and views.",
             s.publishing ? 1 : 0);
  for (const auto& [topic, records] : s.records) {
    page.counter("orderlog_published_records_total",
                 "Records published since the start, deletions of rows included.", number(records),
                 {{"topic", topic}});
  }
  page.counter("orderlog_published_transactions_total", "Transactions that they were in.",
               number(s.transactions));
  page.counter("orderlog_publishing_too_large_total", "Rows that no record can hold.",
               number(s.too_large));
  page.gauge("orderlog_publishing_rows_waiting", "Changed rows that are not published yet.",
             number(s.rows_waiting));
  page.gauge("orderlog_publishing_lag_events",
             "Durable events whose alerts and rows are not all published; 0 on other nodes.",
             number(s.lag_events));
  page.gauge("orderlog_publishing_lag_seconds", "For how long there have been such events.",
             static_cast<double>(s.lag_us) / us_per_s);
}

void add_cluster(Page& page, const ClusterMember& cluster) {
  const auto ownership = cluster.ownership();
  page.gauge("orderlog_partitions_wanted", "Partitions that the group has given to this node.",
             number(ownership.wanted));
  page.gauge("orderlog_partitions_leading", "Partitions that this node leads.",
             number(ownership.leading));
  page.counter("orderlog_partitions_taken_total", "Partitions taken since the start.",
               number(ownership.taken));
  page.counter("orderlog_partitions_lost_total", "Partitions lost without having been left.",
               number(ownership.lost));
  const auto inbox = cluster.inbox();
  page.counter("orderlog_inbox_records_total", "Records read from the inbox topic.",
               number(inbox.records));
  page.counter("orderlog_inbox_accepted_total", "Commands from the inbox that are durable.",
               number(inbox.accepted));
  page.counter("orderlog_inbox_rejected_total", "Commands from the inbox that were rejected.",
               number(inbox.rejected));
  page.counter("orderlog_inbox_unreadable_total", "Records of the inbox that are no commands.",
               number(inbox.unreadable));
  page.counter("orderlog_inbox_moved_total",
               "Records moved to the inbox of the partition that they belong to.",
               number(inbox.moved));
  for (std::size_t i = 0; i < inbox.dead_letters.size(); ++i) {
    page.counter("orderlog_inbox_dead_letters_total", "Records parked on the dead letter topic.",
                 number(inbox.dead_letters[i]),
                 {{"reason", std::string(to_string(static_cast<kafka::ParkedAs>(i)))}});
  }
  page.counter("orderlog_inbox_lost_records_total",
               "Offsets of the inbox topic that were deleted before they were read.",
               number(inbox.lost));
  page.gauge("orderlog_inbox_in_flight", "Records of the inbox that are not done with.",
             number(inbox.in_flight));
  if (const auto publishing = cluster.publishing()) add_publishing(page, *publishing);
}

// Under the names and labels of kafka_exporter, the last under those of kafka-lag-exporter, so that
// dashboards which know them show the inbox as any consumer group. Of the partitions that are led
// here: of the whole group, each node has a part.
void add_inbox_lag(Page& page, const ClusterMember& cluster) {
  const auto progress = cluster.inbox_progress();
  const auto labels = [&](const kafka::InboxProgress& of, const char* group) {
    return Labels{{group, cluster.group()},
                  {"topic", cluster.topic()},
                  {"partition", std::to_string(of.partition.value)}};
  };
  for (const auto& of : progress) {
    page.gauge("kafka_consumergroup_current_offset",
               "Offset before which every command of the inbox topic is done with.",
               static_cast<double>(of.consumed), labels(of, "consumergroup"));
  }
  for (const auto& of : progress) {
    if (!of.lag()) continue;
    page.gauge("kafka_consumergroup_lag", "Offsets of the inbox topic that are not done with.",
               static_cast<double>(*of.lag()), labels(of, "consumergroup"));
  }
  for (const auto& of : progress) {
    if (!of.end) continue;
    page.gauge("kafka_topic_partition_current_offset",
               "Offset that the next record of the topic will have.", static_cast<double>(*of.end),
               {{"topic", cluster.topic()}, {"partition", std::to_string(of.partition.value)}});
  }
  for (const auto& of : progress) {
    page.gauge("kafka_consumergroup_group_lag_seconds",
               "Age of the first command of the inbox topic that is not done with.",
               static_cast<double>(of.lag_us) / us_per_s, labels(of, "group"));
  }
}

void add_projections(Page& page, const projections::RunnerStats& s) {
  for (std::size_t i = 0; i < s.applied.size(); ++i) {
    page.gauge("orderlog_projection_position", "Last sequence folded.", number(s.applied[i].value),
               {{"partition", std::to_string(i)}});
  }
  page.gauge("orderlog_projection_lag_events", "Durable events that are not folded yet.",
             number(s.lag_events));
  page.gauge("orderlog_projection_lag_seconds",
             "Age of the last folded commit while there is a lag.",
             static_cast<double>(s.lag_us) / us_per_s);
  page.counter("orderlog_projection_events_total", "Events folded since the start.",
               number(s.events));
  page.counter("orderlog_projection_batches_total", "Batches written.", number(s.batches));
  page.counter("orderlog_projection_rows_written_total", "Rows written.", number(s.rows_written));
  page.gauge("orderlog_projection_waiters", "Reads that wait for a position.", number(s.waiters));
  page.gauge("orderlog_projection_stopped", "1 after a gap in the log or a failed disk.",
             s.stopped ? 1 : 0);
  for (const auto& model : s.models) {
    page.gauge("orderlog_read_model_ready", "1 when the read model is served.", model.ready ? 1 : 0,
               {{"model", model.name}});
  }
  for (const auto& model : s.models) {
    page.gauge("orderlog_read_model_rebuilding", "1 while a newer copy is built.",
               model.rebuilding ? 1 : 0, {{"model", model.name}});
  }
  for (const auto& model : s.models) {
    page.gauge("orderlog_read_model_parked_keys",
               "Keys set aside because their events could not be folded.",
               number(model.parked_keys), {{"model", model.name}});
  }
}

void add_http(Page& page, const http::HttpStats& s, const http::CommandApi& commands) {
  page.counter("orderlog_http_commands_shed_total",
               "Commands refused because more were ready than one turn of the loop takes.",
               number(commands.shed()));
  page.gauge("orderlog_http_connections", "Open connections.", number(s.connections));
  page.counter("orderlog_http_connections_accepted_total", "Connections accepted.",
               number(s.connections_accepted));
  page.counter("orderlog_http_connections_refused_total", "Connections refused by the bound.",
               number(s.connections_refused));
  for (std::size_t i = 1; i < s.answers_by_class.size(); ++i) {
    page.counter("orderlog_http_responses_total", "Answers by class.",
                 number(s.answers_by_class[i]), {{"class", std::to_string(i) + "xx"}});
  }
  page.counter("orderlog_http_received_bytes_total", "Bytes received.", number(s.bytes_in));
  page.counter("orderlog_http_sent_bytes_total", "Bytes sent.", number(s.bytes_out));
  page.histogram_us("orderlog_http_response_seconds", "From a request's last byte to its answer.",
                    s.answer_us_log2, s.answer_us_total);
}

std::size_t open_files() {
  std::size_t count = 0;
  if (DIR* directory = opendir("/proc/self/fd")) {
    while (readdir(directory) != nullptr) ++count;
    closedir(directory);
  }
  return count;
}

void add_process(Page& page, std::int64_t started_at_s) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / us_per_s;
  };
  std::ifstream statm("/proc/self/statm");
  std::uint64_t virtual_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> virtual_pages >> resident_pages;
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  page.counter("process_cpu_seconds_total", "CPU time of the process.",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
  page.gauge("process_resident_memory_bytes", "Resident memory.",
             number(resident_pages) * page_bytes);
  page.gauge("process_virtual_memory_bytes", "Virtual memory.", number(virtual_pages) * page_bytes);
  page.gauge("process_open_fds", "Open file descriptors.", number(open_files()));
  page.gauge("process_start_time_seconds", "Start, Unix time.", static_cast<double>(started_at_s));
}

}  // namespace

Metrics::Metrics(std::string version)
    : version_(std::move(version)),
      started_at_s_(std::chrono::duration_cast<std::chrono::seconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count()) {}

std::string Metrics::text() const {
  Page page;
  page.gauge("orderlog_build_info", "Always 1; what is running.", 1, {{"version", version_}});
  if (sources_.engine != nullptr) {
    add_engine(page, sources_.engine->stats());
    add_partitions(page, sources_.engine->partitions());
  }
  if (sources_.forwarder != nullptr) add_forwarder(page, sources_.forwarder->stats());
  if (sources_.log != nullptr) {
    page.gauge("orderlog_log_backend_info", "Always 1; where the log is.", 1,
               {{"backend", sources_.kafka_log != nullptr ? "kafka" : "embedded"}});
    add_log(page, sources_.log->stats());
  }
  if (sources_.kafka_log != nullptr) add_kafka_log(page, sources_.kafka_log->kafka_stats());
  if (cluster_ != nullptr) {
    add_cluster(page, *cluster_);
    add_inbox_lag(page, *cluster_);
  }
  if (sources_.projections != nullptr) add_projections(page, sources_.projections->stats());
  if (sources_.http != nullptr) add_http(page, sources_.http->stats(), *sources_.commands);
  add_process(page, started_at_s_);
  return page.text();
}

}  // namespace orderlog::ops
