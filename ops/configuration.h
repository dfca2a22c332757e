// What an installation may set, and how it is read. Must hold: 1. every setting has a name with its
// unit, a default and a range; 2. an unknown name, a wrong type or a value out of range refuses the
// whole file, with its line;
// 3. the same table of names reads the file and prints the reference (`orderlog config`).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/http/limits.h"
#include "engine/policy.h"
#include "engine/runtime/engine.h"
#include "events/base/result.h"

namespace orderlog::ops {

// The log on an Apache Kafka cluster: section [kafka], whose presence switches from the embedded
// log.
struct KafkaConfiguration {
  std::string bootstrap_servers;  // HOST:PORT,…
  // Before what must be this installation's own on a shared cluster, such as transactional ids.
  std::string environment = "orderlog";
  std::string events_topic = "orders.events.v1";
  std::string commands_topic = "orders.commands.v1";
  std::string alerts_topic = "orders.alerts.v1";
  bool publish_alerts = true;
  // How far alerts and views are published.
  std::string published_topic = "orders.published.v1";
  // Reports whose rows are published, each on the topic <prefix><name>.v1.
  std::vector<std::string> views = {"order_status", "delay_list", "stock_position"};
  std::string view_topic_prefix = "orders.view.";
  std::uint32_t replication_factor = 3;  // of the topics that `topics apply` makes
  std::uint32_t min_insync_replicas = 2;
  std::uint64_t transaction_bytes_max = 1024 * 1024;
  std::uint32_t request_timeout_ms = 10'000;
  std::uint32_t message_timeout_ms = 5'000;
  std::uint32_t transaction_timeout_ms = 10'000;
  std::uint32_t catch_up_timeout_ms = 60'000;
  std::uint32_t group_session_timeout_ms = 6'000;
  std::string node_id;    // this node's name among the others; empty: none
  std::string advertise;  // HOST:PORT at which other nodes reach this one; empty: as listened
  std::string client_file;
  // librdkafka's own settings, by its names: those of client_file, [kafka.client] and
  // bootstrap.servers together. May hold passwords.
  std::map<std::string, std::string> client;
};

struct Configuration {
  std::string listen = "127.0.0.1:8080";
  std::uint32_t partitions = 1;
  bool partitions_given = false;  // by the file, not the default
  std::string log_level = "info";
  std::string log_format = "text";  // or "json"
  std::uint32_t shutdown_grace_ms = 5'000;
  std::uint32_t tick_ms = 20;
  std::uint32_t idle_spin_us = 0;

  std::uint64_t log_memtable_bytes = 64ULL * 1024 * 1024;
  std::uint64_t log_block_cache_bytes = 32ULL * 1024 * 1024;
  std::uint64_t log_queue_bytes_max = 32ULL * 1024 * 1024;
  std::uint64_t log_group_bytes_max = 256ULL * 1024;
  std::uint32_t log_gather_us_max = 1'000;
  std::uint64_t state_memtable_bytes = 32ULL * 1024 * 1024;
  std::uint64_t state_block_cache_bytes = 64ULL * 1024 * 1024;
  std::uint64_t projection_memtable_bytes = 64ULL * 1024 * 1024;
  std::uint64_t projection_block_cache_bytes = 64ULL * 1024 * 1024;
  std::uint32_t projection_batch_interval_ms = 10;
  bool projection_idle_scheduling = true;

  runtime::EngineLimits engine;
  http::HttpLimits http;
  engine::Policy policy = engine::default_policy();
  std::optional<KafkaConfiguration> kafka;
};

// Errors: NotFound, InvalidArgument ("orderlog.toml:12: http.body_bytes_max: …").
Result<Configuration> load_configuration(const std::string& path);
// Every setting with its default, as a TOML file that load_configuration reads.
std::string configuration_reference();

}  // namespace orderlog::ops
