// The entries that an IndexWriter collected, read back in place.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "projections/store/layout_keys.h"

namespace orderlog::projections {

struct IndexEntry {
  std::uint8_t index;
  std::string_view group;
  std::string_view sort;
};

inline std::vector<IndexEntry> parse_entries(std::string_view bytes) {
  constexpr std::size_t head_bytes = 5;
  std::vector<IndexEntry> entries;
  while (!bytes.empty()) {
    const auto group_bytes = int_from<std::uint16_t>(bytes.substr(1));
    const auto sort_bytes = int_from<std::uint16_t>(bytes.substr(3));
    entries.push_back({static_cast<std::uint8_t>(bytes[0]), bytes.substr(head_bytes, group_bytes),
                       bytes.substr(head_bytes + group_bytes, sort_bytes)});
    bytes.remove_prefix(head_bytes + group_bytes + sort_bytes);
  }
  return entries;
}

}  // namespace orderlog::projections
