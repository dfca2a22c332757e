// The golden corpus: real bytes of every message and the JSON they must read as, for ever. One text
// file a message and shape: its name is "<Message>.<n>.golden", its first line the JSON, the rest
// the bytes in hexadecimal. Files of a released schema are never changed; a grown message gets a
// next file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "events/codec/schema_registry.h"

namespace orderlog::codec {

struct GoldenFile {
  std::string path;  // in the corpus folder: "events/OrderHeld.1.golden"
  std::string message;
  bool is_event = true;
  std::string json;
  std::vector<std::uint8_t> bytes;
};

// All files of the corpus, by path. Errors: Corrupt (with the path), Io.
Result<std::vector<GoldenFile>> read_golden(const std::string& folder);

// Writes what is missing: for every message whose sample is in no file yet, a next one. With
// `start_over` (before the first release) all old files go first. Returns how many were written.
Result<int> write_golden(const std::string& folder, bool start_over);

// The JSON of the bytes by today's schema. Errors: Corrupt.
Result<std::string> golden_json(bool is_event, const std::vector<std::uint8_t>& bytes);

// Whether all that `was` says is said by `is`, which may say more (fields that were added since).
// Otherwise a pointer to the first difference and both values.
std::optional<std::string> golden_difference(std::string_view was, std::string_view is);

}  // namespace orderlog::codec
