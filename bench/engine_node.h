// The engine without HTTP, driven by hand on the caller's thread: for benchmarks of what a commit
// costs. One thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/order_commands.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/state_store.h"
#include "events/log/embedded_log.h"

namespace orderlog::bench {

inline constexpr std::size_t events_per_commit = 256;
inline constexpr std::size_t events_per_order = 10;

// Ends the program when something that a figure rests on is not so.
void must(bool ok, const std::string& what);

class HandLoop final : public runtime::Loop {
 public:
  void post(std::function<void()> task) override;
  // What is there; `wait`: at least one.
  void run_some(bool wait);

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
};

// An engine on any log and store, which outlive it.
class HandDriven {
 public:
  HandDriven(log::EventLog& log, runtime::StateStore& store, const Clock& clock, HandLoop& loop,
             runtime::EngineOptions options);
  // Submits all, a commit whenever about 256 events have gathered; returns when all are durable.
  void run(const std::vector<Bytes>& commands, std::size_t events_per_command);
  runtime::EngineStats stats() const { return engine_->stats(); }

 private:
  HandLoop& loop_;
  std::unique_ptr<runtime::Engine> engine_;
};

// As `orderlog serve` has it: RocksDB log and state store in a directory, one partition.
struct EmbeddedNode {
  explicit EmbeddedNode(const std::string& directory);
  void run(const std::vector<Bytes>& commands, std::size_t events_per_command) {
    engine->run(commands, events_per_command);
  }

  WallClock clock;
  HandLoop loop;
  std::unique_ptr<log::EmbeddedLog> log;
  std::unique_ptr<runtime::StateStore> store;
  std::unique_ptr<HandDriven> engine;
};

// The mixed orders with these numbers, a microsecond apart.
std::vector<Bytes> orders(int from, int count, int skus, TimestampUs at);

}  // namespace orderlog::bench
