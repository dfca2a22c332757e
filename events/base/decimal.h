// Decimal text for integers that stand for a fixed number of decimals; what money and quantities
// share. No floating point: a number that cannot be held exactly is refused, never rounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace orderlog {

inline constexpr int decimal_digits_max = 18;

// `value` × 10^−`digits`.
struct Decimal {
  std::int64_t value = 0;
  int digits = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// "-12.50": an optional minus, digits, and optionally a point with digits. Keeps the decimals
// written, at most `digits_max` (0 … 18); any beyond those must be zeros. Errors: InvalidArgument,
// Overflow (not an int64).
Result<Decimal> decimal_from_text(std::string_view text, int digits_max);

// The same with exactly `digits` decimals: "12.5" with 2 is 1250.
Result<std::int64_t> fixed_from_text(std::string_view text, int digits);

// 1250 with 2 is "12.50".
std::string fixed_to_text(std::int64_t value, int digits);

}  // namespace orderlog
