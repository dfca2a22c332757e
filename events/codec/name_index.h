// Name → number for a set of names that is fixed at start: a hash without collisions, found by
// trying seeds, so that a lookup is one multiplication, one probe and one comparison.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace orderlog::codec {

class NameIndex {
 public:
  NameIndex() = default;
  // The names are borrowed and must outlive the index. Equal names: the first wins.
  explicit NameIndex(std::vector<std::string_view> names);

  // Index in the list given, -1 when it is not there. Any thread.
  int find(std::string_view name) const;

 private:
  bool place(std::uint64_t seed, std::uint32_t bits);

  std::vector<std::string_view> names_;
  std::vector<std::int16_t> slots_;
  std::uint64_t seed_ = 0;
  std::uint32_t shift_ = 63;
};

}  // namespace orderlog::codec
