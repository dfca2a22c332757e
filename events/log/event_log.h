// The log: commits of several partitions, each an append-only, hash-linked chain with one writer.
// Promises only what every backend keeps. Must hold: 1. a commit is there wholly or not at all;
// 2. `done` reports success only for what survives a power cut; 3. commits of a partition are
// durable in the order of their index; 4. after claim() no append of an earlier term is accepted;
// 5. readers see durable commits only; 6. every queue has a bound, and a full one refuses at once.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "events/base/result.h"
#include "events/log/commit.h"
#include "events/log/commit_writer.h"

namespace orderlog::log {

// A commit as it lies in the log. `index` comes from its key, not from its bytes.
struct StoredFrame {
  CommitIndex index;
  Bytes frame;  // 8-byte aligned; valid until the next call on the cursor
};

// Reads one partition in order. One thread at a time; many cursors may read at once. Must not
// outlive its log.
class CommitCursor {
 public:
  virtual ~CommitCursor() = default;

  // The next durable commit as stored, unchecked; nothing means "none yet": ask again later.
  // Errors: Corrupt (the storage can't read it), Io. After an error the cursor stays where it was.
  virtual Result<std::optional<StoredFrame>> next_frame() = 0;

  // The next durable commit, parsed; one that is missing, misplaced or malformed is Corrupt, and
  // stays so. The hash is left to `verify` unless `check_hashes` was asked for.
  Result<std::optional<CommitView>> next();

  void check_hashes(bool on) { check_hashes_ = on; }

 protected:
  CommitCursor(PartitionId partition, CommitIndex from);

 private:
  PartitionId partition_;
  CommitIndex expected_;
  bool check_hashes_ = false;
  std::optional<Error> failed_;
};

Error no_such_partition(PartitionId partition);

// The reading half. Any thread.
class LogReader {
 public:
  virtual ~LogReader() = default;

  // Fixed when the log was created.
  virtual std::uint32_t partition_count() const = 0;

  // Commits of the partition from that index on (0 and 1: from the first). Errors: NotFound
  // (no such partition), Io.
  virtual Result<std::unique_ptr<CommitCursor>> read(PartitionId partition, CommitIndex from) = 0;

  // The end of what is durable; readers may go as far. The partition must exist.
  virtual LogEnd durable_end(PartitionId partition) const = 0;

  // Blocks until something became durable after `seen` (a value this gave before, 0 at first) or
  // the time is over; returns the present value. One wait serves all partitions: read first, then
  // wait with the value taken before reading.
  virtual std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) = 0;

  // The commit that holds the event `seq`, or the one that will: binary search. For reading from a
  // sequence number. Errors: as read.
  Result<CommitIndex> commit_of(PartitionId partition, Sequence seq);
};

// Counters since the log was opened, except for the queue, which is as of now.
struct LogStats {
  std::uint64_t commits = 0;  // durable
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t groups = 0;   // synced writes; commits ÷ groups is the group commit's gain
  std::uint64_t refused = 0;  // appends answered Unavailable
  std::uint64_t queue_commits = 0;
  std::uint64_t queue_bytes = 0;
  std::uint64_t sync_us_total = 0;
  std::uint64_t sync_us_max = 0;
  std::array<std::uint64_t, 24>
      sync_us_log2{};  // [i]: writes that took below 2^i µs, last: the rest
  bool failed = false;
};

// Right to write one partition, and where to go on.
struct Claim {
  PartitionId partition;
  Term term;   // last term in the log or claimed since, + 1
  LogEnd end;  // of everything appended before
};

// The outcome of one append. Success: durable. Unavailable: certainly not in the log. Any other
// error: not known until the partition is claimed, or the log opened, again.
using AppendDone = std::function<void(const Status&)>;

class EventLog : public LogReader {
 public:
  // Becomes the partition's only writer: waits for what was appended before, then refuses the
  // earlier owner. Any thread but the one that runs `done`. Errors: NotFound, Unavailable (failed).
  virtual Result<Claim> claim(PartitionId partition) = 0;

  // Queues commits of one partition that follow each other; each is atomic by itself. The frames
  // are copied, the caller may reuse them at once. If this returns an error, nothing was taken and
  // `done` is never called. Otherwise `done` is called exactly once when all of them are durable or
  // have failed; calls of a partition come in the order of its appends, one at a time (embedded:
  // from the committer; Kafka: from the partition's writer; in memory: from whoever calls step()).
  // `done` must be short, must not block, and may append. Errors: Fenced (term is not the claimed
  // one), Conflict (does not follow the partition's end), InvalidArgument (commits of different
  // partitions), Unavailable (queue full, try later), the log's failure. Any thread.
  virtual Status append(std::span<const SealedCommit> commits, AppendDone done) = 0;

  virtual LogStats stats() const = 0;
};

}  // namespace orderlog::log
