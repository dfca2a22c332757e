// Quantities are int64 thousandths of the base unit; arithmetic is checked, text is decimal.
// All functions are pure. Errors: Overflow, and InvalidArgument for text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/schema/base_generated.h"

namespace orderlog::schema {

inline bool operator==(const Quantity& a, const Quantity& b) { return a.milli() == b.milli(); }

}  // namespace orderlog::schema

namespace orderlog {

using Quantity = schema::Quantity;

inline constexpr std::int64_t milli_per_unit = 1'000;

Result<Quantity> add(const Quantity& a, const Quantity& b);
Result<Quantity> subtract(const Quantity& a, const Quantity& b);
Result<Quantity> negate(const Quantity& quantity);

inline std::strong_ordering compare(const Quantity& a, const Quantity& b) {
  return a.milli() <=> b.milli();
}

// A whole number of base units.
Result<Quantity> quantity_of_units(std::int64_t units);

// "2.5" is 2500 thousandths; decimals beyond the third only if they are zeros.
Result<Quantity> quantity_from_text(std::string_view text);
// The fewest decimals that lose nothing: "2", "2.5", "-0.001".
std::string quantity_to_text(const Quantity& quantity);

}  // namespace orderlog
