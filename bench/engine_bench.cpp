// The engine without HTTP: how near it comes to the bare disk, and how quickly it is back.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>

#include "bench/benchmarks.h"
#include "bench/order_commands.h"
#include "bench/order_events.h"
#include "bench/probe.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/partition.h"
#include "engine/runtime/replay_check.h"
#include "events/log/embedded_log.h"
#include "events/log/verify.h"

namespace orderlog::bench {
namespace {

namespace fs = std::filesystem;

constexpr int skus = 1'000;
constexpr std::size_t events_per_commit = 256;
constexpr std::size_t probe_bytes = 512;

void must(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "bench: %s failed\n", what);
  std::exit(1);
}

class HandLoop final : public runtime::Loop {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    ready_.notify_one();
  }
  void run_some(bool wait) {
    std::unique_lock lock(mutex_);
    if (wait) ready_.wait(lock, [this] { return !tasks_.empty(); });
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
};

struct Node {
  explicit Node(const std::string& directory) {
    log::EmbeddedLogOptions log_options;
    log_options.directory = directory;
    log_options.partition_count = 1;
    auto opened = log::open_embedded_log(log_options);
    must(opened.ok(), "opening the log");
    log = std::move(opened).value();
    runtime::StateStoreOptions store_options;
    store_options.directory = directory + "/state";
    auto opened_store = runtime::open_state_store(store_options);
    must(opened_store.ok(), "opening the state store");
    store = std::move(opened_store).value();
    runtime::EngineOptions options;
    options.policy = engine::default_policy();
    options.limits.commit_bytes_target = 4 * 1024 * 1024;
    // No commit waits and grows: each has its 256 events.
    options.limits.appends_in_flight_max = 64;
    auto made = runtime::open_engine(std::move(options), *log, *store, clock, nullptr, loop);
    must(made.ok(), "opening the engine");
    engine = std::move(made).value();
  }
  // Submits all, a commit whenever about 256 events have gathered; returns when all are durable.
  void run(const std::vector<Bytes>& commands, std::size_t events_per_command) {
    std::size_t answered = 0;
    std::size_t gathered = 0;
    std::size_t sent = 0;
    for (const auto& bytes : commands) {
      engine->submit(bytes, [&](const runtime::Answer& answer) {
        must(answer.outcome == runtime::Outcome::Accepted, "a command");
        ++answered;
      });
      ++sent;
      gathered += events_per_command;
      if (gathered >= events_per_commit) {
        gathered = 0;
        engine->tick();
        loop.run_some(false);
        while (sent - answered > 4 * events_per_commit) loop.run_some(true);
      }
    }
    engine->tick();
    while (answered < commands.size()) loop.run_some(true);
  }

  WallClock clock;
  HandLoop loop;
  std::unique_ptr<log::EmbeddedLog> log;
  std::unique_ptr<runtime::StateStore> store;
  std::unique_ptr<runtime::Engine> engine;
};

std::vector<Bytes> orders(int from, int count, TimestampUs at) {
  std::vector<Bytes> commands;
  commands.reserve(static_cast<std::size_t>(count));
  for (int i = from; i < from + count; ++i) {
    commands.push_back(place_order(mixed_order(i, skus), at + i));
  }
  return commands;
}

}  // namespace

std::vector<Bytes> order_events(const std::string& directory, std::size_t count) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  std::vector<Bytes> events;
  {
    Node node(directory);
    const TimestampUs at = node.clock.now();
    node.run(master_data(skus, at), 2);
    const auto before = node.log->durable_end(PartitionId(0));
    node.run(orders(0, static_cast<int>(count / 10) + 1, at), 10);
    auto cursor = node.log->read(PartitionId(0), before.last_commit.next());
    must(cursor.ok(), "reading the log");
    while (events.size() < count) {
      auto commit = (*cursor)->next();
      must(commit.ok() && commit->has_value(), "reading a commit");
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
  Node node(data);
  const TimestampUs at = node.clock.now();
  node.run(master_data(skus, at), 2);
  const int per_pair = quick ? 10'000 : 40'000;
  node.run(orders(0, 2'000, at), 10);  // warm
  std::vector<Pair> pairs;
  for (int pair = 0; pair < 5; ++pair) {
    const auto commands = orders(10'000 + pair * per_pair, per_pair, at);
    const auto before = node.log->durable_end(PartitionId(0));
    const double begin = seconds_now();
    node.run(commands, 10);
    const double taken = seconds_now() - begin;
    const auto after = node.log->durable_end(PartitionId(0));
    std::vector<std::size_t> sizes;
    auto cursor = node.log->read(PartitionId(0), before.last_commit.next());
    must(cursor.ok(), "reading the log");
    while (true) {
      auto commit = (*cursor)->next();
      must(commit.ok(), "reading a commit");
      if (!*commit) break;
      sizes.push_back((*commit)->frame().size());
    }
    const double events = static_cast<double>(after.last_seq.value - before.last_seq.value);
    pairs.push_back({events / taken, events / append_and_sync(data, sizes)});
    std::fprintf(stderr, "b7: %.0f events in %zu commits, %.0f orders/s\n", events, sizes.size(),
                 per_pair / taken);
  }
  print_result("B7",
               "engine events per second, commits of 256 events / raw append + fdatasync of "
               "the same bytes",
               "events/s", 0.35, pairs, probe_fdatasync(data, probe_bytes, 500));
}

void b8(const std::string& directory, bool quick) {
  const std::string data = directory + "/b8";
  fs::remove_all(data);
  fs::create_directories(data);
  {
    Node node(data);
    const TimestampUs at = node.clock.now();
    node.run(master_data(skus, at), 2);
    node.run(orders(0, quick ? 30'000 : 100'000, at), 10);
  }
  log::EmbeddedLogOptions options;
  options.directory = data;
  auto log = log::open_embedded_log(options);
  must(log.ok(), "opening the log");
  rocksdb::DB* raw = nullptr;
  rocksdb::Options plain;
  plain.create_if_missing = true;
  must(rocksdb::DB::Open(plain, data + "/plain", &raw).ok(), "opening the comparison");
  const std::unique_ptr<rocksdb::DB> kv(raw);
  auto cursor = (*log)->read(PartitionId(0), log::CommitIndex(1));
  must(cursor.ok(), "reading the log");
  while (true) {
    auto commit = (*cursor)->next();
    must(commit.ok(), "reading a commit");
    if (!*commit) break;
    rocksdb::WriteBatch batch;
    std::uint64_t seq = (*commit)->first_seq().value;
    for (const auto event : (*commit)->events()) {
      char key[8];
      for (int i = 0; i < 8; ++i) key[i] = static_cast<char>(seq >> (56 - 8 * i));
      must(batch.Put({key, 8}, {reinterpret_cast<const char*>(event.data()), event.size()}).ok(),
           "a put");
      ++seq;
    }
    rocksdb::WriteOptions no_wal;
    no_wal.disableWAL = true;
    must(kv->Write(no_wal, &batch).ok(), "a write");
  }
  must(kv->Flush(rocksdb::FlushOptions()).ok(), "a flush");
  const WallClock clock;
  const auto policy = engine::default_policy();
  runtime::EngineLimits limits;
  limits.state_cache_bytes = 16ULL * 1024 * 1024 * 1024;
  limits.snapshot_aggregates = 100'000'000;
  std::vector<Pair> pairs;
  for (int pair = 0; pair < 5; ++pair) {
    auto store = runtime::make_memory_state_store();
    runtime::Partition partition({PartitionId(0), 1, policy, limits, *store, clock});
    double begin = seconds_now();
    must(partition.restore(**log).ok(), "replay");
    const double replay = seconds_now() - begin;
    begin = seconds_now();
    std::uint64_t bytes = 0, events = 0;
    rocksdb::ReadOptions scan;
    scan.fill_cache = false;
    scan.readahead_size = 2 * 1024 * 1024;
    const std::unique_ptr<rocksdb::Iterator> it(kv->NewIterator(scan));
    for (it->SeekToFirst(); it->Valid(); it->Next(), ++events) bytes += it->value().size();
    const double bare = seconds_now() - begin;
    must(events == partition.replayed_events() && bytes > 0, "counting the events");
    pairs.push_back({static_cast<double>(events) / replay, static_cast<double>(events) / bare});
  }
  print_result("B8",
               "replay from zero into memory, hashes checked / iterator scan of the same events "
               "stored one key each",
               "events/s", 0.3, pairs, probe_fdatasync(data, probe_bytes, 500));
}

}  // namespace orderlog::bench
