// What a placed order costs, counted instead of timed: the same on a busy machine.
//   orderlog_count memory ORDERS          everything in memory and on one thread: every run is the
//                                         same, so that callgrind's instructions can be compared
//   orderlog_count embedded ORDERS DIR    as `orderlog serve` has it: heap allocations of the
//                                         engine's thread, and of all
// Prints one line of JSON, of the orders after as many to warm up.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/allocations.h"
#include "bench/engine_node.h"
#include "events/log/memory_log.h"

namespace orderlog::bench {
namespace {

constexpr int skus = 100;
constexpr TimestampUs start_us = 1'750'000'000'000'000;  // 2025-06-15
// Snapshots are part of what is counted, however few the orders.
constexpr std::size_t snapshot_aggregates = 1'024;

struct Counts {
  std::uint64_t commands = 0;  // with those that follow from them
  std::uint64_t here = 0;
  std::uint64_t all = 0;
};

Counts counts_of(const HandDriven& engine) {
  const auto stats = engine.stats();
  return {stats.commands_accepted + stats.internal_commands, allocations_of_this_thread(),
          allocations_of_all_threads()};
}

}  // namespace

// callgrind counts what happens in here (--toggle-collect).
__attribute__((noinline)) void measured(HandDriven& engine, const std::vector<Bytes>& commands) {
  engine.run(commands, events_per_order);
}

namespace {

void count_orders(HandDriven& engine, int count, TimestampUs at) {
  engine.run(master_data(skus, at), 2);
  engine.run(orders(0, count, skus, at), events_per_order);
  const auto commands = orders(count, count, skus, at);
  const Counts before = counts_of(engine);
  measured(engine, commands);
  const Counts after = counts_of(engine);
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      R"({"orders":%d,"commands":%llu,"allocations":%llu,"allocations_of_all_threads":%llu})"
      "\n",
      count, number(after.commands - before.commands), number(after.here - before.here),
      number(after.all - before.all));
}

void in_memory(int count) {
  const ManualClock clock(start_us);
  log::MemoryLogOptions log_options;
  log_options.durable_at_once = true;
  auto log = log::open_memory_log(log_options);
  must(log.ok(), "the log does not open");
  const auto store = runtime::make_memory_state_store();
  HandLoop loop;
  runtime::EngineOptions options;
  options.background = &loop;
  options.limits.snapshot_aggregates = snapshot_aggregates;
  HandDriven engine(**log, *store, clock, loop, options);
  count_orders(engine, count, start_us);
}

void embedded(int count, const std::string& directory) {
  std::filesystem::create_directories(directory);
  EmbeddedNode node(directory);
  count_orders(*node.engine, count, node.clock.now());
}

}  // namespace
}  // namespace orderlog::bench

int main(int argc, char** argv) {
  const std::string how = argc > 2 ? argv[1] : "";
  if (how == "memory" && argc == 3) return orderlog::bench::in_memory(std::atoi(argv[2])), 0;
  if (how == "embedded" && argc == 4)
    return orderlog::bench::embedded(std::atoi(argv[2]), argv[3]), 0;
  std::fprintf(stderr, "orderlog_count memory ORDERS | embedded ORDERS DIR\n");
  return 2;
}
