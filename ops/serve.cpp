// `orderlog serve`: puts the rooms together and runs them until it is told to stop.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "connectors/http/command_api.h"
#include "connectors/http/event_loop.h"
#include "connectors/http/peer_api.h"
#include "connectors/http/peer_forwarder.h"
#include "connectors/http/query_api.h"
#include "connectors/http/router.h"
#include "connectors/http/server.h"
#include "connectors/http/stream_api.h"
#include "connectors/http/system_api.h"
#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/log/embedded_log.h"
#include "events/log/rocks_safety.h"
#include "ops/backup_route.h"
#include "ops/cluster.h"
#include "ops/cluster_member.h"
#include "ops/commands.h"
#include "ops/configuration.h"
#include "ops/logging.h"
#include "ops/metrics.h"
#include "ops/stop_signal.h"
#include "ops/version.h"
#include "projections/registry.h"
#include "projections/runner/runner.h"

namespace orderlog::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t watch_interval_ms = 1'000;
constexpr int stores_of_a_node = 3;  // log, state, read models

// Connections and the stores' files together are more than the soft limit that a shell gives.
void raise_open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

// Everything of a running node, in the order in which it is made; destroyed in the reverse order.
class Node {
 public:
  Node(Configuration configuration, std::string data, bool data_clock)
      : configuration_(std::move(configuration)),
        data_(std::move(data)),
        data_clock_on_(data_clock),
        metrics_(version),
        loop_({configuration_.idle_spin_us}) {}

  ~Node();

  Status open();
  // Until a signal, or until the engine fails.
  Status run();
  std::string address() const;

 private:
  Status open_log();
  Status open_embedded_log();
  Status open_kafka_log();
  Status open_state();
  Status open_http();
  Status join_cluster();
  const Clock& business_clock() const {
    return data_clock_on_ ? static_cast<const Clock&>(data_clock_) : wall_clock_;
  }
  void begin_stop();
  void stop_engine();
  void watch();
  http::Readiness readiness() const;

  Configuration configuration_;
  std::string data_;
  bool data_clock_on_;
  WallClock wall_clock_;
  DataClock data_clock_;
  Metrics metrics_;
  http::EventLoop loop_;
  std::unique_ptr<log::EventLog> log_;
  log::EmbeddedLog* embedded_log_ = nullptr;  // log_ is one of the two
  log::KafkaLog* kafka_log_ = nullptr;
  std::unique_ptr<runtime::StateStore> state_;
  std::unique_ptr<projections::Runner> projections_;
  std::unique_ptr<runtime::Engine> engine_;
  http::Router router_;
  std::unique_ptr<http::PeerForwarder> forwarder_;
  std::unique_ptr<http::PeerApi> peer_api_;
  std::unique_ptr<http::CommandApi> command_api_;
  std::unique_ptr<http::QueryApi> query_api_;
  std::unique_ptr<http::StreamApi> stream_api_;
  std::unique_ptr<http::SystemApi> system_api_;
  std::unique_ptr<BackupRoute> backup_route_;
  std::unique_ptr<http::HttpServer> server_;
  std::unique_ptr<ClusterMember> cluster_member_;
  std::thread leaver_;
  std::atomic<bool> stopping_ = false;
  std::uint64_t refused_follow_ups_ = 0;
  std::string inbox_trouble_;
  std::string publishing_trouble_;
  bool rows_stopped_ = false;
  bool rows_starved_ = false;
  Status outcome_;
};

Status Node::open_log() { return configuration_.kafka ? open_kafka_log() : open_embedded_log(); }

Status Node::open_kafka_log() {
  auto options = cluster_log_options(configuration_, data_);
  options.client.diary = log_diary();
  auto log = log::open_kafka_log(std::move(options));
  if (!log) return log.error();
  kafka_log_ = log->get();
  log_ = std::move(log).value();
  return check_cluster(configuration_, log_->partition_count());
}

Status Node::open_embedded_log() {
  log::EmbeddedLogOptions options;
  options.directory = data_;
  // What an existing log was made with counts, unless the configuration insists on a number.
  options.partition_count = configuration_.partitions;
  options.group_bytes_max = configuration_.log_group_bytes_max;
  options.gather_us_max = configuration_.log_gather_us_max;
  options.queue_bytes_max = configuration_.log_queue_bytes_max;
  options.memtable_bytes = configuration_.log_memtable_bytes;
  options.block_cache_bytes = configuration_.log_block_cache_bytes;
  auto log = log::open_embedded_log(options);
  if (!log) return log.error();
  embedded_log_ = log->get();
  log_ = std::move(log).value();
  return Status();
}

Status Node::open_state() {
  runtime::StateStoreOptions options;
  options.directory = state_directory(data_);
  options.memtable_bytes = configuration_.state_memtable_bytes;
  options.block_cache_bytes = configuration_.state_block_cache_bytes;
  auto state = runtime::open_state_store(options);
  if (!state) return state.error();
  state_ = std::move(state).value();
  return Status();
}

Status Node::open() {
  log::compact_side_by_side(stores_of_a_node);
  if (auto status = open_log(); !status) return status;
  if (auto status = open_state(); !status) return status;
  projections::RunnerOptions rows;
  rows.directory = data_;
  rows.memtable_bytes = configuration_.projection_memtable_bytes;
  rows.block_cache_bytes = configuration_.projection_block_cache_bytes;
  rows.batch_interval_ms = configuration_.projection_batch_interval_ms;
  rows.idle_scheduling = configuration_.projection_idle_scheduling;
  rows.gives_way = [this] { return state_->is_behind(); };
  auto runner = projections::Runner::open(*log_, rows, projections::all_models());
  if (!runner) return runner.error();
  projections_ = std::move(runner).value();
  runtime::EngineOptions options;
  options.policy = configuration_.policy;
  options.limits = configuration_.engine;
  options.advertised_address = configuration_.listen;
  options.engine_version = version;
  options.claim_all = kafka_log_ == nullptr;
  auto engine = runtime::open_engine(std::move(options), *log_, *state_, wall_clock_,
                                     data_clock_on_ ? &data_clock_ : nullptr, loop_);
  if (!engine) return engine.error();
  engine_ = std::move(engine).value();
  engine_->on_failure([this](const Error& why) {
    spdlog::critical("the engine has stopped taking commands: {}", why.message);
    outcome_ = why;
    begin_stop();
  });
  if (auto status = open_http(); !status) return status;
  return kafka_log_ == nullptr ? Status() : join_cluster();
}

Status Node::join_cluster() {
  const KafkaConfiguration& kafka = *configuration_.kafka;
  engine_->advertise(kafka.advertise.empty() ? address() : kafka.advertise);
  auto client = cluster_log_options(configuration_, data_).client;
  client.diary = log_diary();
  auto member = ClusterMember::join(configuration_, client, *engine_, loop_, *kafka_log_,
                                    *projections_, wall_clock_, business_clock());
  if (!member) return member.error();
  cluster_member_ = std::move(member).value();
  metrics_.set_cluster(cluster_member_.get());
  return Status();
}

http::Readiness Node::readiness() const {
  const auto engine = engine_->stats();
  const auto rows = projections_->stats();
  const bool log_failed = log_->stats().failed;
  http::Readiness ready;
  ready.checks.push_back({"engine", !engine.failed && !stopping_,
                          engine.failed ? "failed"
                          : stopping_   ? "stopping"
                                        : "running"});
  if (cluster_member_ && !stopping_) {
    const auto cluster = cluster_member_->ownership();
    ready.checks.push_back({"partitions", cluster.assigned && cluster.leading == cluster.wanted,
                            "leads " + std::to_string(cluster.leading) + " of " +
                                std::to_string(cluster.wanted) + " given to it" +
                                (cluster.last_trouble.empty() ? "" : ": " + cluster.last_trouble)});
  }
  ready.checks.push_back({"log", !log_failed, log_failed ? "failed" : "writing"});
  ready.checks.push_back(
      {"read-models", !rows.stopped,
       rows.stopped ? rows.error : std::to_string(rows.lag_events) + " events behind"});
  for (const auto& model : rows.models) {
    ready.checks.push_back({"read-model-" + model.name, model.ready && !model.failed,
                            model.failed  ? model.error
                            : model.ready ? "served"
                                          : "being built"});
  }
  return ready;
}

Status Node::open_http() {
  if (configuration_.kafka) {
    const std::string log =
        configuration_.kafka->environment + "/" + configuration_.kafka->events_topic;
    http::PeerForwarderOptions forwarding;
    forwarding.log = log;
    forwarder_ = std::make_unique<http::PeerForwarder>(loop_, forwarding);
    peer_api_ = std::make_unique<http::PeerApi>(*engine_, loop_, configuration_.http, log);
    peer_api_->add_routes(router_);
  }
  command_api_ = std::make_unique<http::CommandApi>(*engine_, loop_, wall_clock_,
                                                    configuration_.http, forwarder_.get());
  command_api_->add_routes(router_);
  query_api_ =
      std::make_unique<http::QueryApi>(*projections_, loop_, business_clock(), configuration_.http);
  query_api_->add_routes(router_);
  stream_api_ = std::make_unique<http::StreamApi>(*log_, *projections_, loop_, configuration_.http);
  stream_api_->add_routes(router_);
  http::SystemSources sources;
  sources.version = version;
  sources.reports = projections_->reports();
  sources.metrics = [this] { return metrics_.text(); };
  sources.readiness = [this] { return readiness(); };
  system_api_ = std::make_unique<http::SystemApi>(std::move(sources), configuration_.http);
  system_api_->add_routes(router_);
  backup_route_ = std::make_unique<BackupRoute>(embedded_log_, loop_);
  backup_route_->add_routes(router_);
  auto server = http::open_http_server(loop_, router_, configuration_.listen, configuration_.http);
  if (!server) return server.error();
  server_ = std::move(server).value();
  metrics_.set_sources({engine_.get(), log_.get(), kafka_log_, projections_.get(), server_.get(),
                        command_api_.get(), forwarder_.get()});
  return Status();
}

std::string Node::address() const {
  const auto colon = configuration_.listen.rfind(':');
  return configuration_.listen.substr(0, colon) + ":" + std::to_string(server_->port());
}

// What nobody asked about but somebody should know.
void Node::watch() {
  const auto engine = engine_->stats();
  if (engine.internal_rejections > refused_follow_ups_) {
    spdlog::warn("{} follow-up command(s) refused, the last: {}",
                 engine.internal_rejections - refused_follow_ups_, engine.last_internal_rejection);
    refused_follow_ups_ = engine.internal_rejections;
  }
  if (cluster_member_ && !stopping_) {
    const auto trouble = cluster_member_->inbox().last_trouble;
    if (trouble != inbox_trouble_) spdlog::warn("commands wait in the inbox topic: {}", trouble);
    inbox_trouble_ = trouble;
    const auto publishing = cluster_member_->publishing();
    const auto why = publishing ? publishing->last_trouble : "";
    if (why != publishing_trouble_ && !why.empty())
      spdlog::warn("alerts and views wait to be published: {}", why);
    publishing_trouble_ = why;
  }
  const auto rows = projections_->stats();
  if (rows.stopped && !rows_stopped_) spdlog::error("the read models stand still: {}", rows.error);
  rows_stopped_ = rows.stopped;
  if (rows.starved && !rows_starved_) {
    spdlog::warn("the read models got no time: until they have caught up they give way to nobody");
  }
  rows_starved_ = rows.starved;
}

// One that has joined and never ran leaves all the same.
Node::~Node() {
  if (!cluster_member_) return;
  begin_stop();
  loop_.run();
  if (leaver_.joinable()) leaver_.join();
}

// Answers under way first, then the engine, then the rows.
void Node::begin_stop() {
  if (stopping_.exchange(true)) return;
  loop_.post([this] {
    server_->stop(configuration_.shutdown_grace_ms, [this] {
      if (forwarder_) forwarder_->stop();
      if (!cluster_member_) return stop_engine();
      // Not on the loop, which it needs for that.
      metrics_.set_cluster(nullptr);
      leaver_ = std::thread([this] {
        cluster_member_.reset();
        loop_.post([this] { stop_engine(); });
      });
    });
  });
}

void Node::stop_engine() {
  engine_->stop([this](const Status& status) {
    if (!status && outcome_.ok()) outcome_ = status;
    loop_.stop();
  });
}

Status Node::run() {
  loop_.every(configuration_.tick_ms, [this] { engine_->tick(); });
  loop_.every(watch_interval_ms, [this] { watch(); });
  const StopSignal signal([this] {
    spdlog::info("stopping");
    begin_stop();
  });
  loop_.run();
  if (leaver_.joinable()) leaver_.join();
  if (auto status = projections_->flush(); !status && outcome_.ok()) outcome_ = status;
  return outcome_;
}

Status write_address(const std::string& path, const std::string& address) {
  const std::string next = path + ".new";
  {
    std::ofstream out(next, std::ios::trunc);
    out << address << '\n';
    if (!out.flush()) return error(ErrorCode::Io, "cannot write " + next);
  }
  std::error_code failed;
  fs::rename(next, path, failed);
  return failed ? Status(error(ErrorCode::Io, "cannot write " + path)) : Status();
}

}  // namespace

int serve(const ServeOptions& options) {
  Configuration configuration;
  configuration.partitions = 0;
  if (!options.config.empty()) {
    auto loaded = load_configuration(options.config);
    if (!loaded) return report("configuration", loaded.error());
    configuration = std::move(loaded).value();
  }
  if (options.partitions != 0) {
    configuration.partitions = options.partitions;
    configuration.partitions_given = true;
  }
  if (configuration.partitions == 0 && !fs::exists(fs::path(options.data) / "log"))
    configuration.partitions = 1;
  if (!options.listen.empty()) configuration.listen = options.listen;
  set_up_logging(configuration.log_level, configuration.log_format);
  block_stop_signals();
  std::error_code failed;
  fs::create_directories(options.data, failed);
  if (failed) return report("cannot make " + options.data, error(ErrorCode::Io, failed.message()));
  raise_open_files_limit();
  Node node(configuration, options.data, options.clock == "data");
  if (auto status = node.open(); !status) {
    return report("cannot serve " + options.data, configuration.kafka
                                                      ? with_advice(status.error(), options.config)
                                                      : status.error());
  }
  if (!options.address_file.empty()) {
    if (auto status = write_address(options.address_file, node.address()); !status)
      return report("serve", status.error());
  }
  spdlog::info("serving {} on http://{}", options.data, node.address());
  const auto status = node.run();
  if (!status) return report("stopped", status.error());
  spdlog::info("stopped");
  return exit_ok;
}

}  // namespace orderlog::ops
