// `orderlog decode`: what lies on Kafka, as people and scripts read it.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "events/log/commit.h"
#include "ops/commands.h"
#include "ops/record_line.h"

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
    const auto line = record_line(record_, json_);
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
