// Integers that must not be mixed up, each as its own type, and the one formula that says on which
// partition a key lives. The formula is part of the log's format: it may never change.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string_view>

namespace orderlog {

template <class Tag, std::unsigned_integral Int>
struct StrongId {
  using Value = Int;

  Int value = 0;

  constexpr StrongId() = default;
  explicit constexpr StrongId(Int v) : value(v) {}

  // The one after this; wraps at the end of the range, which a 64-bit counter never meets.
  constexpr StrongId next() const { return StrongId(static_cast<Int>(value + 1)); }

  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

// Which single-writer state machine; 0 … partition count − 1.
using PartitionId = StrongId<struct PartitionIdTag, std::uint32_t>;
// Position of an event in its partition, without gaps; the first event is 1, so 0 means "none yet".
using Sequence = StrongId<struct SequenceTag, std::uint64_t>;
// Fencing number of a partition's writer; a higher one has taken over from every lower one.
using Term = StrongId<struct TermTag, std::uint64_t>;

// MurmurHash2 (32 bits) with the seed that Java's Kafka client uses; its result as Java's int.
std::int32_t murmur2(std::string_view bytes);

// The partition of a key: that of Java's default Kafka partitioner, so that an upstream producer
// with default settings and the engine agree (design.md 1). `count` > 0, anything else is a bug.
PartitionId partition_of(std::string_view key, std::uint32_t count);

}  // namespace orderlog

template <class Tag, class Int>
struct std::hash<orderlog::StrongId<Tag, Int>> {
  std::size_t operator()(const orderlog::StrongId<Tag, Int>& id) const noexcept {
    return std::hash<Int>{}(id.value);
  }
};
