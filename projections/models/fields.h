// Reading fields of events that may be absent, and the few sums the folds need. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/money.h"
#include "events/base/quantity.h"
#include "projections/model.h"

namespace orderlog::projections {

using OptionalDay = flatbuffers::Optional<std::int32_t>;

inline std::string string_of(const flatbuffers::String* text) { return std::string(text_of(text)); }

inline Money money_of(const schema::Money* money) { return money ? *money : Money(); }
inline std::int64_t minor_of(const schema::Money* money) { return money ? money->minor() : 0; }
inline std::int64_t milli_of(const schema::Quantity* quantity) {
  return quantity ? quantity->milli() : 0;
}

inline OptionalDay later_of(OptionalDay a, OptionalDay b) {
  if (!a) return b;
  if (!b) return a;
  return std::max(*a, *b);
}

// a × part / whole, towards zero, without overflow for 0 ≤ part ≤ whole; 0 when whole is 0.
inline std::int64_t part_of(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return 0;
  return static_cast<std::int64_t>(static_cast<__int128>(amount) * part / whole);
}

// The line of that number in a row's lines; nullptr: none.
template <class Line>
Line* line_in(std::vector<std::unique_ptr<Line>>& lines, std::uint32_t number) {
  for (const auto& line : lines) {
    if (line->line == number) return line.get();
  }
  return nullptr;
}

// Borrowed for a range-for over a vector field that may be absent.
template <class T>
struct VectorView {
  const flatbuffers::Vector<T>* vector;
  auto begin() const { return vector ? vector->begin() : decltype(vector->begin())(nullptr, 0); }
  auto end() const { return vector ? vector->end() : decltype(vector->begin())(nullptr, 0); }
};
template <class T>
VectorView<T> each(const flatbuffers::Vector<T>* vector) {
  return {vector};
}

inline Key enum_group(auto value) { return Key().u8(static_cast<std::uint8_t>(value)); }

// The enum value whose name is `text`; its range must be without holes. Names: EnumNamesX().
template <class Enum>
std::optional<Enum> enum_of(std::string_view text, const char* const* names) {
  for (std::size_t i = 0; names[i] != nullptr; ++i) {
    if (text == names[i]) return static_cast<Enum>(i);
  }
  return std::nullopt;
}
// All names but the first, which stands for "none".
inline std::vector<std::string> choices_of(const char* const* names) {
  std::vector<std::string> choices;
  for (std::size_t i = 1; names[i] != nullptr; ++i) choices.emplace_back(names[i]);
  return choices;
}

}  // namespace orderlog::projections
