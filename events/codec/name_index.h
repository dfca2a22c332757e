// Name → number for a set of names that is fixed at start: an open hash table that is at most a
// quarter full, so that a lookup is one hash, about one probe and one comparison.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace orderlog::codec {

class NameIndex {
 public:
  NameIndex() = default;
  // The names are borrowed and must outlive the index. Of equal names the first is found.
  explicit NameIndex(std::vector<std::string_view> names);

  // Index in the list given, -1 when it is not there. Any thread.
  int find(std::string_view name) const;

 private:
  std::vector<std::string_view> names_;
  std::vector<std::int16_t> slots_;  // index + 1; 0 is free
  std::uint64_t mask_ = 0;
};

}  // namespace orderlog::codec
