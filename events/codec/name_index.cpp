#include "events/codec/name_index.h"

#include <cstring>
#include <utility>

#include "events/base/ensure.h"

namespace orderlog::codec {
namespace {

std::uint64_t hash(std::string_view name) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  std::uint64_t state = name.size() * odd;
  const char* at = name.data();
  std::size_t left = name.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    state = (state ^ word) * odd;
    state ^= state >> 29;
  }
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < left; ++i) {
    word = word << 8 | static_cast<unsigned char>(at[i]);
  }
  state = (state ^ word) * odd;
  return state ^ state >> 32;
}

}  // namespace

NameIndex::NameIndex(std::vector<std::string_view> names) : names_(std::move(names)) {
  ORDERLOG_ENSURE(names_.size() < 0x7FFF, "too many names for one index");
  std::uint64_t size = 8;
  while (size < 4 * names_.size()) size *= 2;
  slots_.assign(size, 0);
  mask_ = size - 1;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (find(names_[i]) >= 0) continue;
    std::uint64_t at = hash(names_[i]) & mask_;
    while (slots_[at] != 0) at = (at + 1) & mask_;
    slots_[at] = static_cast<std::int16_t>(i + 1);
  }
}

int NameIndex::find(std::string_view name) const {
  if (slots_.empty()) return -1;
  for (std::uint64_t at = hash(name) & mask_; slots_[at] != 0; at = (at + 1) & mask_) {
    const int index = slots_[at] - 1;
    if (names_[static_cast<std::size_t>(index)] == name) return index;
  }
  return -1;
}

}  // namespace orderlog::codec
