// How quickly a log becomes state and read models again.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "bench/benchmarks.h"
#include "bench/engine_node.h"
#include "bench/probe.h"
#include "engine/runtime/partition.h"
#include "events/base/hash.h"
#include "projections/registry.h"
#include "projections/runner/runner.h"

namespace orderlog::bench {
namespace {

namespace fs = std::filesystem;

constexpr int skus = 1'000;
constexpr std::chrono::minutes rebuild_wait_max{30};

runtime::EngineLimits everything_in_memory() {
  runtime::EngineLimits limits;
  limits.state_cache_bytes = 16ULL * 1024 * 1024 * 1024;
  limits.snapshot_aggregates = 100'000'000;
  return limits;
}

// One partition, replayed from zero into memory, hashes checked.
class Replayed {
 public:
  Replayed(log::LogReader& log, std::uint32_t partition)
      : partition_(
            {PartitionId(partition), log.partition_count(), policy_, limits_, *store_, clock_}) {
    must(partition_.restore(log).ok(), "the log cannot be replayed");
  }
  std::uint64_t events() const { return partition_.replayed_events(); }

 private:
  const WallClock clock_;
  const engine::Policy policy_ = engine::default_policy();
  const runtime::EngineLimits limits_ = everything_in_memory();
  const std::unique_ptr<runtime::StateStore> store_ = runtime::make_memory_state_store();
  runtime::Partition partition_;
};

// The same events, one key each.
std::unique_ptr<rocksdb::DB> plain_copy(log::LogReader& log, const std::string& directory) {
  rocksdb::DB* raw = nullptr;
  rocksdb::Options plain;
  plain.create_if_missing = true;
  must(rocksdb::DB::Open(plain, directory, &raw).ok(), "the comparison does not open");
  std::unique_ptr<rocksdb::DB> kv(raw);
  auto cursor = log.read(PartitionId(0), log::CommitIndex(1));
  must(cursor.ok(), "the log cannot be read");
  while (true) {
    auto commit = (*cursor)->next();
    must(commit.ok(), "a commit cannot be read");
    if (!*commit) break;
    rocksdb::WriteBatch batch;
    std::uint64_t seq = (*commit)->first_seq().value;
    for (const auto event : (*commit)->events()) {
      char key[8];
      for (int i = 0; i < 8; ++i) key[i] = static_cast<char>(seq >> (56 - 8 * i));
      must(batch.Put({key, 8}, {reinterpret_cast<const char*>(event.data()), event.size()}).ok(),
           "a put failed");
      ++seq;
    }
    rocksdb::WriteOptions no_wal;
    no_wal.disableWAL = true;
    must(kv->Write(no_wal, &batch).ok(), "a write failed");
  }
  must(kv->Flush(rocksdb::FlushOptions()).ok(), "a flush failed");
  return kv;
}

std::unique_ptr<log::LogReader> reader_of(const std::string& data) {
  auto log = log::open_embedded_reader(data);
  must(log.ok(), "the log cannot be read");
  return std::move(log).value();
}

// Of all rows of all models; nothing may have been set aside.
std::string rows_hash(const projections::Runner& runner) {
  Sha256 all;
  for (const auto& model : runner.stats().models) {
    must(!model.failed && model.parked_events == 0, model.name + " could not fold all events");
    const auto hash = runner.state_hash(model.name);
    must(hash.ok(), model.name + " cannot be read");
    all.update(*hash);
  }
  return to_hex(all.finish());
}

std::unique_ptr<projections::Runner> models(log::LogReader& log, const std::string& directory) {
  projections::RunnerOptions options;
  options.directory = directory;
  options.idle_scheduling = false;
  auto runner = projections::Runner::open(log, options, projections::all_models());
  must(runner.ok(), "the read models do not open");
  must((*runner)->wait_ready(rebuild_wait_max).ok(), "the read models do not get ready");
  return std::move(runner).value();
}

}  // namespace

void b8(const std::string& directory, bool quick) {
  const std::string data = directory + "/b8";
  fs::remove_all(data);
  fs::create_directories(data);
  {
    EmbeddedNode node(data);
    const TimestampUs at = node.clock.now();
    node.run(master_data(skus, at), 2);
    node.run(orders(0, quick ? 30'000 : 100'000, skus, at), events_per_order);
  }
  const auto log = reader_of(data);
  const auto kv = plain_copy(*log, data + "/plain");
  std::vector<Pair> pairs;
  for (int pair = 0; pair < 5; ++pair) {
    double begin = seconds_now();
    auto state = std::make_unique<const Replayed>(*log, 0);
    const double replay = seconds_now() - begin;
    const std::uint64_t replayed = state->events();
    state.reset();  // who replays wants to keep it
    begin = seconds_now();
    std::uint64_t bytes = 0, events = 0;
    rocksdb::ReadOptions scan;
    scan.fill_cache = false;
    scan.readahead_size = 2 * 1024 * 1024;
    const std::unique_ptr<rocksdb::Iterator> it(kv->NewIterator(scan));
    for (it->SeekToFirst(); it->Valid(); it->Next(), ++events) bytes += it->value().size();
    const double bare = seconds_now() - begin;
    must(events == replayed && bytes > 0, "the events are not the same");
    pairs.push_back({static_cast<double>(events) / replay, static_cast<double>(events) / bare});
  }
  print_result("B8",
               "replay from zero into memory, hashes checked / iterator scan of the same events "
               "stored one key each",
               "events/s", 0.3, pairs, probe_fdatasync(data));
}

void replay(const std::string& data, int threads) {
  const auto log = reader_of(data);
  const std::uint32_t partitions = log->partition_count();
  std::atomic<std::uint32_t> next = 0;
  std::vector<std::unique_ptr<const Replayed>> state(partitions);
  const auto work = [&] {
    for (std::uint32_t p = next++; p < partitions; p = next++)
      state[p] = std::make_unique<const Replayed>(*log, p);
  };
  const double begin = seconds_now();
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (auto& other : others) other.join();
  const double seconds = seconds_now() - begin;
  std::uint64_t count = 0;
  for (const auto& replayed : state) count += replayed->events();
  std::printf("{\"events\":%llu,\"per_second\":%.1f}\n", static_cast<unsigned long long>(count),
              static_cast<double>(count) / seconds);
}

void rebuild(const std::string& data, const std::string& scratch) {
  const auto log = reader_of(data);
  fs::remove_all(scratch);
  fs::create_directories(scratch);
  std::uint64_t events = 0;
  for (std::uint32_t p = 0; p < log->partition_count(); ++p)
    events += log->durable_end(PartitionId(p)).last_seq.value;
  const double begin = seconds_now();
  auto rebuilt = models(*log, scratch);
  const double seconds = seconds_now() - begin;
  const std::string rows = rows_hash(*rebuilt);
  rebuilt.reset();
  fs::remove_all(scratch);
  const std::string live = rows_hash(*models(*log, data));
  must(rows == live, "the rows are not those that were served");
  std::printf("{\"events\":%llu,\"per_second\":%.1f,\"rows\":\"%s\"}\n",
              static_cast<unsigned long long>(events), static_cast<double>(events) / seconds,
              rows.c_str());
}

void open_stores(const std::string& data) {
  const double begin = seconds_now();
  log::EmbeddedLogOptions log_options;
  log_options.directory = data;
  const auto log = log::open_embedded_log(log_options);
  must(log.ok(), "the log does not open");
  runtime::StateStoreOptions store_options;
  store_options.directory = data + "/state";
  const auto store = runtime::open_state_store(store_options);
  must(store.ok(), "the state store does not open");
  projections::RunnerOptions options;
  options.directory = data;
  options.own_thread = false;
  const auto runner = projections::Runner::open(**log, options, projections::all_models());
  must(runner.ok(), "the read models do not open");
  std::printf("{\"seconds\":%.4f}\n", seconds_now() - begin);
}

}  // namespace orderlog::bench
