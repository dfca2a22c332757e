// 128-bit ids in the text form and the versions of RFC 9562. Only new_uuid_v7 draws randomness, so
// it belongs to the edge; everything decided or folded derives its ids from keys and from other
// ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/time.h"
#include "events/schema/base_generated.h"

namespace orderlog::schema {

inline bool operator==(const Uuid& a, const Uuid& b) {
  return a.hi() == b.hi() && a.lo() == b.lo();
}

}  // namespace orderlog::schema

namespace orderlog {

using Uuid = schema::Uuid;

// Lower-case, 36 characters: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f".
std::string to_string(const Uuid& uuid);

// Reads the 36-character form, either case, any version and variant. Errors: InvalidArgument.
Result<Uuid> parse_uuid(std::string_view text);

// All 128 bits zero, which stands for "no id".
bool is_nil(const Uuid& uuid);

// The same id for the same (scope, key) for ever: SHA-256, truncated, version 8. About 0.2 µs.
Uuid uuid_of_key(std::string_view scope, std::string_view key);

// The index-th child of `parent`, the same for ever: XXH3-128, version 8. For ids of events and of
// follow-up commands, where it runs once for each; not meant to resist somebody who seeks
// collisions.
Uuid derive_uuid(const Uuid& parent, std::uint32_t index);

// Time-ordered random id, version 7: 48 bits of milliseconds, 12 bits of their fraction, 62 random
// bits. Edge only. `unix_us` must lie in 1970 … 10889, else it is a bug. Any thread.
Uuid new_uuid_v7(TimestampUs unix_us);

// For containers. The order is that of the bytes, hence of time among version 7 ids.
struct UuidHash {
  std::size_t operator()(const Uuid& uuid) const noexcept;
};
struct UuidEqual {
  bool operator()(const Uuid& a, const Uuid& b) const noexcept { return a == b; }
};
struct UuidLess {
  bool operator()(const Uuid& a, const Uuid& b) const noexcept {
    return a.hi() != b.hi() ? a.hi() < b.hi() : a.lo() < b.lo();
  }
};

}  // namespace orderlog
