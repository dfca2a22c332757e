#include "ops/record_line.h"

#include <array>
#include <string_view>

#include "events/base/time.h"
#include "events/codec/json_writer.h"
#include "events/codec/verify_buffer.h"
#include "events/log/commit_entries.h"
#include "events/log/commit_format.h"
#include "events/schema/envelope_generated.h"
#include "ops/event_line.h"

namespace orderlog::ops {
namespace {

template <class Int>
Int field(std::span<const std::uint8_t> record, std::size_t at) {
  return log::load_int<Int>(record.data() + at);
}

bool is_commit(std::span<const std::uint8_t> record) {
  return record.size() >= log::format::header_bytes &&
         field<std::uint32_t>(record, log::format::at_magic) == log::format::magic;
}

// From the fields of its header alone: on Kafka the events of a commit are records of their own.
std::string commit_line(std::span<const std::uint8_t> record, bool json) {
  using namespace log::format;
  struct Number {
    std::string_view name;
    std::uint64_t value;
  };
  const std::array<Number, 7> numbers = {{{"commit", field<std::uint64_t>(record, at_index)},
                                          {"partition", field<std::uint32_t>(record, at_partition)},
                                          {"term", field<std::uint64_t>(record, at_term)},
                                          {"first_seq", field<std::uint64_t>(record, at_first_seq)},
                                          {"events", field<std::uint32_t>(record, at_event_count)},
                                          {"outbox", field<std::uint32_t>(record, at_outbox_count)},
                                          {"inbox", field<std::uint32_t>(record, at_inbox_count)}}};
  std::string line;
  for (const Number& number : numbers) {
    if (json) {
      line.append(line.empty() ? "{\"" : ",\"").append(number.name).append("\":");
    } else {
      line.append(line.empty() ? "" : "  ").append(number.name).append(" ");
    }
    codec::append_unsigned(line, number.value);
  }
  line += json ? ",\"recorded_at\":" : "  at ";
  const auto recorded_at = field<std::int64_t>(record, at_recorded_at);
  if (json) {
    codec::append_timestamp(line, recorded_at);
  } else {
    line += timestamp_to_text(recorded_at);
  }
  line += json ? "}\n" : "\n";
  return line;
}

}  // namespace

// Commands carry no mark of their own; they are what neither of the others is.
Result<std::string> record_line(std::span<const std::uint8_t> record, bool json) {
  if (record.empty()) return error(ErrorCode::Corrupt, "its value is empty");
  if (is_commit(record)) return commit_line(record, json);
  auto event = codec::verify_envelope(record);
  if (event) return event_line(event->root(), json);
  const bool marked = record.size() > 2 * sizeof(flatbuffers::uoffset_t) &&
                      schema::EnvelopeBufferHasIdentifier(record.data());
  if (marked) return std::move(event).error();
  const auto command = codec::verify_command(record);
  if (command) return command_line(command->root(), json);
  if (record.front() == '{') {
    return error(ErrorCode::Unsupported, "it is JSON already: kcat alone prints it");
  }
  return error(ErrorCode::Corrupt, "it is neither an event, nor a command, nor a commit");
}

}  // namespace orderlog::ops
