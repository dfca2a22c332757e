// Reads commits of one partition from RocksDB, in order. An iterator sees the log as of its making
// and holds on to its files, so it is dropped at the tail and made anew when there is more.
#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "events/log/rocks_format.h"

namespace orderlog::log::rocks {
namespace {

rocksdb::Slice slice_of(const CommitKey& key) { return {key.data(), key.size()}; }

class Cursor final : public CommitCursor {
 public:
  Cursor(rocksdb::DB& database, PartitionId partition, CommitIndex from,
         std::function<CommitIndex()> durable)
      : CommitCursor(partition, from),
        database_(database),
        partition_(partition),
        next_(from),
        durable_(std::move(durable)),
        bound_key_(commit_key(PartitionId(partition.value + 1), CommitIndex(0))),
        bound_(slice_of(bound_key_)) {}

  Result<std::optional<StoredFrame>> next_frame() override {
    if (durable_() < next_) {
      iterator_.reset();
      tailing_ = true;
      return std::optional<StoredFrame>();
    }
    if (iterator_) iterator_->Next();
    if (!iterator_ || (!iterator_->Valid() && iterator_->status().ok())) seek();
    if (!iterator_->Valid()) return not_valid();

    const auto index = index_in_key(iterator_->key().ToStringView(), partition_);
    if (!index) {
      iterator_.reset();
      return error(ErrorCode::Corrupt, place() + ": a key that is not a commit's");
    }
    next_ = index->next();
    return std::optional<StoredFrame>({*index, aligned(iterator_->value())});
  }

 private:
  void seek() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    options.iterate_upper_bound = &bound_;
    // A scan would only push out the few blocks that readers at the tail come back to.
    options.fill_cache = tailing_;
    iterator_.reset(database_.NewIterator(options));
    const CommitKey key = commit_key(partition_, next_);
    iterator_->Seek(slice_of(key));
  }

  Error not_valid() {
    const rocksdb::Status status = iterator_->status();
    iterator_.reset();
    if (!status.ok()) return error_of(status, place());
    return error(ErrorCode::Corrupt, place() + ": commit is missing");
  }

  std::string place() const {
    return "partition " + std::to_string(partition_.value) + ", commit " +
           std::to_string(next_.value);
  }

  // RocksDB gives values at any address; FlatBuffers are read in place at multiples of 8.
  Bytes aligned(const rocksdb::Slice& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data());
    if (reinterpret_cast<std::uintptr_t>(bytes) % frame_alignment == 0) {
      return {bytes, value.size()};
    }
    copy_.resize(std::max(copy_.size(), (value.size() + 7) / 8));
    std::memcpy(copy_.data(), bytes, value.size());
    return {reinterpret_cast<const std::uint8_t*>(copy_.data()), value.size()};
  }

  rocksdb::DB& database_;
  PartitionId partition_;
  CommitIndex next_;
  std::function<CommitIndex()> durable_;
  CommitKey bound_key_;
  rocksdb::Slice bound_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::vector<std::uint64_t> copy_;
  bool tailing_ = false;
};

}  // namespace

std::unique_ptr<CommitCursor> cursor(rocksdb::DB& database, PartitionId partition, CommitIndex from,
                                     std::function<CommitIndex()> durable) {
  return std::make_unique<Cursor>(database, partition, std::max(from, CommitIndex(1)),
                                  std::move(durable));
}

}  // namespace orderlog::log::rocks
