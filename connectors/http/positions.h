// Positions in several partitions as text, "0:17,2:5": min_position of a read, ids of the live
// feed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "projections/model.h"

namespace orderlog::http {

// Errors: InvalidArgument (no such form, a partition that is not there or given twice).
Result<std::vector<projections::Position>> parse_positions(std::string_view text,
                                                           std::uint32_t partition_count);
// `applied[p]` is the position in partition p.
void append_positions(std::string& out, const std::vector<Sequence>& applied);

}  // namespace orderlog::http
