// How much a reader of a buffer gets to see: every text and vector counted as often as it is
// reached.
#pragma once

#include <cstddef>

#include "events/codec/schema_types.h"
#include "flatbuffers/flatbuffers.h"

namespace orderlog::codec {

// False as soon as the table, of a verified buffer, shows more than `bytes_max` bytes.
bool expands_within(const TableInfo& table, const flatbuffers::Table& value, std::size_t bytes_max);

// Of a table that expands within reason: whether each of its texts is UTF-8.
bool texts_are_utf8(const TableInfo& table, const flatbuffers::Table& value);

}  // namespace orderlog::codec
