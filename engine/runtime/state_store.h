// Where a partition's state lives beyond memory: RocksDB without a write-ahead log, one column
// family, every batch with the applied position that it stands for (design.md section 6). Derived:
// lost or wrong, it is rebuilt. Layout: partition (4 bytes, big endian) ‖ section ‖ rest.
//
//   'A'               AppliedPosition
//   'S' kind id       version (8 bytes) ‖ FlatBuffers state
//   'P' kind length of id (2) id key
//                     a part of a state that is kept in parts (engine/state_parts.h)
//   'T' due (8, sortable) kind id
//                     a timer
//   'D' chunk (8)     command ids of the idempotency window
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/base/ids.h"
#include "events/base/result.h"

namespace rocksdb {
class FileSystem;
}

namespace orderlog::runtime {

// Writes of one consistent step. A missing value deletes.
using StateBatch = std::vector<std::pair<std::string, std::optional<std::string>>>;

class StateStore {
 public:
  virtual ~StateStore() = default;
  // Any thread. Errors: Io, Corrupt.
  virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
  // All of the batch or none of it survives. Any thread. Errors: Io, DiskFull.
  virtual Status write(const StateBatch& batch) = 0;
  // Every entry in [from, to) in key order until `visit` returns false.
  virtual Status scan(
      std::string_view from, std::string_view to,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) = 0;
  // Forces everything to disk: what a clean stop does.
  virtual Status flush() = 0;
  virtual std::uint64_t memory_bytes() const = 0;
  // Whether so much has been written that is not compacted yet that writing will be slowed down
  // unless compaction gets more of a core. Any thread.
  virtual bool is_behind() const { return false; }
};

struct StateStoreOptions {
  std::string directory;
  std::size_t memtable_bytes = 32 * 1024 * 1024;
  std::size_t block_cache_bytes = 64 * 1024 * 1024;
  bool read_only = false;
  // Where everything is written; none: the system's. For tests that cut the power.
  std::shared_ptr<rocksdb::FileSystem> files;
};

// Errors: Locked, Corrupt, Io, DiskFull.
Result<std::unique_ptr<StateStore>> open_state_store(const StateStoreOptions& options);
// A store in memory, for tests and simulation. A crash() keeps what was flushed.
std::unique_ptr<StateStore> make_memory_state_store();

// Keys.
std::string applied_key(PartitionId partition);
std::string state_key(PartitionId partition, std::uint8_t kind, std::string_view id);
std::string part_key(PartitionId partition, std::uint8_t kind, std::string_view id,
                     std::string_view key);
// All parts of one aggregate.
std::pair<std::string, std::string> part_range(PartitionId partition, std::uint8_t kind,
                                               std::string_view id);
std::string timer_key(PartitionId partition, std::int64_t due, std::uint8_t kind,
                      std::string_view id);
std::string dedup_key(PartitionId partition, std::uint64_t chunk);
// First key of a section, and the first behind it.
std::pair<std::string, std::string> section_range(PartitionId partition, char section);

struct TimerKey {
  std::int64_t due = 0;
  std::uint8_t kind = 0;
  std::string id;
  friend auto operator<=>(const TimerKey&, const TimerKey&) = default;
};
TimerKey parse_timer_key(std::string_view key);

}  // namespace orderlog::runtime
