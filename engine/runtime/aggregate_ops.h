// Any aggregate, as the runtime handles it: the pure functions of engine/aggregates.h behind one
// table, indexed by schema::AnyEvent. Third kinds of "no" can't come from here: all functions are
// total.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/context.h"
#include "engine/decision.h"
#include "engine/state_parts.h"

namespace orderlog::runtime {

struct AnyState {
  virtual ~AnyState() = default;
};

template <class Aggregate>
struct StateOf final : AnyState {
  typename Aggregate::StateT value;
};

// Takes the events of a decision one by one, in order.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // A builder to pack the next event's payload into.
  virtual flatbuffers::FlatBufferBuilder& builder() = 0;
  virtual void event(schema::AnyEvent kind, flatbuffers::Offset<void> payload) = 0;
};

struct AggregateOps {
  const char* name;
  std::unique_ptr<AnyState> (*create)();
  // Rejected, or its events given to the sink and its replies added to `replies`.
  std::optional<engine::Rejection> (*decide)(const AnyState& state, const void* command,
                                             const engine::Context& context, EventSink& sink,
                                             engine::Outgoing& replies);
  void (*evolve)(AnyState& state, const void* event, const engine::EventMeta& meta);
  // Finished FlatBuffer in `builder`, which it clears first; without the parts, where there are
  // some.
  void (*pack)(flatbuffers::FlatBufferBuilder& builder, const AnyState& state);
  // The bytes are the store's own; nullptr when they are not a state of this aggregate.
  std::unique_ptr<AnyState> (*unpack)(std::string_view bytes);
  // For states that are kept in parts (engine/state_parts.h), nullptr for the others.
  void (*take_changed_parts)(AnyState& state, flatbuffers::FlatBufferBuilder& builder,
                             const engine::PartVisit& visit);
  // False when the bytes are no part of such a state.
  bool (*add_part)(AnyState& state, std::string_view bytes);
  std::size_t (*parts_bytes)(const AnyState& state);
  std::optional<TimestampUs> (*next_deadline)(const AnyState& state, const engine::Policy& policy);
  // The timer command to the aggregate `id`; nothing for aggregates without timers.
  void (*timer_command)(std::string_view id, engine::Outgoing& out);
  const char* (*event_name)(const void* events);
  const char* (*command_name)(const void* commands);
};

// `kind` is a member of schema::AnyEvent other than NONE and SystemEvents.
const AggregateOps& ops_of(schema::AnyEvent kind);
inline schema::AnyEvent kind_of(schema::AnyCommand command) {
  return static_cast<schema::AnyEvent>(static_cast<int>(command) + 1);
}

// "OrderSubmitted"; "LeaderClaim" for system events.
std::string_view event_type_name(const schema::Envelope& event);
std::string_view command_type_name(const schema::CommandEnvelope& command);
// Field 0 of every command is its aggregate's id (a rule of the schema). Empty when the command has
// none.
std::string_view aggregate_id_of(const schema::CommandEnvelope& command);
// Commands that only the engine gives; a client's is refused.
bool is_engine_only(const schema::CommandEnvelope& command);
bool is_engine_only(std::string_view command_name);
bool has_payload(const schema::CommandEnvelope& command);

}  // namespace orderlog::runtime
