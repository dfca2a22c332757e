// The only file of this room that names RocksDB. Settings follow proof.md 3d for a state store.
#include "projections/store/database.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/write_batch.h>

#include <filesystem>

#include "events/base/ensure.h"
#include "events/log/rocks_safety.h"
#include "events/log/rocks_tables.h"

namespace orderlog::projections {
namespace {

constexpr int files_to_compact = 8;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

Error error_of(const rocksdb::Status& status, const std::string& doing) {
  const std::string text = doing + ": " + status.ToString();
  if (status.IsNoSpace()) return error(ErrorCode::DiskFull, text);
  if (status.IsCorruption()) return error(ErrorCode::Corrupt, text);
  if (status.IsIOError() && text.find("lock") != std::string::npos) {
    return error(ErrorCode::Locked, text);
  }
  return error(ErrorCode::Io, text);
}

// What rows, entries and counters of one table or index have in common: layout, space, table,
// index. Keys of one kind are mostly written in their order, so that each finds its place in the
// memtable beside that of the one before.
class KindOfKey final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "orderlog.projections.kind"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), kind_bytes};
  }
  // Not the catalog's keys (layout 0): they are few, and ranges of them are erased. RocksDB keeps
  // the hints of its memtable and of its list of erased ranges under the same prefix, which mixes
  // up the two lists; whole layouts are erased by keys shorter than this.
  static bool is_of_a_kind(std::string_view key) {
    return key.size() >= kind_bytes && !key.starts_with(std::string_view("\0\0\0\0", 4));
  }
  bool InDomain(const rocksdb::Slice& key) const override { return is_of_a_kind(view(key)); }

 private:
  static constexpr std::size_t kind_bytes = 7;
};

rocksdb::Options options_of(const DatabaseOptions& options) {
  rocksdb::Options result;
  result.create_if_missing = true;
  result.write_buffer_size = options.memtable_bytes;
  result.level_compaction_dynamic_level_bytes = true;
  result.avoid_flush_during_shutdown = !options.flush_on_close;
  result.memtable_insert_with_hint_prefix_extractor = std::make_shared<KindOfKey>();
  log::tune_for_point_reads(result, options.block_cache_bytes);
  // Rewritten less often: a row that is looked for in vain costs a filter more for each file.
  result.level0_file_num_compaction_trigger = files_to_compact;
  log::harden(result, options.path + "/LOG");
  return result;
}

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(rocksdb::DB& database)
      : database_(database), snapshot_(database.GetSnapshot()) {}
  ~RocksSnapshot() override { database_.ReleaseSnapshot(snapshot_); }
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& database_;
  const rocksdb::Snapshot* snapshot_;
};

rocksdb::ReadOptions read_options(const Snapshot* snapshot) {
  rocksdb::ReadOptions result;
  if (snapshot) result.snapshot = static_cast<const RocksSnapshot*>(snapshot)->get();
  return result;
}

class RocksScan final : public Scan {
 public:
  RocksScan(rocksdb::DB& database, const Snapshot* snapshot, std::string_view from,
            std::string_view until)
      : from_(from), until_(until), from_slice_(from_), until_slice_(until_) {
    rocksdb::ReadOptions options = read_options(snapshot);
    options.iterate_lower_bound = &from_slice_;
    if (!until_.empty()) options.iterate_upper_bound = &until_slice_;
    iterator_.reset(database.NewIterator(options));
  }
  void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
  void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(slice(key)); }
  void seek_to_first() override { iterator_->SeekToFirst(); }
  void seek_to_last() override { iterator_->SeekToLast(); }
  void next() override { iterator_->Next(); }
  void prev() override { iterator_->Prev(); }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }
  Status status() const override {
    if (iterator_->status().ok()) return {};
    return error_of(iterator_->status(), "reading the read models");
  }

 private:
  std::string from_;
  std::string until_;
  rocksdb::Slice from_slice_;
  rocksdb::Slice until_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

struct Batch::Impl {
  rocksdb::WriteBatch batch;
};

Batch::Batch() : impl_(std::make_unique<Impl>()) {}
Batch::~Batch() = default;
void Batch::put(std::string_view key, std::string_view value) {
  (void)impl_->batch.Put(slice(key), slice(value));  // fails only with a size limit, not set here
}
void Batch::erase(std::string_view key) { (void)impl_->batch.Delete(slice(key)); }
void Batch::erase_range(std::string_view from, std::string_view until) {
  ORDERLOG_ENSURE(!KindOfKey::is_of_a_kind(from), "a range within a layout is erased");
  (void)impl_->batch.DeleteRange(slice(from), slice(until));
}
void Batch::clear() { impl_->batch.Clear(); }
std::size_t Batch::changes() const { return static_cast<std::size_t>(impl_->batch.Count()); }
std::size_t Batch::bytes() const { return impl_->batch.GetDataSize(); }

struct Database::Impl {
  std::unique_ptr<rocksdb::DB> database;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() { (void)impl_->database->Close(); }

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.path, failed);
  if (failed) return error(ErrorCode::Io, "cannot make " + options.path + ": " + failed.message());
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(options_of(options), options.path, &opened);
  if (!status.ok()) return error_of(status, "opening the read models in " + options.path);
  auto impl = std::make_unique<Impl>();
  impl->database.reset(opened);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<std::optional<std::string>> Database::get(std::string_view key,
                                                 const Snapshot* snapshot) const {
  log::count_nothing();
  std::string value;
  const auto status = impl_->database->Get(read_options(snapshot), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return error_of(status, "reading the read models");
  return std::optional<std::string>(std::move(value));
}

Status Database::write(Batch& batch) {
  log::count_nothing();
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const auto status = impl_->database->Write(options, &batch.impl_->batch);
  if (!status.ok()) return error_of(status, "writing the read models");
  return {};
}

std::shared_ptr<const Snapshot> Database::snapshot() const {
  return std::make_shared<RocksSnapshot>(*impl_->database);
}

std::unique_ptr<Scan> Database::scan(const Snapshot* snapshot, std::string_view from,
                                     std::string_view until) const {
  return std::make_unique<RocksScan>(*impl_->database, snapshot, from, until);
}

Status Database::flush() {
  const auto status = impl_->database->Flush(rocksdb::FlushOptions());
  if (!status.ok()) return error_of(status, "flushing the read models");
  return {};
}

Status Database::compact(std::string_view from, std::string_view until) {
  const rocksdb::Slice begin = slice(from);
  const rocksdb::Slice end = slice(until);
  const auto status = impl_->database->CompactRange(rocksdb::CompactRangeOptions(), &begin, &end);
  if (!status.ok()) return error_of(status, "compacting the read models");
  return {};
}

}  // namespace orderlog::projections
