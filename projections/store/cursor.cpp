// Format before base64url: u8 version (1), u64 XXH3 of (version, binding, position), position.
#include "projections/store/cursor.h"

#include <array>
#include <cstring>

#include "events/base/hash.h"
#include "projections/store/key.h"

namespace orderlog::projections {
namespace {

constexpr char cursor_version = 1;
constexpr std::size_t head_bytes = 9;
constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string seal_of(std::string_view binding, std::string_view position) {
  const std::string all = Key().text(binding).rest(position).take();
  return Key().u64(fingerprint64(std::string_view(all))).take();
}

std::string to_base64url(std::string_view bytes) {
  std::string text;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text.push_back(digits[(held >> (bits - 6)) & 63]);
  }
  if (bits > 0) text.push_back(digits[(held << (6 - bits)) & 63]);
  return text;
}

bool from_base64url(std::string_view text, std::string& bytes) {
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos) return false;
    held = (held << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>(held >> bits));
    }
  }
  return bits < 6 && (held & ((1U << bits) - 1)) == 0;
}

}  // namespace

std::string make_cursor(std::string_view binding, std::string_view position) {
  std::string bytes(1, cursor_version);
  bytes += seal_of(binding, position);
  bytes += position;
  return to_base64url(bytes);
}

Result<std::string> read_cursor(std::string_view binding, std::string_view cursor) {
  const auto refuse = [] {
    return error(ErrorCode::InvalidArgument,
                 "the cursor is not one of this list: take next_cursor of its last page, with the "
                 "same parameters, or start again without a cursor");
  };
  std::string bytes;
  if (cursor.size() > cursor_bytes_max || !from_base64url(cursor, bytes)) return refuse();
  if (bytes.size() < head_bytes || bytes[0] != cursor_version) return refuse();
  const std::string position = bytes.substr(head_bytes);
  if (bytes.substr(1, head_bytes - 1) != seal_of(binding, position)) return refuse();
  return position;
}

}  // namespace orderlog::projections
