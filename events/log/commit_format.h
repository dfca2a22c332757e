// Offsets of the commit frame's fields, for the two files that write and read it (commit.h draws
// the frame).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace orderlog::log::format {

static_assert(std::endian::native == std::endian::little, "frames are read in place");

inline constexpr std::uint32_t magic = 0x31434C4F;  // "OLC1"
inline constexpr std::uint16_t version = 1;

inline constexpr std::size_t at_magic = 0;
inline constexpr std::size_t at_version = 4;
inline constexpr std::size_t at_reserved = 6;
inline constexpr std::size_t at_partition = 8;
inline constexpr std::size_t at_frame_bytes = 12;
inline constexpr std::size_t at_index = 16;
inline constexpr std::size_t at_term = 24;
inline constexpr std::size_t at_first_seq = 32;
inline constexpr std::size_t at_recorded_at = 40;
inline constexpr std::size_t at_event_count = 48;
inline constexpr std::size_t at_outbox_count = 52;
inline constexpr std::size_t at_inbox_count = 56;
inline constexpr std::size_t at_outbox_offset = 60;
inline constexpr std::size_t at_prev_hash = 64;
inline constexpr std::size_t header_bytes = 96;
inline constexpr std::size_t hash_bytes = 32;

}  // namespace orderlog::log::format
