// Where an envelope's own table lies: through the union of aggregates and the aggregate's own
// union.
#pragma once

#include <cstdint>
#include <string_view>

#include "events/codec/schema_types.h"
#include "flatbuffers/flatbuffers.h"

namespace orderlog::schema {
struct Envelope;
struct CommandEnvelope;
}  // namespace orderlog::schema

namespace orderlog::codec {

struct Payload {
  const MessageInfo* info = nullptr;          // null: not known to this schema, or not there
  const flatbuffers::Table* table = nullptr;  // with info only
  std::uint8_t wrapper_type = 0;              // in AnyEvent or AnyCommand
  std::uint8_t message_type = 0;              // in the aggregate's union; 0 when unknown
  bool missing = false;                       // a type is named, but there is no table for it
};

Payload payload_of(const schema::Envelope& envelope);
Payload payload_of(const schema::CommandEnvelope& envelope);

// The command's id of its aggregate; empty without info.
std::string_view id_in(const Payload& command);

}  // namespace orderlog::codec
