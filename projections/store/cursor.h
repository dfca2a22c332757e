// The opaque cursor of a page: where to go on, bound to the question it belongs to. One that was
// altered, or belongs to another question or to another version of the model, is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace orderlog::projections {

inline constexpr std::size_t cursor_bytes_max = 4'096;

// `binding` says all that the cursor depends on; `position` is any bytes. base64url, no padding.
std::string make_cursor(std::string_view binding, std::string_view position);

// Errors: InvalidArgument.
Result<std::string> read_cursor(std::string_view binding, std::string_view cursor);

}  // namespace orderlog::projections
