#include "connectors/kafka/dead_letter.h"

#include <array>
#include <charconv>

#include "events/codec/json_text.h"

namespace orderlog::kafka {

namespace {

constexpr std::array<std::string_view, 6> names = {
    "dlq_topic", "dlq_partition", "dlq_offset", "dlq_reason", "dlq_time", "dlq_engine_version"};

constexpr std::array<std::string_view, 4> note_names = {"dlq_note", "dlq_offset", "dlq_time",
                                                        "dlq_by"};
constexpr std::string_view note_of_replay = "replayed";

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// Bytes of the character at the front; 0 when there is none in UTF-8.
std::size_t character_bytes(std::string_view text) {
  constexpr std::size_t character_bytes_max = 4;
  for (std::size_t bytes = 1; bytes <= character_bytes_max && bytes <= text.size(); ++bytes) {
    if (codec::is_utf8(text.substr(0, bytes))) return bytes;
  }
  return 0;
}

void append_clean(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    std::string_view character = bytes == 0 ? replacement : text.substr(0, bytes);
    if (bytes == 1 && (text[0] < ' ' || text[0] == '\x7F')) character = " ";
    if (out.size() + character.size() > dead_letter_reason_bytes_max) return;
    out += character;
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
}

Error bad(std::string_view name, std::string_view why) {
  return error(ErrorCode::InvalidArgument,
               "not a dead letter: " + std::string(name) + " " + std::string(why));
}

template <class Int>
Result<Int> read_number(std::string_view name, std::string_view text) {
  Int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc() || end != text.data() + text.size()) {
    return bad(name, "is no number: " + quote_input(text));
  }
  return value;
}

}  // namespace

std::span<const Header> DeadLetterHeaders::fill(const RecordView& original, std::string_view reason,
                                                TimestampUs at, std::string_view engine_version) {
  headers_.assign(original.headers.begin(), original.headers.end());
  partition_ = std::to_string(original.partition);
  offset_ = std::to_string(original.offset);
  reason_.clear();
  append_clean(reason_, reason);
  time_ = timestamp_to_text(at);
  const std::array<std::string_view, names.size()> values = {
      original.topic, partition_, offset_, reason_, time_, engine_version};
  for (std::size_t i = 0; i < names.size(); ++i) headers_.push_back({names[i], values[i]});
  return headers_;
}

Result<DeadLetter> read_dead_letter(const RecordView& parked) {
  if (parked.headers.size() < names.size()) return bad("its headers", "are too few");
  const std::size_t own = parked.headers.size() - names.size();
  const auto ours = parked.headers.subspan(own);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (ours[i].name != names[i]) return bad(names[i], "is not where it belongs");
  }
  const auto partition = read_number<std::int32_t>(names[1], ours[1].value);
  if (!partition) return partition.error();
  const auto offset = read_number<std::int64_t>(names[2], ours[2].value);
  if (!offset) return offset.error();
  const auto at = timestamp_from_text(ours[4].value);
  if (!at) return bad(names[4], at.error().message);
  return DeadLetter{.original = {.topic = ours[0].value,
                                 .partition = *partition,
                                 .offset = *offset,
                                 .key = parked.key,
                                 .value = parked.value,
                                 .headers = parked.headers.first(own)},
                    .reason = ours[3].value,
                    .at = *at,
                    .engine_version = ours[5].value};
}

std::span<const Header> senders_headers(std::span<const Header> headers) {
  while (!headers.empty()) {
    if (headers.back().name == replayed_from_header) {
      headers = headers.first(headers.size() - 1);
      continue;
    }
    RecordView record;
    record.headers = headers;
    const auto letter = read_dead_letter(record);
    if (!letter) break;
    headers = letter->original.headers;
  }
  return headers;
}

std::optional<ReplayNote> read_replay_note(const RecordView& record) {
  if (record.headers.size() != note_names.size()) return std::nullopt;
  for (std::size_t i = 0; i < note_names.size(); ++i) {
    if (record.headers[i].name != note_names[i]) return std::nullopt;
  }
  const auto offset = read_number<std::int64_t>(note_names[1], record.headers[1].value);
  const auto at = timestamp_from_text(record.headers[2].value);
  if (record.headers[0].value != note_of_replay || !offset || !at) return std::nullopt;
  return ReplayNote{*offset, *at, record.headers[3].value};
}

std::span<const Header> ReplayNoteHeaders::fill(const ReplayNote& note) {
  offset_ = std::to_string(note.offset);
  time_ = timestamp_to_text(note.at);
  const std::array<std::string_view, note_names.size()> values = {note_of_replay, offset_, time_,
                                                                  note.by};
  for (std::size_t i = 0; i < note_names.size(); ++i) headers_[i] = {note_names[i], values[i]};
  return headers_;
}

}  // namespace orderlog::kafka
