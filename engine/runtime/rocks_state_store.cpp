// The state store on RocksDB (options: proof.md 3d, state DB).
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <vector>

#include "engine/runtime/state_store.h"
#include "events/log/rocks_safety.h"
#include "events/log/rocks_tables.h"

namespace orderlog::runtime {
namespace {

// Flushed files that are not merged yet: when they are merged, when others are to give way to
// compaction, when writes are slowed down, and when they wait. A look-up of what is not there asks
// each one's filter.
constexpr int unmerged_files_to_merge = 8;
constexpr int unmerged_files_behind = 20;
constexpr int unmerged_files_slow = 32;
constexpr int unmerged_files_max = 48;
// All of the first level is written anew with them: about as large as they are together.
constexpr std::uint64_t first_level_bytes = 32 * 1024 * 1024;

Error to_error(const rocksdb::Status& status, const std::string& what) {
  const std::string message = what + ": " + status.ToString();
  if (status.IsNoSpace()) return error(ErrorCode::DiskFull, message);
  if (status.IsCorruption()) return error(ErrorCode::Corrupt, message);
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return error(ErrorCode::Locked, what + ": another process has this directory open");
  }
  return error(ErrorCode::Io, message);
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

rocksdb::Options db_options(const StateStoreOptions& options) {
  rocksdb::Options db;
  db.create_if_missing = true;
  db.write_buffer_size = options.memtable_bytes;
  db.avoid_flush_during_shutdown = false;
  db.level0_file_num_compaction_trigger = unmerged_files_to_merge;
  db.max_bytes_for_level_base = first_level_bytes;
  db.level0_slowdown_writes_trigger = unmerged_files_slow;
  db.level0_stop_writes_trigger = unmerged_files_max;
  log::tune_for_point_reads(db, options.block_cache_bytes);
  log::harden(db, options.read_only ? std::string() : options.directory + "/LOG");
  return db;
}

// What it takes in a WriteBatch, or a little more.
std::size_t bytes_of(const StateBatch& batch) {
  constexpr std::size_t bytes_per_entry_max = 11;
  std::size_t bytes = 0;
  for (const auto& [key, value] : batch)
    bytes += key.size() + (value ? value->size() : 0) + bytes_per_entry_max;
  return bytes;
}

// By key, for a memtable finds the place behind its last key at once; of two writes of one key the
// later still counts.
std::vector<const StateBatch::value_type*> sorted(const StateBatch& batch) {
  std::vector<const StateBatch::value_type*> entries;
  entries.reserve(batch.size());
  for (const auto& entry : batch) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto* a, const auto* b) { return a->first < b->first; });
  return entries;
}

class RocksStateStore final : public StateStore {
 public:
  RocksStateStore(std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db)
      : env_(std::move(env)), db_(std::move(db)) {}

  Result<std::optional<std::string>> get(std::string_view key) override {
    log::count_nothing();
    std::string value;
    const auto status = db_->Get(rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return to_error(status, "state store read");
    return std::optional<std::string>(std::move(value));
  }

  Status write(const StateBatch& batch) override {
    log::count_nothing();
    rocksdb::WriteBatch writes(bytes_of(batch));
    for (const auto* entry : sorted(batch)) {
      const auto& [key, value] = *entry;
      const auto status = value ? writes.Put(slice(key), slice(*value)) : writes.Delete(slice(key));
      if (!status.ok()) return to_error(status, "state store batch");
    }
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const auto status = db_->Write(options, &writes);
    return status.ok() ? Status() : Status(to_error(status, "state store write"));
  }

  Status scan(std::string_view from, std::string_view to,
              const std::function<bool(std::string_view, std::string_view)>& visit) override {
    rocksdb::ReadOptions options;
    const rocksdb::Slice upper = slice(to);
    options.iterate_upper_bound = &upper;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options));
    for (it->Seek(slice(from)); it->Valid(); it->Next()) {
      if (!visit(view(it->key()), view(it->value()))) return Status();
    }
    return it->status().ok() ? Status() : Status(to_error(it->status(), "state store scan"));
  }

  Status flush() override {
    const auto status = db_->Flush(rocksdb::FlushOptions());
    return status.ok() ? Status() : Status(to_error(status, "state store flush"));
  }

  std::uint64_t memory_bytes() const override {
    std::uint64_t memtables = 0;
    db_->GetIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &memtables);
    return memtables;
  }

  bool is_behind() const override {
    std::string files;
    return db_->GetProperty(rocksdb::DB::Properties::kNumFilesAtLevelPrefix + "0", &files) &&
           std::stoi(files) >= unmerged_files_behind;
  }

 private:
  std::unique_ptr<rocksdb::Env> env_;  // outlives the database
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

Result<std::unique_ptr<StateStore>> open_state_store(const StateStoreOptions& options) {
  rocksdb::DB* raw = nullptr;
  rocksdb::Options db = db_options(options);
  std::unique_ptr<rocksdb::Env> env;
  if (options.files) {
    env = rocksdb::NewCompositeEnv(options.files);
    db.env = env.get();
  }
  rocksdb::Status status;
  if (options.read_only) {
    db.create_if_missing = false;
    status = rocksdb::DB::OpenForReadOnly(db, options.directory, &raw);
  } else {
    status = rocksdb::DB::Open(db, options.directory, &raw);
  }
  if (!status.ok()) return to_error(status, "cannot open the state store " + options.directory);
  return std::unique_ptr<StateStore>(
      std::make_unique<RocksStateStore>(std::move(env), std::unique_ptr<rocksdb::DB>(raw)));
}

}  // namespace orderlog::runtime
