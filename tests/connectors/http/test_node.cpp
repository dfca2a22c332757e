// Puts a node together in the order of its parts' dependencies.
#include "tests/connectors/http/test_node.h"

#include <unistd.h>

#include <atomic>

#include "projections/registry.h"

namespace orderlog::http {

namespace {

constexpr std::uint32_t claim_wait_ms = 1'000;

std::string fresh_directory() {
  static std::atomic<int> number{0};
  const auto path =
      std::filesystem::temp_directory_path() /
      ("orderlog-http-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path.string();
}

}  // namespace

TestNode::TestNode(NodeOptions options) : directory_(fresh_directory()) {
  log::EmbeddedLogOptions log_options;
  log_options.directory = directory_;
  log_options.partition_count = options.partitions;
  log_ = std::move(*log::open_embedded_log(log_options));
  state_ = runtime::make_memory_state_store();
  projections::RunnerOptions rows;
  rows.directory = directory_;
  runner_ = std::move(*projections::Runner::open(*log_, rows, projections::all_models()));
  server_ = std::make_unique<TestServer>(
      [&](Router& router, EventLoop& loop) {
        runtime::EngineOptions engine;
        engine.policy = engine::default_policy();
        engine.limits = options.engine;
        engine.advertised_address = "here";
        engine.engine_version = "test";
        engine_ = std::move(*runtime::open_engine(engine, *log_, *state_, clock_, nullptr, loop));
        command_api_ = std::make_unique<CommandApi>(*engine_, loop, clock_, options.limits);
        command_api_->add_routes(router);
        query_api_ = std::make_unique<QueryApi>(*runner_, loop, clock_, options.limits);
        query_api_->add_routes(router);
        stream_api_ = std::make_unique<StreamApi>(*log_, *runner_, loop, options.limits);
        stream_api_->add_routes(router);
        system_api_ = std::make_unique<SystemApi>(
            SystemSources{.version = "test",
                          .reports = runner_->reports(),
                          .metrics = [] { return std::string("# TYPE up gauge\nup 1\n"); },
                          .readiness =
                              [this] {
                                const bool failed = engine_->stats().failed;
                                return Readiness{{{"engine", !failed, ""}, {"moon", false, "new"}}};
                              },
                          .start_page = {},
                          .more_routes = {}},
            options.limits);
        system_api_->add_routes(router);
        loop.every(5, [this] { engine_->tick(); });
      },
      options.limits);
  EXPECT_TRUE(runner_->wait_ready(std::chrono::seconds(30)).ok());
  // The engine's claim of each partition comes first, so that tests can count what follows it.
  for (std::uint32_t p = 0; p < options.partitions; ++p) {
    std::uint64_t seen = 0;
    while (log_->durable_end(PartitionId(p)).last_seq == Sequence(0)) {
      seen = log_->wait_durable(seen, claim_wait_ms);
    }
  }
}

TestNode::~TestNode() {
  server_->run([this](const std::function<void()>& done) {
    engine_->stop([done](const Status& stopped) {
      EXPECT_TRUE(stopped.ok());
      done();
    });
  });
  server_->stop();
  stream_api_.reset();
  query_api_.reset();
  runner_.reset();
  engine_.reset();
  server_.reset();
  log_.reset();
  std::filesystem::remove_all(directory_);
}

}  // namespace orderlog::http
