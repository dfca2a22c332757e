// Reading and writing of "partition:sequence" lists.
#include "connectors/http/positions.h"

#include <algorithm>
#include <charconv>

namespace orderlog::http {

namespace {

template <class Int>
bool take_number(std::string_view text, Int& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<std::vector<projections::Position>> parse_positions(std::string_view text,
                                                           std::uint32_t partition_count) {
  const auto refuse = [&](std::string_view why) {
    return error(ErrorCode::InvalidArgument, std::string(why) + " in the position " +
                                                 quote_input(text) + ", which is like 0:17,1:5");
  };
  std::vector<projections::Position> positions;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t colon = std::min(entry.find(':'), entry.size());
    projections::Position position;
    if (!take_number(entry.substr(0, colon), position.partition.value) ||
        !take_number(entry.substr(std::min(colon + 1, entry.size())), position.seq.value)) {
      return refuse("no partition:sequence");
    }
    if (position.partition.value >= partition_count) return refuse("no such partition");
    for (const projections::Position& known : positions) {
      if (known.partition == position.partition) return refuse("a partition is there twice");
    }
    positions.push_back(position);
  }
  if (positions.empty()) return refuse("nothing");
  return positions;
}

void append_positions(std::string& out, const std::vector<Sequence>& applied) {
  for (std::size_t partition = 0; partition < applied.size(); ++partition) {
    if (partition > 0) out += ',';
    out += std::to_string(partition);
    out += ':';
    out += std::to_string(applied[partition].value);
  }
}

}  // namespace orderlog::http
