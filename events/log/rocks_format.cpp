// Keys, log record, options and error texts of the log in RocksDB.
#include "events/log/rocks_format.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/sst_partitioner.h>
#include <rocksdb/status.h>
#include <rocksdb/table.h>

#include <cstring>
#include <vector>

#include "events/log/rocks_safety.h"

namespace orderlog::log::rocks {
namespace {

constexpr char commit_tag = 'c';
constexpr std::string_view record_key = "mlog";
constexpr std::uint32_t record_magic = 0x314D4C4F;  // "OLM1"
constexpr std::uint32_t record_version = 1;
constexpr std::size_t partition_prefix_bytes = 5;  // of a commit's key
constexpr int open_files_max = 512;                // read one after the other

template <class Int>
void store_big_endian(char* at, Int value) {
  for (std::size_t i = sizeof value; i-- > 0; value >>= 8) at[i] = static_cast<char>(value & 0xFF);
}

}  // namespace

CommitKey commit_key(PartitionId partition, CommitIndex index) {
  CommitKey key;
  key[0] = commit_tag;
  store_big_endian(key.data() + 1, partition.value);
  store_big_endian(key.data() + 5, index.value);
  return key;
}

std::optional<CommitIndex> index_in_key(std::string_view key, PartitionId partition) {
  const CommitKey first = commit_key(partition, CommitIndex(0));
  if (key.size() != first.size() || std::memcmp(key.data(), first.data(), 5) != 0) return {};
  std::uint64_t index = 0;
  for (std::size_t i = 5; i < key.size(); ++i) {
    index = index << 8 | static_cast<unsigned char>(key[i]);
  }
  return CommitIndex(index);
}

Error error_of(const rocksdb::Status& status, const std::string& doing) {
  const std::string text = status.ToString();
  if (status.IsNoSpace() || text.find("No space left on device") != std::string::npos) {
    return error(ErrorCode::DiskFull, doing + ": no space left on the disk (" + text + ")");
  }
  if (text.find("While lock file") != std::string::npos ||
      text.find("lock hold by current process") != std::string::npos) {
    return error(
        ErrorCode::Locked,
        doing + ": the directory is in use by another process or log object (" + text + ")");
  }
  if (status.IsCorruption()) return error(ErrorCode::Corrupt, doing + ": " + text);
  if (status.IsNotFound() || status.IsPathNotFound()) {
    return error(ErrorCode::NotFound, doing + ": " + text);
  }
  return error(ErrorCode::Io, doing + ": " + text);
}

// The reasons: proof.md 3d. Kept apart from the defaults only where a log differs from a store.
rocksdb::Options log_options(const EmbeddedLogOptions& options, const std::string& diary_path) {
  rocksdb::Options db;
  harden(db, diary_path);
  db.create_if_missing = true;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.max_total_wal_size = 256 * 1024 * 1024;
  db.paranoid_checks = true;
  db.verify_sst_unique_id_in_manifest = true;
  db.write_buffer_size = options.memtable_bytes;
  db.max_write_buffer_number = 4;
  db.max_background_jobs = 2;
  db.level0_file_num_compaction_trigger = 8;
  db.level0_slowdown_writes_trigger = 24;
  db.level0_stop_writes_trigger = 40;
  // Files of a log of one partition don't overlap and are moved down as they are: compressed in the
  // same way at all levels, and no file reaches from the commits to the record behind them.
  db.compression = rocksdb::kLZ4Compression;
  db.sst_partitioner_factory = rocksdb::NewSstPartitionerFixedPrefixFactory(partition_prefix_bytes);
  db.max_open_files = open_files_max;
  db.use_direct_io_for_flush_and_compaction = true;
  db.bytes_per_sync = 1024 * 1024;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  if (options.background_bytes_per_second > 0) {
    db.rate_limiter.reset(rocksdb::NewGenericRateLimiter(
        static_cast<std::int64_t>(options.background_bytes_per_second)));
  }
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_size = 64 * 1024;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  // Scans read ahead by themselves; a reader at the tail must not fetch this much at each poll.
  table.max_auto_readahead_size = 2 * 1024 * 1024;
  db.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return db;
}

std::string log_directory(const std::string& directory) { return directory + "/log"; }

Result<std::optional<std::uint32_t>> stored_partition_count(rocksdb::DB& database) {
  const char* doing = "reading the log's record";
  std::string record;
  const auto status =
      database.Get({}, rocksdb::Slice(record_key.data(), record_key.size()), &record);
  if (status.IsNotFound()) {
    const std::unique_ptr<rocksdb::Iterator> first(database.NewIterator({}));
    first->SeekToFirst();
    if (!first->status().ok()) return error_of(first->status(), doing);
    if (first->Valid()) {
      return error(ErrorCode::Corrupt,
                   "this RocksDB directory is not a log, or has lost its record");
    }
    return std::optional<std::uint32_t>();
  }
  if (!status.ok()) return error_of(status, doing);
  std::uint32_t fields[4];
  if (record.size() != sizeof fields)
    return error(ErrorCode::Corrupt, "the log's record is damaged");
  std::memcpy(fields, record.data(), sizeof fields);
  if (fields[0] != record_magic) return error(ErrorCode::Corrupt, "the log's record is damaged");
  if (fields[1] > record_version) {
    return error(ErrorCode::Unsupported, "the log has format version " + std::to_string(fields[1]) +
                                             ", this program knows " +
                                             std::to_string(record_version));
  }
  if (fields[2] == 0 || fields[2] > partitions_max) {
    return error(ErrorCode::Corrupt, "the log's record is damaged");
  }
  return std::optional<std::uint32_t>(fields[2]);
}

Result<std::optional<std::string>> stored_identity(rocksdb::DB& database) {
  std::string identity;
  const auto status =
      database.Get({}, rocksdb::Slice(identity_key.data(), identity_key.size()), &identity);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return error_of(status, "reading whose copy this log is");
  return std::optional<std::string>(std::move(identity));
}

Status store_partition_count(rocksdb::DB& database, std::uint32_t count) {
  const std::uint32_t fields[4] = {record_magic, record_version, count, 0};
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto status =
      database.Put(synced, rocksdb::Slice(record_key.data(), record_key.size()),
                   rocksdb::Slice(reinterpret_cast<const char*>(fields), sizeof fields));
  if (!status.ok()) return error_of(status, "creating the log");
  return {};
}

Result<LogEnd> stored_end(rocksdb::DB& database, PartitionId partition,
                          std::uint32_t partition_count, bool strict) {
  const std::string where = "the end of partition " + std::to_string(partition.value);
  const CommitKey last = commit_key(partition, CommitIndex(UINT64_MAX));
  const std::unique_ptr<rocksdb::Iterator> at(database.NewIterator({}));
  at->SeekForPrev(rocksdb::Slice(last.data(), last.size()));
  LogEnd end = empty_end(partition, partition_count);
  if (!at->Valid() && !at->status().ok()) {
    if (!strict) {
      // Unreadable: let readers run into it and name the place.
      end.last_commit = CommitIndex(UINT64_MAX);
      return end;
    }
    return error_of(at->status(), "reading " + where);
  }
  if (!at->Valid()) return end;
  const auto index = index_in_key(at->key().ToStringView(), partition);
  if (!index) return end;

  std::vector<std::uint64_t> aligned((at->value().size() + 7) / 8);
  std::memcpy(aligned.data(), at->value().data(), at->value().size());
  const auto commit = CommitView::parse(
      {reinterpret_cast<const std::uint8_t*>(aligned.data()), at->value().size()});
  const bool sound = commit && commit->partition() == partition && commit->index() == *index &&
                     commit->verify_hash();
  if (sound) return commit->end();
  if (strict) {
    return error(ErrorCode::Corrupt,
                 where + ", commit " + std::to_string(index->value) + ": " +
                     (commit ? "place or hash does not match" : commit.error().message) +
                     "; run verify, then restore a backup");
  }
  end.last_commit = *index;
  return end;
}

}  // namespace orderlog::log::rocks
