// Keys whose bytes sort as their parts do: rows, index groups and sort keys are made with this.
// A row whose key is one text uses the text itself as it is.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace orderlog::projections {

class Key {
 public:
  Key() = default;

  // Any bytes, closed so that another part may follow: "a" < "a\0" < "ab", whatever comes next.
  Key& text(std::string_view value) {
    for (auto nul = value.find('\0'); nul != value.npos; nul = value.find('\0')) {
      bytes_.append(value.substr(0, nul + 1)).push_back('\xFF');
      value.remove_prefix(nul + 1);
    }
    bytes_.append(value).append("\0\x01", 2);
    return *this;
  }
  // The last part: as it is.
  Key& rest(std::string_view value) {
    bytes_.append(value);
    return *this;
  }
  Key& u8(std::uint8_t value) { return unsigned_part(value); }
  Key& u32(std::uint32_t value) { return unsigned_part(value); }
  Key& u64(std::uint64_t value) { return unsigned_part(value); }
  Key& i32(std::int32_t value) { return u32(std::bit_cast<std::uint32_t>(value) ^ 0x8000'0000U); }
  Key& i64(std::int64_t value) {
    return u64(std::bit_cast<std::uint64_t>(value) ^ 0x8000'0000'0000'0000U);
  }

  std::string_view view() const { return bytes_; }
  operator std::string_view() const { return bytes_; }  // NOLINT(google-explicit-constructor)
  std::string take() { return std::move(bytes_); }
  void clear() { bytes_.clear(); }
  bool empty() const { return bytes_.empty(); }

 private:
  template <class UInt>
  Key& unsigned_part(UInt value) {
    std::array<char, sizeof value> big_endian;
    for (std::size_t i = 0; i < big_endian.size(); ++i) {
      big_endian[i] = static_cast<char>(value >> (8 * (big_endian.size() - 1 - i)));
    }
    bytes_.append(big_endian.data(), big_endian.size());
    return *this;
  }

  std::string bytes_;
};

}  // namespace orderlog::projections
