// `orderlog verify`: the whole log, then replay against live. On a cluster the log is the topic: it
// is read into a scratch copy, whatever a node may have on its own disk.
#include "events/log/verify.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <filesystem>

#include "engine/invariants/invariants.h"
#include "engine/runtime/replay_check.h"
#include "events/log/embedded_log.h"
#include "ops/cluster.h"
#include "ops/commands.h"
#include "ops/configuration.h"
#include "ops/stop_signal.h"

namespace orderlog::ops {
namespace {

namespace fs = std::filesystem;

// Removed with what is in it at the end, whatever happens in between.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(fs::path path) : path_(std::move(path)) { remove(); }
  ~ScratchDirectory() { remove(); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  std::string string() const { return path_.string(); }
  void remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

 private:
  fs::path path_;
};

void print_state(const char* how, const runtime::Replay& replay) {
  std::printf("%s: %" PRIu64 " aggregates from %" PRIu64 " events\n", how, replay.aggregates,
              replay.events);
  for (std::size_t p = 0; p < replay.state_hash.size(); ++p)
    std::printf("state hash of partition %zu: %s\n", p, to_hex(replay.state_hash[p]).c_str());
}

int verify_replay(log::LogReader& log, const VerifyOptions& options, const engine::Policy& policy) {
  const ScratchDirectory directory(fs::path(options.data) / ("verify-" + std::to_string(getpid())));
  runtime::StateStoreOptions scratch_options;
  scratch_options.directory = directory.string();
  auto scratch = runtime::open_state_store(scratch_options);
  if (!scratch) return report("no room to replay", scratch.error());
  runtime::StateStoreOptions live_options;
  live_options.directory = state_directory(options.data);
  if (!fs::exists(live_options.directory)) {
    auto replay = runtime::replay_from_zero(log, **scratch, policy, {}, WallClock());
    if (!replay) return report("replay", replay.error());
    print_state("replayed", *replay);
    std::printf("no state to compare with; it is rebuilt from the log at the next start\n");
    return exit_ok;
  }
  live_options.read_only = true;
  auto live = runtime::open_state_store(live_options);
  if (!live) return report("the state store cannot be read", live.error());
  auto check = runtime::check_replay(log, **live, **scratch, policy, {}, WallClock());
  if (!check) return report("replay", check.error());
  for (const auto& difference : check->differences)
    std::printf("FAILED replay differs from live: %s\n", difference.c_str());
  if (!check->differences.empty()) return exit_failed;
  print_state("replay equals live", check->replayed);
  return exit_ok;
}

int verify_all(log::LogReader& log, const VerifyOptions& options, const engine::Policy& policy) {
  engine::InvariantChecker invariants;
  log::VerifyOptions checks;
  checks.on_event = [&](const log::VerifiedEvent& event) {
    return invariants.check(event.envelope);
  };
  auto verified = log::verify_log(log, checks);
  if (!verified) return report("the log cannot be read", verified.error());
  for (const auto& bad : verified->bad)
    std::printf("FAILED first bad commit: %s\n", to_string(bad).c_str());
  if (!verified->ok()) return exit_failed;
  std::printf("log: %" PRIu64 " commits, %" PRIu64 " events, %" PRIu64
              " bytes in %u partition(s): whole\n",
              verified->commits, verified->events, verified->bytes, log.partition_count());
  if (options.data.empty()) return exit_ok;
  return verify_replay(log, options, policy);
}

// Reading the topic checks what only it has: that its records make whole commits, each in its place
// and with its own hash.
int verify_topic(const VerifyOptions& options, const Configuration& configuration) {
  block_stop_signals();
  const fs::path base = options.data.empty() ? fs::temp_directory_path() : fs::path(options.data);
  const ScratchDirectory copy(base / ("orderlog-verify-" + std::to_string(getpid())));
  // It may be large, and reading takes long: not left behind when somebody has waited enough.
  const StopSignal interrupted([&copy] {
    copy.remove();
    _exit(exit_failed);
  });
  auto log = log::open_kafka_log(cluster_log_options(configuration, copy.string()));
  if (!log && log.error().code == ErrorCode::Corrupt) {
    std::printf("FAILED %s\n", log.error().message.c_str());
    return exit_failed;
  }
  if (!log) return report("the log cannot be read", with_advice(log.error(), options.config));
  if (const auto foreign = (*log)->kafka_stats().foreign_records; foreign > 0)
    std::printf("%" PRIu64 " records of %s are not orderlog's\n", foreign,
                configuration.kafka->events_topic.c_str());
  return verify_all(**log, options, configuration.policy);
}

}  // namespace

int verify(const VerifyOptions& options) {
  Configuration configuration;
  if (!options.config.empty()) {
    auto loaded = load_configuration(options.config);
    if (!loaded) return report("configuration", loaded.error());
    configuration = std::move(loaded).value();
  }
  if (configuration.kafka) return verify_topic(options, configuration);
  if (options.data.empty()) {
    report("verify", error(ErrorCode::InvalidArgument,
                           "--data is needed: " + options.config + " has no section [kafka]"));
    return exit_usage;
  }
  auto log = log::open_embedded_reader(options.data);
  if (!log) return report("the log cannot be opened", log.error());
  return verify_all(**log, options, configuration.policy);
}

}  // namespace orderlog::ops
