// Texts, times and ids as JSON, appended without allocating in between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orderlog::codec {

void append_uuid(std::string& out, std::uint64_t hi, std::uint64_t lo);  // quoted

// Well-formed UTF-8 throughout (no surrogates, no overlong forms, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace orderlog::codec
