// How far each partition's acknowledged commands reach, for reads that shall see all of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace orderlog::client {

class ReachedPositions {
 public:
  // `position`: an answer's, "partition:sequence"; anything else is passed over.
  void note(std::string_view position);
  bool empty() const { return last_.empty(); }
  // The last sequence, by partition.
  const std::map<std::uint64_t, std::uint64_t>& by_partition() const { return last_; }
  // As a read's min_position takes it: "0:17,2:5".
  std::string text() const;

 private:
  std::map<std::uint64_t, std::uint64_t> last_;
};

}  // namespace orderlog::client
