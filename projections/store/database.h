// RocksDB as the read models use it: one column family, no write-ahead log (the log is the log),
// so that after a crash the store is a prefix of the batches written, each whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace orderlog::projections {

struct DatabaseOptions {
  std::string path;
  std::size_t memtable_bytes = 64 * 1024 * 1024;
  std::size_t block_cache_bytes = 64 * 1024 * 1024;
  // Off: closing loses what was not flushed, as a kill does (tests).
  bool flush_on_close = true;
};

// Changes that become readable together. One thread at a time.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  // [from, until): of the catalog's keys, or whole layouts.
  void erase_range(std::string_view from, std::string_view until);
  void clear();
  std::size_t changes() const;
  std::size_t bytes() const;

 private:
  friend class Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A moment of the database; readers with it see nothing later. Any thread; must not outlive the
// database.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
};

// A walk over keys in [from, until) of a snapshot. One thread.
class Scan {
 public:
  virtual ~Scan() = default;
  virtual void seek(std::string_view key) = 0;           // first key ≥ it
  virtual void seek_for_prev(std::string_view key) = 0;  // last key ≤ it
  virtual void seek_to_first() = 0;
  virtual void seek_to_last() = 0;
  virtual void next() = 0;
  virtual void prev() = 0;
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;    // until the next move
  virtual std::string_view value() const = 0;  // until the next move
  virtual Status status() const = 0;           // why the walk ended, if it failed
};

// Any thread, but one writer.
class Database {
 public:
  // Makes the directory if it is not there. Errors: Locked, Corrupt, DiskFull, Io.
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();

  // Nothing when there is no such key. Without a snapshot: as of now. Errors: Corrupt, Io.
  Result<std::optional<std::string>> get(std::string_view key,
                                         const Snapshot* snapshot = nullptr) const;
  Status write(Batch& batch);
  std::shared_ptr<const Snapshot> snapshot() const;
  std::unique_ptr<Scan> scan(const Snapshot* snapshot, std::string_view from,
                             std::string_view until) const;
  Status flush();
  // Gives the space of an erased range back; slow. Errors: Io.
  Status compact(std::string_view from, std::string_view until);

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::projections
