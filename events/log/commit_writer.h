// Builds commit frames (format: commit.h) in buffers that are used again: after warm-up a commit
// costs no allocation. Entries may be added in any mix; each kind keeps its order.
#pragma once

#include <cstdint>
#include <vector>

#include "events/log/commit.h"

namespace orderlog::log {

// A finished frame. `frame` points into the writer and lives until its next reset() or seal().
struct SealedCommit {
  CommitHeader header;
  Hash256 hash{};
  Bytes frame;

  // What the next commit of the partition must follow.
  LogEnd end() const;
};

// One thread at a time.
class CommitWriter {
 public:
  CommitWriter();

  // Forgets all entries and keeps the memory.
  void reset();

  // Copies a finished FlatBuffer (an event Envelope; a CommandEnvelope) into the frame. The span
  // returned is that copy, to be patched in place; valid until the next entry is added.
  MutableBytes append_event(Bytes event);
  MutableBytes append_outbox(PartitionId target, OutboxSequence sequence, Bytes command);
  // A later position for the same source replaces the earlier one.
  void set_inbox_position(const InboxPosition& position);

  // The i-th event, for patching until seal(); valid until the next entry is added.
  MutableBytes event(std::size_t i);
  std::uint32_t event_count() const { return static_cast<std::uint32_t>(event_offsets_.size()); }
  bool empty() const;

  // What the frame would take if it were sealed now; compare with commit_bytes_max.
  std::size_t frame_bytes() const;

  // Closes the frame as the commit that follows `after` in the partition: index and first sequence
  // come from there, prev_hash is after.last_hash. Errors: Overflow when a limit of commit.h is
  // exceeded (the entries stay as they are). reset() before the next commit.
  Result<SealedCommit> seal(PartitionId partition, const LogEnd& after, Term term,
                            TimestampUs recorded_at);

 private:
  std::vector<std::uint8_t> frame_;   // header and events, after seal() all of it
  std::vector<std::uint8_t> outbox_;  // outbox entries as they will be appended
  std::vector<std::uint32_t> event_offsets_;
  std::vector<InboxPosition> inbox_;  // in order of source
  std::uint32_t outbox_count_ = 0;
  bool sealed_ = false;
};

}  // namespace orderlog::log
