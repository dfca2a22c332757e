// An event or a command as one line, for `tail` and `decode`.
#pragma once

#include <string>

namespace orderlog::schema {
struct Envelope;
struct CommandEnvelope;
}  // namespace orderlog::schema

namespace orderlog::ops {

// With the newline. As JSON: the codec's object. Otherwise for people, with control characters as
// "?": "0:18  2024-02-29T12:34:56Z  OrderSubmitted  SO-1 v1  by ann".
std::string event_line(const schema::Envelope& event, bool json);
// "command  2024-02-29T12:34:56Z  SubmitOrder  SO-1  by ann".
std::string command_line(const schema::CommandEnvelope& command, bool json);

}  // namespace orderlog::ops
