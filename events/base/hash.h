// The two hashes of the log: SHA-256, which links commits and proves them unaltered, and a quick
// 64-bit fingerprint, which only compares equal inputs and proves nothing against an adversary.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace orderlog {

using Hash256 = std::array<std::uint8_t, 32>;

// Streaming SHA-256 (FIPS 180-4). Allocates nothing; copying it copies the progress so far.
// One thread at a time.
class Sha256 {
 public:
  Sha256();

  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view bytes);

  // The hash of everything since construction or the last finish(); ready for the next use.
  Hash256 finish();

 private:
  alignas(8) std::array<std::byte, 112> state_;  // the library's context, kept out of this header
};

Hash256 sha256(std::span<const std::uint8_t> bytes);
Hash256 sha256(std::string_view bytes);

// Lower-case hexadecimal, two characters a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);

// XXH3, 64 bits, seed 0: the same on every machine and in every release, so it may be stored.
std::uint64_t fingerprint64(std::span<const std::uint8_t> bytes);
std::uint64_t fingerprint64(std::string_view bytes);

}  // namespace orderlog
