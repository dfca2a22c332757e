#include "events/log/rocks_tables.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/table.h>

namespace orderlog::log {
namespace {

constexpr std::size_t block_bytes = 16 * 1024;
constexpr int bloom_bits_per_key = 10;
constexpr double bloom_share_of_memtable = 0.02;
constexpr int cache_shard_bits = 2;  // few threads read; large shards are filled evenly
constexpr int memtables_max = 3;
constexpr int background_jobs_max = 2;
constexpr std::uint64_t file_bytes = 16 * 1024 * 1024;
constexpr int open_files_max = 2'048;  // with their filters and indexes
constexpr std::size_t bytes_per_sync = 1024 * 1024;

class CountNothing final : public rocksdb::EventListener {
 public:
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { count_nothing(); }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override {
    count_nothing();
  }
};

}  // namespace

void tune_for_point_reads(rocksdb::Options& options, std::size_t block_cache_bytes) {
  options.max_write_buffer_number = memtables_max;
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = bloom_share_of_memtable;
  options.max_background_jobs = background_jobs_max;
  options.max_open_files = open_files_max;
  options.target_file_size_base = file_bytes;
  options.bytes_per_sync = bytes_per_sync;
  options.compression = rocksdb::kLZ4Compression;
  options.listeners.push_back(std::make_shared<CountNothing>());
  // Compaction runs when no other wants the core.
  (void)rocksdb::Env::Default()->LowerThreadPoolCPUPriority(rocksdb::Env::LOW,
                                                            rocksdb::CpuPriority::kIdle);
  // Its timer thread would make every close wait a second.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;

  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_size = block_bytes;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes, cache_shard_bits);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits_per_key));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
}

void count_nothing() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

}  // namespace orderlog::log
