#include "events/codec/payload.h"

#include "events/codec/schema_registry.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::codec {
namespace {

using flatbuffers::Table;

// Every wrapper has its union at id 1 and the union's type at id 0 (the schema guard sees to it).
constexpr flatbuffers::voffset_t slot_type_offset = 4;
constexpr flatbuffers::voffset_t slot_offset = 6;

const MessageInfo* find(bool is_event, std::uint8_t wrapper_type, std::uint8_t message_type) {
  const SchemaRegistry& registry = SchemaRegistry::builtin();
  return is_event ? registry.event(wrapper_type, message_type)
                  : registry.command(wrapper_type, message_type);
}

Payload find_payload(std::uint8_t wrapper_type, const void* wrapper, bool is_event) {
  Payload payload;
  payload.wrapper_type = wrapper_type;
  payload.missing = wrapper_type == 0 || wrapper == nullptr;
  const bool known_wrapper = find(is_event, wrapper_type, 1) != nullptr;
  if (payload.missing || !known_wrapper) return payload;
  const auto& table = *static_cast<const Table*>(wrapper);
  payload.message_type = table.GetField<std::uint8_t>(slot_type_offset, 0);
  const auto* message = table.GetPointer<const Table*>(slot_offset);
  payload.missing = payload.message_type == 0 || message == nullptr;
  if (payload.missing) return payload;
  payload.info = find(is_event, wrapper_type, payload.message_type);
  if (payload.info != nullptr) payload.table = message;
  return payload;
}

}  // namespace

Payload payload_of(const schema::Envelope& envelope) {
  return find_payload(static_cast<std::uint8_t>(envelope.payload_type()), envelope.payload(), true);
}

Payload payload_of(const schema::CommandEnvelope& envelope) {
  return find_payload(static_cast<std::uint8_t>(envelope.payload_type()), envelope.payload(),
                      false);
}

std::string_view id_in(const Payload& command) {
  if (command.info == nullptr) return {};
  const flatbuffers::voffset_t offset = command.info->id_field->offset;
  const auto* id = command.table->GetPointer<const flatbuffers::String*>(offset);
  return id == nullptr ? std::string_view{} : std::string_view(id->c_str(), id->size());
}

}  // namespace orderlog::codec
