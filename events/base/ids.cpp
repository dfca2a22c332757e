// The partition formula. murmur2 must agree bit for bit with the Java client's, whose int
// arithmetic is two's complement; here it is done on unsigned integers, which wrap in the same way.
#include "events/base/ids.h"

#include "events/base/ensure.h"

namespace orderlog {

namespace {

constexpr std::uint32_t seed = 0x9747b28c;
constexpr std::uint32_t multiplier = 0x5bd1e995;

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

std::int32_t murmur2(std::string_view bytes) {
  std::uint32_t h = seed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t k = byte_at(bytes, i) | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2) << 16 |
                      byte_at(bytes, i + 3) << 24;
    k *= multiplier;
    k ^= k >> 24;
    k *= multiplier;
    h = (h * multiplier) ^ k;
  }
  const std::size_t rest = bytes.size() - i;
  if (rest >= 3) h ^= byte_at(bytes, i + 2) << 16;
  if (rest >= 2) h ^= byte_at(bytes, i + 1) << 8;
  if (rest >= 1) h = (h ^ byte_at(bytes, i)) * multiplier;
  h ^= h >> 13;
  h *= multiplier;
  h ^= h >> 15;
  return static_cast<std::int32_t>(h);
}

PartitionId partition_of(std::string_view key, std::uint32_t count) {
  ORDERLOG_ENSURE(count > 0, "partition_of: the number of partitions is 0");
  return PartitionId((static_cast<std::uint32_t>(murmur2(key)) & 0x7fffffffU) % count);
}

}  // namespace orderlog
