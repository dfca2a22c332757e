// The commit frame: one atomic step of one partition, as its bytes are stored, hashed and sent.
// Must hold: 1. the same content gives the same bytes (zero padding, no optional fields); 2. every
// byte before the hash is covered by it, prev_hash too: that is the link; 3. commits of a partition
// are numbered without gaps from 1, also those without events; 4. foreign bytes never crash parse.
//
// Little endian. Offsets in bytes:
//      0  u32 magic "OLC1"       4  u16 format version (1)     6  u16 zero
//      8  u32 partition         12  u32 frame bytes, all of it
//     16  u64 commit index      24  u64 term
//     32  u64 first sequence (that of the first event, or that the next event would have)
//     40  i64 recorded at, UTC microseconds
//     48  u32 event count       52  u32 outbox count
//     56  u32 inbox count       60  u32 offset of the outbox
//     64  32 bytes: hash of the commit before, or genesis_hash(partition, partition count)
//     96  events:  { u32 length, u32 zero, bytes, zeros up to a multiple of 8 } …
//         outbox:  { u32 length, u32 target partition, u64 outbox sequence, bytes, zeros } …
//         inbox:   { u32 source partition, u32 zero, u64 consumed, u64 source commit } …
//   last  32 bytes: SHA-256 of everything before
// So all FlatBuffers start on a multiple of 8 from the start of the frame.
//
// Outbox: entries are numbered for each (source, target) pair, from 1, without gaps. Inbox: the
// target writes how far it has read each source, in the commit that holds the effects; therefore
// each entry takes effect once and in order. `source commit` is where to go on reading after a
// restart, without a search. A frame holds at most one position for each source, in rising order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "events/base/hash.h"
#include "events/base/ids.h"
#include "events/base/result.h"
#include "events/base/time.h"
#include "events/log/commit_entries.h"

namespace orderlog::log {

inline constexpr std::uint32_t partitions_max = 1'024;
inline constexpr std::size_t commit_bytes_max = 8 * 1024 * 1024;
inline constexpr std::uint32_t commit_events_max = 65'536;
inline constexpr std::uint32_t commit_outbox_max = 65'536;
inline constexpr std::size_t frame_alignment = 8;

// What the first commit of a partition links to; ties the chain to the partition's place.
Hash256 genesis_hash(PartitionId partition, std::uint32_t partition_count);

struct CommitHeader {
  PartitionId partition;
  CommitIndex index;
  Term term;
  Sequence first_seq;
  TimestampUs recorded_at = 0;
  std::uint32_t event_count = 0;
  std::uint32_t outbox_count = 0;
  std::uint32_t inbox_count = 0;
  Hash256 prev_hash{};
};

// Where a partition's chain ends, and thereby what the next commit must link to. All zero with the
// genesis hash when there is no commit.
struct LogEnd {
  CommitIndex last_commit;
  Sequence last_seq;
  Term term;
  Hash256 last_hash{};

  friend bool operator==(const LogEnd&, const LogEnd&) = default;
};
LogEnd empty_end(PartitionId partition, std::uint32_t partition_count);

// A frame read in place: borrows the bytes, copies and allocates nothing. Any thread.
class CommitView {
 public:
  // Checks the structure: every length, count, offset, limit and padding. The hash is not checked
  // here. `frame` must start on a multiple of 8. Errors: Corrupt, Unsupported (newer version).
  static Result<CommitView> parse(Bytes frame);

  const CommitHeader& header() const { return header_; }
  PartitionId partition() const { return header_.partition; }
  CommitIndex index() const { return header_.index; }
  Sequence first_seq() const { return header_.first_seq; }
  Sequence last_seq() const { return Sequence(header_.first_seq.value + header_.event_count - 1); }

  EventRange events() const;
  OutboxRange outbox() const;
  InboxRange inbox() const;

  Bytes frame() const { return frame_; }
  Hash256 hash() const;  // as stored
  // Whether the stored hash is that of the bytes. About 0.6 ns a byte.
  bool verify_hash() const;
  // The chain's end after this commit.
  LogEnd end() const;

 private:
  CommitView() = default;

  CommitHeader header_;
  Bytes frame_;
  std::uint32_t outbox_offset_ = 0;
  std::uint32_t inbox_offset_ = 0;
};

}  // namespace orderlog::log
