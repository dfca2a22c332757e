#include "events/log/kafka/records.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "events/log/commit_format.h"

namespace orderlog::log::kafka {
namespace {

Error corrupt(CommitIndex commit, const std::string& why) {
  return error(ErrorCode::Corrupt, "commit " + std::to_string(commit.value) + ": " + why);
}

}  // namespace

void write_closing_record(const CommitView& commit, std::vector<std::uint8_t>& value) {
  const Bytes frame = commit.frame();
  const auto outbox = load_int<std::uint32_t>(frame.data() + format::at_outbox_offset);
  value.assign(frame.begin(), frame.begin() + format::header_bytes);
  value.insert(value.end(), frame.begin() + outbox, frame.end());
}

Result<ClosingRecord> read_closing_record(Bytes value) {
  using namespace format;
  if (value.size() < header_bytes + hash_bytes || value.size() > commit_bytes_max ||
      load_int<std::uint32_t>(value.data() + at_magic) != magic) {
    return error(ErrorCode::Corrupt, "a closing record that is none");
  }
  ClosingRecord record;
  record.header.partition = PartitionId(load_int<std::uint32_t>(value.data() + at_partition));
  record.header.index = CommitIndex(load_int<std::uint64_t>(value.data() + at_index));
  record.header.term = Term(load_int<std::uint64_t>(value.data() + at_term));
  record.header.first_seq = Sequence(load_int<std::uint64_t>(value.data() + at_first_seq));
  record.header.recorded_at = load_int<std::int64_t>(value.data() + at_recorded_at);
  record.header.event_count = load_int<std::uint32_t>(value.data() + at_event_count);
  record.header.outbox_count = load_int<std::uint32_t>(value.data() + at_outbox_count);
  record.header.inbox_count = load_int<std::uint32_t>(value.data() + at_inbox_count);
  std::copy_n(value.data() + at_prev_hash, hash_bytes, record.header.prev_hash.begin());
  std::copy_n(value.end() - hash_bytes, hash_bytes, record.hash.begin());
  return record;
}

std::optional<CommitIndex> read_index(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return CommitIndex(value);
}

void CommitAssembler::reset() {
  gathering_ = CommitIndex(0);
  events_ = 0;
  bytes_ = format::header_bytes;
}

void CommitAssembler::grow(std::size_t bytes) {
  bytes_ += bytes;
  const std::size_t words = (bytes_ + 7) / 8;
  if (frame_.size() < words) frame_.resize(std::max(words, frame_.size() * 2));
}

Result<std::optional<Bytes>> CommitAssembler::add(const LogRecord& record) {
  if (record.kind == RecordKind::Foreign) return std::optional<Bytes>();
  if (record.commit != gathering_) {
    reset();
    gathering_ = record.commit;
  }
  if (record.kind == RecordKind::Event) {
    const std::size_t start = bytes_;
    const std::size_t padded = padded_to_8(record.value.size());
    if (start + 8 + padded > commit_bytes_max) return corrupt(record.commit, "too large");
    grow(8 + padded);
    const std::uint64_t length = record.value.size();
    std::memcpy(at(start), &length, sizeof length);  // and the zero field behind the length
    std::memcpy(at(start) + 8, record.value.data(), record.value.size());
    std::memset(at(start) + 8 + record.value.size(), 0, padded - record.value.size());
    ++events_;
    return std::optional<Bytes>();
  }
  auto closing = read_closing_record(record.value);
  if (!closing) return corrupt(record.commit, closing.error().message);
  const std::size_t outbox = bytes_;
  if (closing->header.event_count != events_ ||
      load_int<std::uint32_t>(record.value.data() + format::at_outbox_offset) != outbox) {
    return corrupt(record.commit, "has " + std::to_string(events_) + " event records where " +
                                      std::to_string(closing->header.event_count) +
                                      " were written, or one was altered");
  }
  const Bytes rest = record.value.subspan(format::header_bytes);
  grow(rest.size());
  std::memcpy(at(0), record.value.data(), format::header_bytes);
  std::memcpy(at(outbox), rest.data(), rest.size());
  const Bytes frame(at(0), bytes_);
  reset();
  return std::optional<Bytes>(frame);
}

}  // namespace orderlog::log::kafka
