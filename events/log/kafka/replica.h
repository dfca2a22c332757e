// A node's own copy of the log: the commits that the topic holds, in the format of the embedded log
// (FORMAT.md), and for each partition how far the topic has been read. Readers, replay and read
// models use it as they use the embedded log. Derived: what a power cut takes from its end is read
// from the topic again. Any thread; one writes at a time.
//   'k' ‖ "log"                            → topic ‖ '@' ‖ the cluster's id: whose copy this is
//   'k' ‖ partition (4 bytes, big endian)  → offset of the closing record of a commit that the copy
//                                            has, 8 bytes, little endian: where to go on reading,
//                                            and to notice a topic that is not the same any more
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/rocks_open.h"

namespace orderlog::log::kafka {

class Replica {
 public:
  // `identity`: topic@cluster. Errors: Conflict (the copy of another log or partition count, or an
  // embedded log), Locked, Corrupt, Io.
  static Result<std::unique_ptr<Replica>> open(const std::string& directory,
                                               std::uint32_t partition_count,
                                               const std::string& identity,
                                               std::size_t memtable_bytes,
                                               std::size_t block_cache_bytes);

  const std::vector<LogEnd>& ends_at_opening() const { return opened_.ends; }
  const std::vector<std::int64_t>& offsets_at_opening() const { return offsets_; }

  // Appends the commit, and in the same batch the offset of its closing record, if that is known.
  // Not synced. Errors: DiskFull, Io.
  Status store(const CommitView& commit, std::optional<std::int64_t> offset);
  Status store_offset(PartitionId partition, std::int64_t offset);
  // The hash of a stored commit. Errors: Corrupt, Io.
  Result<Hash256> hash_of(PartitionId partition, CommitIndex index) const;
  std::unique_ptr<CommitCursor> read(PartitionId partition, CommitIndex from,
                                     std::function<CommitIndex()> durable) const;

 private:
  Replica(rocks::OpenLog opened, std::vector<std::int64_t> offsets)
      : opened_(std::move(opened)), offsets_(std::move(offsets)) {}

  rocks::OpenLog opened_;
  std::vector<std::int64_t> offsets_;
};

}  // namespace orderlog::log::kafka
