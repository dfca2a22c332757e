// Which command ids were decided, and in which commit: the answer to a repeat is read there. The
// window is bounded by count and by business age; outside it a repeat is taken for a new command.
// Derived from the log, saved in chunks.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/time.h"
#include "events/base/uuid.h"
#include "events/log/commit_entries.h"

namespace orderlog::runtime {

struct DedupLimits {
  std::size_t commands_max = 2'000'000;  // per partition, 32 bytes each
  std::int64_t age_max_us = 30LL * 24 * 3600 * 1'000'000;
};

// Engine's thread only.
class DedupWindow {
 public:
  explicit DedupWindow(DedupLimits limits);
  ~DedupWindow();

  // The commit that may hold this command. Ids are kept as 64-bit hashes: the caller checks the
  // commit.
  std::optional<log::CommitIndex> find(const Uuid& command_id) const;
  // `recorded_at` never decides a lookup: it only ages entries out.
  void add(const Uuid& command_id, log::CommitIndex commit, TimestampUs recorded_at);
  std::size_t size() const;

  // Entries added since the last call, as bytes for the state store; empty when there are none.
  std::string take_unsaved();
  // Entries of a saved chunk, oldest chunk first. False: the bytes are not a chunk.
  bool load(std::string_view chunk);
  // How many of the saved entries have left: a chunk all of whose entries have can be deleted.
  std::uint64_t evicted() const { return evicted_; }

 private:
  struct Map;
  struct Entry {
    std::uint64_t id_hash;
    std::uint64_t commit;
    TimestampUs recorded_at;
  };
  void insert(const Entry& entry);

  DedupLimits limits_;
  std::unique_ptr<Map> map_;
  std::deque<Entry> order_;
  std::size_t unsaved_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace orderlog::runtime
