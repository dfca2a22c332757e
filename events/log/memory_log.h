// The naive twin: the same interface over plain vectors, with faults to order. No threads, clock or
// randomness of its own: the same calls give the same outcome, so a simulator replays from a seed.
// A lock makes it usable from several threads as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "events/log/event_log.h"

namespace orderlog::log {

struct MemoryLogOptions {
  std::uint32_t partition_count = 1;
  // Every append is made durable and reported before append returns. Off: step() does it.
  bool durable_at_once = false;
  std::size_t queue_bytes_max = 32 * 1024 * 1024;
  std::size_t queue_commits_max = 65'536;
};

class MemoryLog : public EventLog {
 public:
  // One sync of up to `appends` queued appends, then their `done` calls, in the caller's thread.
  // Returns how many were finished.
  virtual std::size_t step(std::size_t appends = SIZE_MAX) = 0;
  virtual std::size_t pending() const = 0;

  // Power cut and restart: the first `survivors` queued appends turn out durable though nobody was
  // told, the rest is lost, no `done` is called, all claims are void.
  virtual void crash(std::size_t survivors = 0) = 0;

  // The next step fails with `error`: every queued append is told so, and the log refuses all else
  // until crash(). The first `survivors` of them are nevertheless durable then.
  virtual void fail_next_sync(Error error, std::size_t survivors = 0) = 0;

  // The next `appends` appends answer Unavailable.
  virtual void refuse_appends(std::size_t appends) = 0;

  // Somebody else claims the partition: the present owner's queued appends are told Fenced if
  // `abort_queued`, else become durable; its later ones are refused.
  virtual Result<Claim> fence(PartitionId partition, bool abort_queued) = 0;

  // The next claim of the partition gives the present owner's term once more: two owners that a
  // broken lease lets through. The chain must still admit only one commit for each index.
  virtual void duplicate_next_claim(PartitionId partition) = 0;

  // A disk that lied: takes the last `commits` durable commits away. Readers ahead must notice.
  virtual void lose_durable(PartitionId partition, std::size_t commits) = 0;

  // Alters stored bytes, for tests of verification.
  virtual MutableBytes stored_frame(PartitionId partition, CommitIndex index) = 0;
};

// Errors: InvalidArgument (partition count).
Result<std::unique_ptr<MemoryLog>> open_memory_log(const MemoryLogOptions& options);

}  // namespace orderlog::log
