// Aggregate state to bytes and back. The generic form serves every state that is a generated native
// object; an aggregate with a state of its own (an index beside it) overloads both functions next
// to its decider.
#pragma once

#include "engine/aggregate_traits.h"
#include "engine/state_parts.h"

namespace orderlog::engine {

template <class StateT>
auto pack_state(flatbuffers::FlatBufferBuilder& builder, const StateT& state) {
  return StateT::TableType::Pack(builder, &state);
}

template <class StateT, class State>
void unpack_state(StateT& state, const State& stored) {
  stored.UnPackTo(&state);
}

}  // namespace orderlog::engine
