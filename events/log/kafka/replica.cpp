#include "events/log/kafka/replica.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "events/log/commit_format.h"
#include "events/log/rocks_format.h"

namespace orderlog::log::kafka {
namespace {

using OffsetKey = std::array<char, 5>;

OffsetKey offset_key(PartitionId partition) {
  OffsetKey key{'k'};
  for (int i = 0; i < 4; ++i) key[1 + i] = static_cast<char>(partition.value >> (24 - 8 * i));
  return key;
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
rocksdb::Slice slice(const OffsetKey& key) { return {key.data(), key.size()}; }
rocksdb::Slice slice(const rocks::CommitKey& key) { return {key.data(), key.size()}; }

void put_offset(rocksdb::WriteBatch& batch, PartitionId partition, std::int64_t offset) {
  (void)batch.Put(slice(offset_key(partition)),
                  rocksdb::Slice(reinterpret_cast<const char*>(&offset), sizeof offset));
}

Status write(rocksdb::DB& database, rocksdb::WriteBatch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = database.Write(options, &batch);
  return status.ok() ? Status() : Status(rocks::error_of(status, "writing the copy of the log"));
}

// A copy of this log, or new: then it becomes one.
Status agree_on_identity(rocksdb::DB& database, const std::string& identity, bool empty) {
  auto stored = rocks::stored_identity(database);
  if (!stored) return stored.error();
  if (*stored) {
    if (**stored == identity) return {};
    return error(ErrorCode::Conflict, "the data directory belongs to " + **stored + ", not to " +
                                          identity + "; give each log a directory of its own");
  }
  if (!empty) {
    return error(ErrorCode::Conflict,
                 "the data directory holds an embedded log; a node of a cluster needs its own");
  }
  rocksdb::WriteBatch batch;
  (void)batch.Put(slice(rocks::identity_key), identity);
  return write(database, batch, true);
}

Result<std::vector<std::int64_t>> read_offsets(rocksdb::DB& database, std::size_t partitions) {
  std::vector<std::int64_t> offsets(partitions, 0);
  for (std::uint32_t p = 0; p < partitions; ++p) {
    std::string value;
    const auto status = database.Get({}, slice(offset_key(PartitionId(p))), &value);
    if (status.IsNotFound()) continue;
    if (!status.ok()) return rocks::error_of(status, "reading the copy of the log");
    if (value.size() != sizeof(std::int64_t)) {
      return error(ErrorCode::Corrupt, "the copy of the log is damaged; remove the data directory");
    }
    std::memcpy(&offsets[p], value.data(), sizeof(std::int64_t));
  }
  return offsets;
}

}  // namespace

Result<std::unique_ptr<Replica>> Replica::open(const std::string& directory,
                                               std::uint32_t partition_count,
                                               const std::string& identity,
                                               std::size_t memtable_bytes,
                                               std::size_t block_cache_bytes) {
  EmbeddedLogOptions options;
  options.directory = directory;
  options.partition_count = partition_count;
  options.memtable_bytes = memtable_bytes;
  options.block_cache_bytes = block_cache_bytes;
  options.prepare_wal = false;  // it makes syncs faster, and this copy has none
  auto opened = rocks::open_for_writing(options);
  if (!opened) return opened.error();
  const bool empty = std::all_of(opened->ends.begin(), opened->ends.end(),
                                 [](const LogEnd& end) { return end.last_commit.value == 0; });
  if (auto status = agree_on_identity(*opened->database, identity, empty); !status) {
    return status.error();
  }
  auto offsets = read_offsets(*opened->database, partition_count);
  if (!offsets) return offsets.error();
  return std::unique_ptr<Replica>(
      new Replica(std::move(opened).value(), std::move(offsets).value()));
}

Status Replica::store(const CommitView& commit, std::optional<std::int64_t> offset) {
  rocksdb::WriteBatch batch;
  const auto key = rocks::commit_key(commit.partition(), commit.index());
  (void)batch.Put(slice(key), rocksdb::Slice(reinterpret_cast<const char*>(commit.frame().data()),
                                             commit.frame().size()));
  if (offset) put_offset(batch, commit.partition(), *offset);
  return write(*opened_.database, batch, false);
}

Status Replica::store_offset(PartitionId partition, std::int64_t offset) {
  rocksdb::WriteBatch batch;
  put_offset(batch, partition, offset);
  return write(*opened_.database, batch, false);
}

Result<Hash256> Replica::hash_of(PartitionId partition, CommitIndex index) const {
  rocksdb::PinnableSlice frame;
  const auto status = opened_.database->Get({}, opened_.database->DefaultColumnFamily(),
                                            slice(rocks::commit_key(partition, index)), &frame);
  if (!status.ok()) return rocks::error_of(status, "reading the copy of the log");
  if (frame.size() < format::hash_bytes) return error(ErrorCode::Corrupt, "a commit is damaged");
  Hash256 hash;
  std::copy_n(frame.data() + frame.size() - format::hash_bytes, format::hash_bytes, hash.begin());
  return hash;
}

std::unique_ptr<CommitCursor> Replica::read(PartitionId partition, CommitIndex from,
                                            std::function<CommitIndex()> durable) const {
  return rocks::cursor(*opened_.database, partition, from, std::move(durable));
}

}  // namespace orderlog::log::kafka
