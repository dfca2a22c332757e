// A Uuid's `hi` holds the first eight bytes of the text form, big-endian, `lo` the other eight: the
// version is in bits 12–15 of `hi`, the variant in the top two bits of `lo` (RFC 9562, section 4).
#include "events/base/uuid.h"

#include <openssl/rand.h>
#include <xxhash.h>

#include <array>
#include <cstring>
#include <span>

#include "events/base/hash.h"

namespace orderlog {

namespace {

constexpr std::size_t text_length = 36;

constexpr bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int nibble_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Uuid stamped(std::uint64_t hi, std::uint64_t lo, std::uint64_t version) {
  return Uuid((hi & ~0xf000ULL) | version << 12, (lo & ~(0b11ULL << 62)) | 0b10ULL << 62);
}

template <class Int>
void put_big_endian(std::uint8_t* to, Int value) {
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    to[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(Int) - 1 - i)));
  }
}

std::uint64_t big_endian(const std::uint8_t* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | from[i];
  return value;
}

// Random bits of the operating system's quality, drawn in blocks because one draw costs a
// microsecond.
std::uint64_t random_bits() {
  constexpr std::size_t words = 256;
  thread_local std::array<std::uint64_t, words> block;
  thread_local std::size_t used = words;
  if (used == words) {
    auto* bytes = reinterpret_cast<unsigned char*>(block.data());
    ORDERLOG_ENSURE(RAND_bytes(bytes, sizeof(block)) == 1, "no random numbers to be had");
    used = 0;
  }
  return block[used++];
}

}  // namespace

std::string to_string(const Uuid& uuid) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(text_length, '-');
  int nibble = 0;
  for (std::size_t i = 0; i < text_length; ++i) {
    if (is_hyphen_place(i)) continue;
    const std::uint64_t half = nibble < 16 ? uuid.hi() : uuid.lo();
    text[i] = digits[half >> (60 - 4 * (nibble % 16)) & 0xf];
    ++nibble;
  }
  return text;
}

Result<Uuid> parse_uuid(std::string_view text) {
  const auto refused = [&] {
    return error(ErrorCode::InvalidArgument,
                 quote_input(text) + " is not a UUID (8-4-4-4-12 hexadecimal digits)");
  };
  if (text.size() != text_length) return refused();
  std::array<std::uint64_t, 2> halves = {0, 0};
  std::size_t nibbles = 0;
  for (std::size_t i = 0; i < text_length; ++i) {
    if (is_hyphen_place(i)) {
      if (text[i] != '-') return refused();
      continue;
    }
    const int nibble = nibble_of(text[i]);
    if (nibble < 0) return refused();
    std::uint64_t& half = halves[nibbles / 16];
    half = half << 4 | static_cast<std::uint64_t>(nibble);
    ++nibbles;
  }
  return Uuid(halves[0], halves[1]);
}

bool is_nil(const Uuid& uuid) { return uuid.hi() == 0 && uuid.lo() == 0; }

Uuid uuid_of_key(std::string_view scope, std::string_view key) {
  // The scope's length goes first, so that ("ab", "c") and ("a", "bc") differ.
  std::array<std::uint8_t, 8> scope_length;
  put_big_endian(scope_length.data(), static_cast<std::uint64_t>(scope.size()));
  Sha256 hasher;
  hasher.update(scope_length);
  hasher.update(scope);
  hasher.update(key);
  const Hash256 hash = hasher.finish();
  return stamped(big_endian(hash.data()), big_endian(hash.data() + 8), 8);
}

Uuid derive_uuid(const Uuid& parent, std::uint32_t index) {
  std::array<std::uint8_t, 20> input;
  put_big_endian(input.data(), parent.hi());
  put_big_endian(input.data() + 8, parent.lo());
  put_big_endian(input.data() + 16, index);
  const XXH128_hash_t hash = XXH3_128bits(input.data(), input.size());
  return stamped(hash.high64, hash.low64, 8);
}

Uuid new_uuid_v7(TimestampUs unix_us) {
  const std::int64_t ms = unix_us / us_per_ms;
  ORDERLOG_ENSURE(unix_us >= 0 && ms < std::int64_t{1} << 48, "time outside of version 7's range");
  // 1/4096 of a millisecond in the 12 bits after the version (RFC 9562, section 6.2, method 3).
  const auto fraction = static_cast<std::uint64_t>(unix_us % us_per_ms * 4096 / us_per_ms);
  return stamped(static_cast<std::uint64_t>(ms) << 16 | fraction, random_bits(), 7);
}

std::size_t UuidHash::operator()(const Uuid& uuid) const noexcept {
  constexpr std::uint64_t odd_fraction_of_2_64 = 0x9e3779b97f4a7c15;
  return static_cast<std::size_t>((uuid.hi() ^ (uuid.lo() >> 32)) * odd_fraction_of_2_64 ^
                                  uuid.lo());
}

}  // namespace orderlog
