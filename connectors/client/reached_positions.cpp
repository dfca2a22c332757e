#include "connectors/client/reached_positions.h"

#include <algorithm>
#include <charconv>

namespace orderlog::client {

void ReachedPositions::note(std::string_view position) {
  const char* const end = position.data() + position.size();
  std::uint64_t partition = 0;
  std::uint64_t seq = 0;
  const auto colon = std::from_chars(position.data(), end, partition);
  if (colon.ec != std::errc() || colon.ptr == end || *colon.ptr != ':') return;
  const auto rest = std::from_chars(colon.ptr + 1, end, seq);
  if (rest.ec != std::errc() || rest.ptr != end) return;
  auto& last = last_[partition];
  last = std::max(last, seq);
}

std::string ReachedPositions::text() const {
  std::string out;
  for (const auto& [partition, seq] : last_) {
    if (!out.empty()) out += ',';
    out += std::to_string(partition) + ':' + std::to_string(seq);
  }
  return out;
}

}  // namespace orderlog::client
