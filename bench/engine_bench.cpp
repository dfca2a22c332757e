// The engine without HTTP: how near it comes to the bare disk.
#include <cstdio>
#include <filesystem>

#include "bench/benchmarks.h"
#include "bench/engine_node.h"
#include "bench/order_events.h"
#include "bench/probe.h"

namespace orderlog::bench {
namespace {

namespace fs = std::filesystem;

constexpr int skus = 1'000;

}  // namespace

std::vector<Bytes> order_events(const std::string& directory, std::size_t count) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  std::vector<Bytes> events;
  {
    EmbeddedNode node(directory);
    const TimestampUs at = node.clock.now();
    node.run(master_data(skus, at), 2);
    const auto before = node.log->durable_end(PartitionId(0));
    node.run(orders(0, static_cast<int>(count / events_per_order) + 1, skus, at), events_per_order);
    auto cursor = node.log->read(PartitionId(0), before.last_commit.next());
    must(cursor.ok(), "the log cannot be read");
    while (events.size() < count) {
      auto commit = (*cursor)->next();
      must(commit.ok() && commit->has_value(), "a commit cannot be read");
      for (const auto event : (*commit)->events()) {
        if (events.size() < count) events.emplace_back(event.begin(), event.end());
      }
    }
  }
  fs::remove_all(directory);
  return events;
}

void b7(const std::string& directory, bool quick) {
  const std::string data = directory + "/b7";
  fs::remove_all(data);
  fs::create_directories(data);
  EmbeddedNode node(data);
  const TimestampUs at = node.clock.now();
  node.run(master_data(skus, at), 2);
  const int per_pair = quick ? 10'000 : 40'000;
  node.run(orders(0, 2'000, skus, at), events_per_order);  // warm
  std::vector<Pair> pairs;
  for (int pair = 0; pair < 5; ++pair) {
    const auto commands = orders(10'000 + pair * per_pair, per_pair, skus, at);
    const auto before = node.log->durable_end(PartitionId(0));
    const double begin = seconds_now();
    node.run(commands, events_per_order);
    const double taken = seconds_now() - begin;
    const auto after = node.log->durable_end(PartitionId(0));
    std::vector<std::size_t> sizes;
    auto cursor = node.log->read(PartitionId(0), before.last_commit.next());
    must(cursor.ok(), "the log cannot be read");
    while (true) {
      auto commit = (*cursor)->next();
      must(commit.ok(), "a commit cannot be read");
      if (!*commit) break;
      sizes.push_back((*commit)->frame().size());
    }
    const double events = static_cast<double>(after.last_seq.value - before.last_seq.value);
    pairs.push_back({events / taken, events / append_and_sync(data, sizes)});
    std::fprintf(stderr, "  B7: %.0f events in %zu commits, %.0f orders/s\n", events, sizes.size(),
                 per_pair / taken);
  }
  print_result("B7",
               "engine events per second, commits of 256 events / raw append + fdatasync of "
               "the same bytes",
               "events/s", 0.35, pairs, probe_fdatasync(data));
}

}  // namespace orderlog::bench
