// Tables filled by the schema alone, the same for the same seed: the golden corpus and the
// round-trip tests have a sample of every message without anybody writing one.
#pragma once

#include <cstdint>

#include "events/codec/schema_registry.h"
#include "flatbuffers/flatbuffers.h"

namespace orderlog::codec {

struct SampleStyle {
  std::uint64_t seed = 1;
  // True: each field is there, vectors have two elements. False: by chance, extremes included.
  bool full = true;
};

// Offset of the table in the builder. Values are within what JSON can say (years 0 to 9999, names
// of enums, UTF-8). Tables deeper than 8 are left out where they are not required.
flatbuffers::uoffset_t build_sample(flatbuffers::FlatBufferBuilder& builder, const TableInfo& table,
                                    const SampleStyle& style);

// A finished Envelope (with identifier) or CommandEnvelope around a full sample of the message,
// seeded by its name.
void build_sample_event(flatbuffers::FlatBufferBuilder& builder, const MessageInfo& event);
void build_sample_command(flatbuffers::FlatBufferBuilder& builder, const MessageInfo& command);

}  // namespace orderlog::codec
