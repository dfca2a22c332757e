// The rule of admission that every backend applies before it queues a commit: right owner, right
// place in the chain. Private to this room. One thread at a time (callers hold their lock).
#pragma once

#include <span>
#include <vector>

#include "events/log/commit_writer.h"
#include "events/log/event_log.h"

namespace orderlog::log {

// Where each partition's chain ends, queued commits included, and who may go on.
class Chains {
 public:
  explicit Chains(std::vector<LogEnd> ends);

  std::uint32_t partition_count() const { return static_cast<std::uint32_t>(ends_.size()); }
  const LogEnd& end(PartitionId partition) const { return ends_[partition.value]; }

  // The term that a claim gets: above all that the log and this object have seen.
  Term claim(PartitionId partition);

  // Admits all of them, or none. Errors: NotFound, Fenced, Conflict, InvalidArgument.
  Status admit(std::span<const SealedCommit> commits);

  // The partition's end is somewhere else than what was admitted (its queue was dropped).
  void reset_end(PartitionId partition, const LogEnd& end) { ends_[partition.value] = end; }
  // Nobody owns anything.
  void void_claims();
  void set_claimed(PartitionId partition, Term term) { claimed_[partition.value] = term; }
  Term claimed(PartitionId partition) const { return claimed_[partition.value]; }

 private:
  Status check(const SealedCommit& commit) const;

  std::vector<LogEnd> ends_;
  std::vector<Term> claimed_;  // 0: nobody
};

}  // namespace orderlog::log
