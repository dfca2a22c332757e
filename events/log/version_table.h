// Last version of each aggregate while a log is verified: a flat table from a 64-bit fingerprint to
// a version, since the ids themselves would take several times the memory. Two of 10 million
// aggregates share a fingerprint with odds of 3 in a million; verify would then report a false gap,
// never miss a true one of another aggregate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace orderlog::log {

class VersionTable {
 public:
  VersionTable();

  // The last version of the aggregate, 0 at first; to be set by the caller. Valid until the next
  // call.
  std::uint32_t& version_of(std::uint8_t type, std::string_view id);
  void clear();

 private:
  std::size_t slot_of(std::uint64_t key) const;
  void grow();

  std::vector<std::uint64_t> keys_;  // 0: free
  std::vector<std::uint32_t> versions_;
  std::size_t used_ = 0;
};

}  // namespace orderlog::log
