// Where things lie in the store. A layout is one built or half-built copy of a model's rows; all of
// its keys begin with its number, so that it can be dropped whole.
//
//   0 'C' layout                                    LayoutRow
//   0 'P' lane partition                            Progress (catalog.h)
//   0 'N'                                           partition count, u32
//   layout 'r' table key                            row
//   layout 'i' table index group. sort key          u16 bytes of the key at the end
//   layout 'c' table index group                    u64 entries of the group
//   layout 'k' aggregate-type aggregate-id          ParkedRow
// Numbers big endian; layout, lane, partition 4 bytes; table, index 1 byte; "group." closed text.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "projections/store/key.h"

namespace orderlog::projections {

enum class LayoutId : std::uint32_t {};

constexpr char row_space = 'r';
constexpr char index_space = 'i';
constexpr char counter_space = 'c';
constexpr char parked_space = 'k';

inline Key space_of(LayoutId layout, char space) {
  Key key;
  key.u32(static_cast<std::uint32_t>(layout)).u8(static_cast<std::uint8_t>(space));
  return key;
}
inline Key rows_of(LayoutId layout, std::uint8_t table) {
  return space_of(layout, row_space).u8(table);
}
inline Key entries_of(LayoutId layout, std::uint8_t table, std::uint8_t index) {
  return space_of(layout, index_space).u8(table).u8(index);
}
inline Key counters_of(LayoutId layout, std::uint8_t table, std::uint8_t index) {
  return space_of(layout, counter_space).u8(table).u8(index);
}
inline std::string layout_begin(LayoutId layout) {
  return Key().u32(static_cast<std::uint32_t>(layout)).take();
}
inline std::string layout_end(LayoutId layout) {
  return Key().u32(static_cast<std::uint32_t>(layout) + 1).take();
}

// The first key after all that begin with `prefix`; empty: there is none.
inline std::string after_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

template <class Int>
std::string_view bytes_of(const Int& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
// `bytes` must hold one.
template <class Int>
Int int_from(std::string_view bytes) {
  Int value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace orderlog::projections
