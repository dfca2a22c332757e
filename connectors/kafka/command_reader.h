// A record of the inbox topic → a command for the engine. Four forms are taken, and told apart by
// the content-type header:
//   application/json             ce_… headers name the command (ce_type: PlaceOrder); the value is
//                                its body, as over HTTP. Also when there is no content type.
//   application/x-flatbuffers    ce_… headers; the value is a CommandEnvelope.
//   application/cloudevents+json the value is the whole event as JSON, with the body in `data`.
//   none, and no ce_… header     the same, when the value begins with {.
// Must hold: 1. a command id follows from ce_source and ce_id alone: a redelivered or repeated
// record is a repeat, and the same id with another value is noticed by its fingerprint; 2. whatever
// its form, a command is held to the same rules as over HTTP; 3. what is refused has a reason for
// people in the error, and nothing else has happened. Engine-only commands are the engine's to
// refuse.
#pragma once

#include <string>
#include <string_view>

#include "connectors/kafka/attributes.h"
#include "connectors/kafka/record.h"
#include "events/codec/json_tape.h"

namespace orderlog::kafka {

// Bytes of a record's value; more is refused.
inline constexpr std::size_t command_bytes_max = codec::json_bytes_max;
// Bytes of a record of the inbox topic with its headers, uncompressed, that the topic takes.
inline constexpr std::size_t command_record_bytes_max = command_bytes_max + 64 * 1024;

struct ReadCommand {
  Bytes envelope;  // a finished CommandEnvelope, 8-byte aligned: for Engine::submit
  const codec::MessageInfo* command = nullptr;
  std::string_view aggregate_id;  // decides on which partition it belongs
  Uuid command_id;
};

// Keeps its memory for the next record. One thread at a time.
class CommandReader {
 public:
  // Valid until the next call. `occurred_at`: when the record does not say. What the value says
  // about itself (its occurred_at, actor, role …) wins over attributes. Errors, all of them final:
  // InvalidArgument, Unsupported (a form that is not taken), Corrupt (no FlatBuffer).
  Result<ReadCommand> read(const RecordView& record, TimestampUs occurred_at);

 private:
  Result<ReadCommand> read_binary(const RecordView& record, const Attributes& attributes,
                                  TimestampUs occurred_at);
  Result<ReadCommand> read_flatbuffer(Bytes value, const codec::MessageInfo& command,
                                      codec::CommandMeta meta);
  Result<ReadCommand> read_structured(std::string_view text, TimestampUs occurred_at);
  Result<ReadCommand> build(const codec::MessageInfo& command, std::string_view body,
                            const codec::CommandMeta& meta, std::string_view pointer_prefix);

  flatbuffers::FlatBufferBuilder builder_;
  codec::JsonTape tape_;
  std::string json_;
};

}  // namespace orderlog::kafka
