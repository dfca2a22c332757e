// A record that could not be taken, parked on <topic>.dlq: its key, value and headers as they were,
// byte for byte and in their order, and behind them six headers that say where it lay and why it is
// here. Must hold: 1. what is parked, read back and sent again is the record that came; 2. that
// also holds for one that is parked a second time: only the last six headers are ours.
//   dlq_topic    orders.commands.v1              dlq_reason          one line for people
//   dlq_partition 0                              dlq_time            2024-02-29T12:34:56.789Z
//   dlq_offset   42                              dlq_engine_version  0.1.0
//
// A parked record that is sent again gets one header behind those of its sender:
//   dlq_replayed_from  0:9   partition and offset on the dead letter topic
// and on the dead letter topic, in the same partition as the letter, lies a note of it: a record
// without key and value, with the headers
//   dlq_note     replayed                        dlq_time            2024-03-01T08:00:00Z
//   dlq_offset   9                               dlq_by              ann@host
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/record.h"
#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog::kafka {

// Bytes of a reason; a longer one is cut, between two characters.
inline constexpr std::size_t dead_letter_reason_bytes_max = 1'024;

// Keeps its memory for the next one. One thread at a time.
class DeadLetterHeaders {
 public:
  // For the record on the dead letter topic, with the original's key and value. Valid until the
  // next call and as long as the arguments. Control characters in the reason become blanks, bytes
  // that are not UTF-8 become U+FFFD.
  std::span<const Header> fill(const RecordView& original, std::string_view reason, TimestampUs at,
                               std::string_view engine_version);

 private:
  std::vector<Header> headers_;
  std::string partition_;
  std::string offset_;
  std::string reason_;
  std::string time_;
};

struct DeadLetter {
  // As it came, with its own topic, partition and offset; borrows from the parked record, its
  // headers too.
  RecordView original;
  std::string_view reason;
  TimestampUs at = 0;
  std::string_view engine_version;
};

// Errors: InvalidArgument (not one of ours: a header is missing or says nothing that can be read).
Result<DeadLetter> read_dead_letter(const RecordView& parked);

inline constexpr std::string_view replayed_from_header = "dlq_replayed_from";

// Those of the headers that its sender gave a record: without what was put behind them when it was
// parked or replayed before, however often.
std::span<const Header> senders_headers(std::span<const Header> headers);

struct ReplayNote {
  std::int64_t offset = 0;  // of the letter, in the note's partition
  TimestampUs at = 0;
  std::string_view by;  // borrowed from the record
};
// Nothing: the record is no such note.
std::optional<ReplayNote> read_replay_note(const RecordView& record);

class ReplayNoteHeaders {
 public:
  // Valid until the next call and as long as the note.
  std::span<const Header> fill(const ReplayNote& note);

 private:
  std::string offset_;
  std::string time_;
  std::array<Header, 4> headers_;
};

}  // namespace orderlog::kafka
