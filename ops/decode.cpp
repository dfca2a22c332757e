// `orderlog decode`: what lies on Kafka, as people and scripts read it.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "events/codec/json_writer.h"
#include "events/codec/verify_buffer.h"
#include "events/log/commit.h"
#include "events/log/commit_format.h"
#include "events/schema/envelope_generated.h"
#include "ops/commands.h"
#include "ops/event_line.h"

namespace orderlog::ops {
namespace {

// Bytes of one record; a greater length is no length. Twice what the log puts into one.
constexpr std::uint32_t record_bytes_max = 16 * 1'048'576;
constexpr std::uint32_t null_length = 0xFFFFFFFF;
constexpr std::size_t length_bytes = 4;
static_assert(record_bytes_max >= log::commit_bytes_max);

using Record = std::vector<std::uint8_t>;

std::uint32_t big_endian(const std::array<std::uint8_t, length_bytes>& bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

// True when all of it was there; `got` of it were.
bool read_fully(void* to, std::size_t bytes, std::size_t& got) {
  got = std::fread(to, 1, bytes, stdin);
  return got == bytes;
}

template <class Int>
Int field(const Record& record, std::size_t at) {
  return log::load_int<Int>(record.data() + at);
}

bool is_commit(const Record& record) {
  return record.size() >= log::format::header_bytes &&
         field<std::uint32_t>(record, log::format::at_magic) == log::format::magic;
}

// From the fields of its header alone: on Kafka the events of a commit are records of their own.
std::string commit_line(const Record& record, bool json) {
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

// Commands carry no mark of their own; they are what neither of the others is.
Result<std::string> line_of(const Record& record, bool json) {
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

class Decoder {
 public:
  explicit Decoder(bool json) : json_(json) {}

  int run() {
    while (true) {
      std::array<std::uint8_t, length_bytes> prefix{};
      std::size_t got = 0;
      if (!read_fully(prefix.data(), prefix.size(), got)) return at_end(got, prefix.size());
      ++ordinal_;
      const std::uint32_t length = big_endian(prefix);
      if (length == null_length) {
        complain("has no value (a tombstone)");
        continue;
      }
      if (length > record_bytes_max) {
        complain("would have " + std::to_string(length) + " bytes, more than the limit of " +
                 std::to_string(record_bytes_max) +
                 ": is this what kcat -C -D '' -f '%R%s' prints?");
        return exit_failed;
      }
      record_.resize(length);
      if (!read_fully(record_.data(), length, got)) {
        complain("is cut off after " + std::to_string(got) + " of " + std::to_string(length) +
                 " bytes");
        return exit_failed;
      }
      print();
      if (std::ferror(stdout) != 0) return exit_ok;  // nobody reads on, as behind `| head`
    }
  }

 private:
  void print() {
    const auto line = line_of(record_, json_);
    if (line) {
      std::fwrite(line->data(), 1, line->size(), stdout);
    } else {
      ++unreadable_;
      complain("cannot be read: " + line.error().message);
    }
  }

  int at_end(std::size_t got, std::size_t due) {
    std::fflush(stdout);
    if (std::ferror(stdin) != 0) {
      return report("decode", error(ErrorCode::Io, std::strerror(errno)));
    }
    if (got > 0) {
      ++ordinal_;
      complain("is cut off after " + std::to_string(got) + " of the " + std::to_string(due) +
               " bytes of its length");
      return exit_failed;
    }
    return unreadable_ == 0 ? exit_ok : exit_rows_failed;
  }

  void complain(const std::string& what) {
    std::fflush(stdout);
    std::fprintf(stderr, "orderlog: record %llu %s\n", static_cast<unsigned long long>(ordinal_),
                 what.c_str());
  }

  bool json_;
  Record record_;
  std::uint64_t ordinal_ = 0;  // of the record, from 1
  std::uint64_t unreadable_ = 0;
};

}  // namespace

int decode(const DecodeOptions& options) { return Decoder(options.json).run(); }

}  // namespace orderlog::ops
