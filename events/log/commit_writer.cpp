// Writing commit frames. The events go straight to their place in the frame; outbox and inbox are
// put behind them when the commit is sealed, since their place depends on the events.
#include "events/log/commit_writer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "events/base/ensure.h"
#include "events/log/commit_format.h"

namespace orderlog::log {
namespace {

template <class Int>
void store_int(std::uint8_t* at, Int value) {
  std::memcpy(at, &value, sizeof value);
}

// Room for `prefix` bytes, the body and its zero padding at the end of `buffer`; where it begins.
std::size_t append_padded(std::vector<std::uint8_t>& buffer, std::size_t prefix, Bytes body) {
  const std::size_t start = buffer.size();
  buffer.resize(start + prefix + padded_to_8(body.size()));
  if (!body.empty()) std::memcpy(buffer.data() + start + prefix, body.data(), body.size());
  return start;
}

void store_header(std::vector<std::uint8_t>& frame, const CommitHeader& header,
                  std::size_t outbox_offset) {
  using namespace format;
  std::uint8_t* at = frame.data();
  store_int(at + at_magic, magic);
  store_int(at + at_version, version);
  store_int(at + at_reserved, std::uint16_t{0});
  store_int(at + at_partition, header.partition.value);
  store_int(at + at_frame_bytes, static_cast<std::uint32_t>(frame.size()));
  store_int(at + at_index, header.index.value);
  store_int(at + at_term, header.term.value);
  store_int(at + at_first_seq, header.first_seq.value);
  store_int(at + at_recorded_at, header.recorded_at);
  store_int(at + at_event_count, header.event_count);
  store_int(at + at_outbox_count, header.outbox_count);
  store_int(at + at_inbox_count, header.inbox_count);
  store_int(at + at_outbox_offset, static_cast<std::uint32_t>(outbox_offset));
  std::memcpy(at + at_prev_hash, header.prev_hash.data(), header.prev_hash.size());
}

Error too_large(const char* what, std::size_t count, std::size_t max) {
  return error(ErrorCode::Overflow, "commit has " + std::to_string(count) + " " + what +
                                        ", at most " + std::to_string(max) + " are allowed");
}

}  // namespace

LogEnd SealedCommit::end() const {
  return {header.index, Sequence(header.first_seq.value + header.event_count - 1), header.term,
          hash};
}

CommitWriter::CommitWriter() { reset(); }

void CommitWriter::reset() {
  frame_.resize(format::header_bytes);
  outbox_.clear();
  event_offsets_.clear();
  inbox_.clear();
  outbox_count_ = 0;
  sealed_ = false;
}

bool CommitWriter::empty() const {
  return event_offsets_.empty() && outbox_count_ == 0 && inbox_.empty();
}

MutableBytes CommitWriter::append_event(Bytes event) {
  ORDERLOG_ENSURE(!sealed_, "append to a sealed commit");
  const std::size_t start = append_padded(frame_, EntryLayout<Bytes>::prefix_bytes, event);
  store_int(frame_.data() + start, static_cast<std::uint32_t>(event.size()));
  event_offsets_.push_back(static_cast<std::uint32_t>(start));
  return {frame_.data() + start + EntryLayout<Bytes>::prefix_bytes, event.size()};
}

MutableBytes CommitWriter::append_outbox(PartitionId target, OutboxSequence sequence,
                                         Bytes command) {
  ORDERLOG_ENSURE(!sealed_, "append to a sealed commit");
  ORDERLOG_ENSURE(target.value < partitions_max && sequence.value > 0, "impossible outbox entry");
  const std::size_t start = append_padded(outbox_, EntryLayout<OutboxEntry>::prefix_bytes, command);
  store_int(outbox_.data() + start, static_cast<std::uint32_t>(command.size()));
  store_int(outbox_.data() + start + 4, target.value);
  store_int(outbox_.data() + start + 8, sequence.value);
  ++outbox_count_;
  return {outbox_.data() + start + EntryLayout<OutboxEntry>::prefix_bytes, command.size()};
}

void CommitWriter::set_inbox_position(const InboxPosition& position) {
  ORDERLOG_ENSURE(!sealed_, "append to a sealed commit");
  ORDERLOG_ENSURE(position.source.value < partitions_max, "impossible inbox source");
  const auto at = std::lower_bound(
      inbox_.begin(), inbox_.end(), position,
      [](const InboxPosition& a, const InboxPosition& b) { return a.source < b.source; });
  if (at != inbox_.end() && at->source == position.source) {
    *at = position;
  } else {
    inbox_.insert(at, position);
  }
}

MutableBytes CommitWriter::event(std::size_t i) {
  ORDERLOG_ENSURE(!sealed_ && i < event_offsets_.size(), "no such event to patch");
  std::uint8_t* at = frame_.data() + event_offsets_[i];
  return {at + EntryLayout<Bytes>::prefix_bytes, load_int<std::uint32_t>(at)};
}

std::size_t CommitWriter::frame_bytes() const {
  if (sealed_) return frame_.size();
  return frame_.size() + outbox_.size() + inbox_.size() * EntryLayout<InboxPosition>::prefix_bytes +
         format::hash_bytes;
}

Result<SealedCommit> CommitWriter::seal(PartitionId partition, const LogEnd& after, Term term,
                                        TimestampUs recorded_at) {
  using namespace format;
  ORDERLOG_ENSURE(!sealed_, "a commit is sealed once");
  const std::size_t bytes = frame_bytes();
  if (bytes > commit_bytes_max) return too_large("bytes", bytes, commit_bytes_max);
  if (event_count() > commit_events_max) {
    return too_large("events", event_count(), commit_events_max);
  }
  if (outbox_count_ > commit_outbox_max) {
    return too_large("outbox entries", outbox_count_, commit_outbox_max);
  }

  SealedCommit sealed;
  sealed.header = {partition,      after.last_commit.next(),
                   term,           after.last_seq.next(),
                   recorded_at,    event_count(),
                   outbox_count_,  static_cast<std::uint32_t>(inbox_.size()),
                   after.last_hash};
  const std::size_t outbox_offset = frame_.size();
  frame_.insert(frame_.end(), outbox_.begin(), outbox_.end());
  const std::size_t inbox_offset = frame_.size();
  frame_.resize(bytes);
  std::uint8_t* at = frame_.data() + inbox_offset;
  for (const InboxPosition& position : inbox_) {
    store_int(at, position.source.value);
    store_int(at + 4, std::uint32_t{0});
    store_int(at + 8, position.consumed.value);
    store_int(at + 16, position.source_commit.value);
    at += EntryLayout<InboxPosition>::prefix_bytes;
  }

  store_header(frame_, sealed.header, outbox_offset);
  sealed.hash = sha256(Bytes(frame_).first(bytes - hash_bytes));
  std::memcpy(frame_.data() + bytes - hash_bytes, sealed.hash.data(), hash_bytes);
  sealed.frame = Bytes(frame_);
  sealed_ = true;
  return sealed;
}

}  // namespace orderlog::log
