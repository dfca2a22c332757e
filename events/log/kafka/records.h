// A commit as records of the events topic, and back. One record for each event, then one that
// closes the commit and holds all the rest of the frame; together they are the frame, byte for
// byte, so hashes, chain and verification are those of every other backend. All of a commit's
// records are in one transaction: readers of committed records never see a part.
//
//   event record:    key and headers as the describer says; value: the event
//                    header ol_event  = commit index, decimal
//   closing record:  no key; value: frame without its events (header ‖ outbox ‖ inbox ‖ hash)
//                    header ol_commit = commit index, decimal
//
// Records with neither header are not ours: they are counted and passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/log/commit.h"

namespace orderlog::log::kafka {

inline constexpr std::string_view event_header = "ol_event";
inline constexpr std::string_view commit_header = "ol_commit";

// A commit without events still travels as one record; beside it the key and the header fields.
inline constexpr std::size_t record_bytes_max = commit_bytes_max + 64 * 1024;

enum class RecordKind { Event, Commit, Foreign };

struct LogRecord {
  RecordKind kind = RecordKind::Foreign;
  CommitIndex commit;
  Bytes value;
};

// The closing record's value of a sealed frame, which is parsed as `commit`.
void write_closing_record(const CommitView& commit, std::vector<std::uint8_t>& value);
// What a closing record says of its commit. Errors: Corrupt.
struct ClosingRecord {
  CommitHeader header;
  Hash256 hash{};
};
Result<ClosingRecord> read_closing_record(Bytes value);

// The decimal index in a header's value; nothing if it is none.
std::optional<CommitIndex> read_index(std::string_view text);

// Puts frames of one partition together again. One thread at a time.
class CommitAssembler {
 public:
  // The next record of the partition, in the order of the offsets. A frame when this one closes it:
  // 8-byte aligned, valid until the next call, neither its place nor its hash is checked. Errors:
  // Corrupt (records of the commit are missing or altered).
  Result<std::optional<Bytes>> add(const LogRecord& record);
  // Forgets what was gathered.
  void reset();

 private:
  CommitIndex gathering_;
  std::uint32_t events_ = 0;
  std::vector<std::uint64_t> frame_;  // for its alignment
  std::size_t bytes_ = 0;

  std::uint8_t* at(std::size_t offset) {
    return reinterpret_cast<std::uint8_t*>(frame_.data()) + offset;
  }
  void grow(std::size_t bytes);
};

}  // namespace orderlog::log::kafka
