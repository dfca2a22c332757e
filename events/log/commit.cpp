// Reading commit frames. One pass over all lengths makes every later walk safe without checks.
#include "events/log/commit.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "events/log/commit_format.h"

namespace orderlog::log {
namespace {

Error corrupt(std::string what) { return error(ErrorCode::Corrupt, "commit frame: " + what); }

CommitHeader read_header(const std::uint8_t* at) {
  using namespace format;
  CommitHeader header;
  header.partition = PartitionId(load_int<std::uint32_t>(at + at_partition));
  header.index = CommitIndex(load_int<std::uint64_t>(at + at_index));
  header.term = Term(load_int<std::uint64_t>(at + at_term));
  header.first_seq = Sequence(load_int<std::uint64_t>(at + at_first_seq));
  header.recorded_at = load_int<std::int64_t>(at + at_recorded_at);
  header.event_count = load_int<std::uint32_t>(at + at_event_count);
  header.outbox_count = load_int<std::uint32_t>(at + at_outbox_count);
  header.inbox_count = load_int<std::uint32_t>(at + at_inbox_count);
  std::memcpy(header.prev_hash.data(), at + at_prev_hash, header.prev_hash.size());
  return header;
}

// What must hold of the fixed part, before any length in it is used.
Status check_fixed_part(Bytes frame) {
  using namespace format;
  if (frame.size() < header_bytes + hash_bytes) {
    return corrupt("only " + std::to_string(frame.size()) + " bytes");
  }
  if (reinterpret_cast<std::uintptr_t>(frame.data()) % frame_alignment != 0) {
    return error(ErrorCode::InvalidArgument, "commit frame: not aligned in memory");
  }
  const std::uint8_t* at = frame.data();
  if (load_int<std::uint32_t>(at + at_magic) != magic) return corrupt("no magic number");
  const auto stored_version = load_int<std::uint16_t>(at + at_version);
  if (stored_version > version) {
    return error(ErrorCode::Unsupported,
                 "commit frame: format version " + std::to_string(stored_version) +
                     " is newer than this program's " + std::to_string(version));
  }
  if (stored_version != version) return corrupt("format version 0");
  if (load_int<std::uint16_t>(at + at_reserved) != 0) return corrupt("reserved field in use");
  const auto stored_bytes = load_int<std::uint32_t>(at + at_frame_bytes);
  if (stored_bytes != frame.size()) {
    return corrupt("says " + std::to_string(stored_bytes) + " bytes, has " +
                   std::to_string(frame.size()));
  }
  if (frame.size() > commit_bytes_max || frame.size() % 8 != 0) return corrupt("impossible size");
  return {};
}

Status check_header(const CommitHeader& header) {
  if (header.partition.value >= partitions_max) return corrupt("partition out of range");
  if (header.index.value == 0) return corrupt("commit index 0");
  if (header.term.value == 0) return corrupt("term 0");
  if (header.first_seq.value == 0) return corrupt("sequence 0");
  if (header.first_seq.value > UINT64_MAX - commit_events_max) return corrupt("sequence overflows");
  if (header.event_count > commit_events_max) return corrupt("too many events");
  if (header.outbox_count > commit_outbox_max) return corrupt("too many outbox entries");
  if (header.inbox_count > partitions_max) return corrupt("too many inbox positions");
  return {};
}

// Walks `count` entries from `offset`; all must end at or before `limit`, and padding must be zero
// so that the same content has one form only. The end's offset, or 0.
template <class Entry>
std::size_t checked_end(Bytes frame, std::size_t offset, std::uint32_t count, std::size_t limit) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (limit - offset < EntryLayout<Entry>::prefix_bytes) return 0;
    const std::size_t body = EntryLayout<Entry>::body_bytes(frame.data() + offset);
    offset += EntryLayout<Entry>::prefix_bytes;
    const std::size_t padded = padded_to_8(body);
    if (limit - offset < padded) return 0;
    for (std::size_t j = body; j < padded; ++j) {
      if (frame[offset + j] != 0) return 0;
    }
    offset += padded;
  }
  return offset;
}

}  // namespace

Hash256 genesis_hash(PartitionId partition, std::uint32_t partition_count) {
  Sha256 hash;
  hash.update("orderlog genesis v1");
  for (const std::uint32_t value : {partition.value, partition_count}) {
    std::uint8_t bytes[4];
    std::memcpy(bytes, &value, sizeof value);
    hash.update(Bytes(bytes));
  }
  return hash.finish();
}

LogEnd empty_end(PartitionId partition, std::uint32_t partition_count) {
  LogEnd end;
  end.last_hash = genesis_hash(partition, partition_count);
  return end;
}

Result<CommitView> CommitView::parse(Bytes frame) {
  if (auto fixed = check_fixed_part(frame); !fixed) return std::move(fixed).error();
  CommitView view;
  view.frame_ = frame;
  view.header_ = read_header(frame.data());
  if (auto header = check_header(view.header_); !header) return std::move(header).error();

  const std::size_t limit = frame.size() - format::hash_bytes;
  view.outbox_offset_ = load_int<std::uint32_t>(frame.data() + format::at_outbox_offset);
  if (view.outbox_offset_ < format::header_bytes || view.outbox_offset_ > limit) {
    return corrupt("outbox outside of the frame");
  }
  if (checked_end<Bytes>(frame, format::header_bytes, view.header_.event_count,
                         view.outbox_offset_) != view.outbox_offset_) {
    return corrupt("events do not fill their part");
  }
  const std::size_t inbox =
      checked_end<OutboxEntry>(frame, view.outbox_offset_, view.header_.outbox_count, limit);
  if (inbox == 0) return corrupt("an outbox entry leaves its part");
  view.inbox_offset_ = static_cast<std::uint32_t>(inbox);
  if (limit - inbox != view.header_.inbox_count * EntryLayout<InboxPosition>::prefix_bytes) {
    return corrupt("entries do not fill the frame");
  }

  // Zero fields and ranges, so that nothing unchecked is left in the frame.
  for (auto at = format::header_bytes; at < view.outbox_offset_;) {
    if (load_int<std::uint32_t>(frame.data() + at + 4) != 0)
      return corrupt("reserved field in use");
    at += 8 + padded_to_8(load_int<std::uint32_t>(frame.data() + at));
  }
  for (const OutboxEntry entry : view.outbox()) {
    if (entry.target.value >= partitions_max) return corrupt("outbox target out of range");
    if (entry.sequence.value == 0) return corrupt("outbox sequence 0");
  }
  std::int64_t last_source = -1;
  for (std::size_t i = 0; i < view.header_.inbox_count; ++i) {
    const std::uint8_t* at = frame.data() + inbox + i * EntryLayout<InboxPosition>::prefix_bytes;
    const InboxPosition position = EntryLayout<InboxPosition>::read(at);
    if (load_int<std::uint32_t>(at + 4) != 0) return corrupt("reserved field in use");
    if (position.source.value >= partitions_max) return corrupt("inbox source out of range");
    if (position.source.value <= last_source) return corrupt("inbox sources out of order");
    last_source = position.source.value;
  }
  return view;
}

EventRange CommitView::events() const {
  return {frame_.data() + format::header_bytes, header_.event_count};
}

OutboxRange CommitView::outbox() const {
  return {frame_.data() + outbox_offset_, header_.outbox_count};
}

InboxRange CommitView::inbox() const {
  return {frame_.data() + inbox_offset_, header_.inbox_count};
}

Hash256 CommitView::hash() const {
  Hash256 stored;
  std::copy(frame_.end() - format::hash_bytes, frame_.end(), stored.begin());
  return stored;
}

bool CommitView::verify_hash() const {
  return sha256(frame_.first(frame_.size() - format::hash_bytes)) == hash();
}

LogEnd CommitView::end() const { return {header_.index, last_seq(), header_.term, hash()}; }

}  // namespace orderlog::log
