// Keys whose bytes sort as their parts do: rows, index groups and sort keys are made with this.
// A row whose key is one text uses the text itself as it is.
#pragma once

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
    for (const char c : value) {
      bytes_.push_back(c);
      if (c == '\0') bytes_.push_back('\xFF');
    }
    bytes_.append("\0\x01", 2);
    return *this;
  }
  // The last part: as it is.
  Key& rest(std::string_view value) {
    bytes_.append(value);
    return *this;
  }
  Key& u8(std::uint8_t value) { return unsigned_part(value, 1); }
  Key& u32(std::uint32_t value) { return unsigned_part(value, 4); }
  Key& u64(std::uint64_t value) { return unsigned_part(value, 8); }
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
  Key& unsigned_part(std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }

  std::string bytes_;
};

}  // namespace orderlog::projections
