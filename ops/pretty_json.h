// JSON for people to read.
#pragma once

#include <string>
#include <string_view>

namespace orderlog::ops {

// The same text with a line for each member and element, two blanks deeper at each level, without a
// newline at its end. Names, texts and numbers stay as they were written. It must be JSON.
std::string pretty_json(std::string_view json);

}  // namespace orderlog::ops
