// The bytes of the whole binary schema, put into the library by the build.
#pragma once

#include <cstdint>
#include <span>

namespace orderlog::codec {

std::span<const std::uint8_t> embedded_schema();

}  // namespace orderlog::codec
