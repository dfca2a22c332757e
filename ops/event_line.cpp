#include "ops/event_line.h"

#include <algorithm>

#include "events/base/time.h"
#include "events/codec/json_writer.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::ops {

namespace {

std::string text_or(const flatbuffers::String* text, std::string_view otherwise) {
  return text == nullptr ? std::string(otherwise) : text->str();
}

std::string printable_line(std::string line) {
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }, '?');
  line += '\n';
  return line;
}

}  // namespace

std::string event_line(const schema::Envelope& event, bool json) {
  std::string line;
  if (json) {
    codec::write_envelope(line, event);
    line += '\n';
    return line;
  }
  line = std::to_string(event.partition()) + ':' + std::to_string(event.seq()) + "  " +
         timestamp_to_text(event.occurred_at()) + "  " + std::string(codec::event_type(event)) +
         "  " + text_or(event.aggregate_id(), "") + " v" +
         std::to_string(event.aggregate_version()) + "  by " + text_or(event.actor(), "?");
  return printable_line(std::move(line));
}

std::string command_line(const schema::CommandEnvelope& command, bool json) {
  std::string line;
  if (json) {
    codec::write_command(line, command);
    line += '\n';
    return line;
  }
  line = "command  " + timestamp_to_text(command.occurred_at()) + "  " +
         std::string(codec::command_type(command)) + "  " +
         std::string(codec::aggregate_id_of(command)) + "  by " + text_or(command.actor(), "?");
  return printable_line(std::move(line));
}

}  // namespace orderlog::ops
