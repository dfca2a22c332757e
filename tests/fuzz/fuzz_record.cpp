// The Kafka edge: any bytes as the value of a record of the inbox. The first byte chooses the
// content type and whether there are CloudEvents headers, the second the command that they name.
// What is accepted must be a valid command with an id, and the same one when it is delivered again;
// what is refused must have a reason that a dead letter can carry.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/kafka/command_reader.h"
#include "connectors/kafka/dead_letter.h"
#include "events/base/ensure.h"
#include "events/codec/verify_buffer.h"
#include "events/schema/envelope_generated.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orderlog;
  using namespace orderlog::kafka;
  constexpr std::array<std::string_view, 4> media_types = {
      "application/json", "application/x-flatbuffers", "application/cloudevents+json", "text/xml"};
  constexpr std::uint8_t has_media = 4;
  constexpr std::uint8_t has_attributes = 8;
  if (size < 2) return 0;
  const auto commands = codec::SchemaRegistry::builtin().commands();
  std::vector<Header> headers;
  if (data[0] & has_media) headers.push_back({"content-type", media_types[data[0] % 4]});
  if (data[0] & has_attributes) {
    headers.insert(headers.end(), {{"ce_specversion", "1.0"},
                                   {"ce_id", "1"},
                                   {"ce_source", "/fuzz"},
                                   {"ce_type", commands[data[1] % commands.size()].name}});
  }
  RecordView record;
  record.topic = "orders.commands.v1";
  record.value = {data + 2, size - 2};
  record.headers = headers;

  static CommandReader reader;
  const auto read = reader.read(record, 0);
  if (!read) {
    ORDERLOG_ENSURE(!read.error().message.empty(), "refused without a reason");
    DeadLetterHeaders parked;
    record.headers = parked.fill(record, read.error().message, 0, "0");
    ORDERLOG_ENSURE(read_dead_letter(record).ok(), "a dead letter that cannot be read");
    return 0;
  }
  const auto verified = codec::verify_command(read->envelope);
  ORDERLOG_ENSURE(verified.ok(), "an accepted record became a bad buffer");
  ORDERLOG_ENSURE(!is_nil(*verified->root().command_id()), "a command without an id");
  ORDERLOG_ENSURE(verified->root().fingerprint() != 0, "a command that would not be known again");
  const std::string first(as_text(read->envelope));
  const auto again = reader.read(record, 0);
  ORDERLOG_ENSURE(again.ok() && as_text(again->envelope) == first, "another command the next time");
  return 0;
}
