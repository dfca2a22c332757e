// States that keep an open-ended collection (the reservations of a sku, the open orders of a
// customer) are stored as a head and one part an entry, so that saving costs what has changed and
// not what there is. A part is the state's own table with that one entry. Such a state overloads,
// beside pack_state and unpack_state:
//   pack_head(builder, state)                      the state without its entries
//   take_changed_parts(state, builder, visit)      the parts that changed since the last call, by
//                                                  key, each once
//   add_part(state, part)                          puts a stored part back
//   parts_bytes(state)                             the memory that its entries take, about
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <functional>
#include <optional>
#include <string_view>

namespace orderlog::engine {

// No bytes: the part has gone.
using PartVisit = std::function<void(std::string_view key, std::optional<std::string_view> bytes)>;

template <class StateT>
concept KeptInParts = requires(StateT& state, flatbuffers::FlatBufferBuilder& builder,
                               const PartVisit& visit) {
  take_changed_parts(state, builder, visit);
};

}  // namespace orderlog::engine
