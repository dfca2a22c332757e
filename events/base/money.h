// Money is int64 minor units and a currency; unit prices have up to 8 decimals
// (domain.md 4.1, 4.2, 4.4). Must hold: 1. no floating point; 2. products are exact (128 bits) and
// rounded once; 3. a result that does not fit or mixes currencies is an error, never a wrong
// amount; 4. parts sum to their whole. All functions are pure. Errors: InvalidArgument (currencies
// differ or unknown, digits), Overflow.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/currency.h"
#include "events/base/quantity.h"
#include "events/base/result.h"
#include "events/schema/base_generated.h"

namespace orderlog::schema {

// Of what is written: 1.5 and 1.50 are different unit prices.
inline bool operator==(const Money& a, const Money& b) {
  return a.minor() == b.minor() && a.currency() == b.currency();
}
inline bool operator==(const UnitPrice& a, const UnitPrice& b) {
  return a.mantissa() == b.mantissa() && a.currency() == b.currency() && a.digits() == b.digits();
}

}  // namespace orderlog::schema

namespace orderlog {

using Money = schema::Money;
using UnitPrice = schema::UnitPrice;

// All modes are symmetric around zero, so that a credit note mirrors its invoice.
enum class Rounding : std::uint8_t {
  HalfEven,  // ties to the even neighbour (the default of domain.md 4.1)
  HalfUp,    // ties away from zero
  HalfDown,  // ties towards zero
  Down,      // always towards zero (JPY tax)
};

inline constexpr int price_digits_max = 8;
inline constexpr int rate_scale_max = 18;
inline constexpr std::int64_t full_rate = 1'000'000;  // 100 % in basis points × 100

// Zero without a currency is "nothing yet": it takes the other's currency.
Result<Money> add(const Money& a, const Money& b);
Result<Money> subtract(const Money& a, const Money& b);
Result<Money> negate(const Money& amount);

// Price × quantity in the price's currency: mantissa × 10^−digits × milli / 1000, rounded once.
Result<Money> line_amount(const UnitPrice& price, const Quantity& quantity, Rounding rounding);

// Amount × quantity, for amounts already rounded for each unit (domain.md 4.2, UnitPriceLevel).
Result<Money> multiply(const Money& amount, const Quantity& quantity, Rounding rounding);

// amount × numerator / denominator; the denominator may not be 0.
Result<Money> fraction_of(const Money& amount, std::int64_t numerator, std::int64_t denominator,
                          Rounding rounding);

// A percentage: `rate` in basis points × 100, so 190'000 is 19 % (domain.md 4.3).
Result<Money> basis_points_of(const Money& amount, std::int64_t rate, Rounding rounding);

// Spreads `total` in proportion to the weights by largest remainder; ties go to the lower index and
// a zero weight gets nothing. One part a weight, Σ parts = total exactly. Errors: InvalidArgument
// when a weight is negative, or when all are 0 (or there is none) and the total is not.
Result<std::vector<Money>> allocate(const Money& total, std::span<const std::int64_t> weights);

// One major unit of the amount's currency is worth rate_mantissa × 10^−rate_scale major units of
// `to`. The rate must be positive, its scale 0 … rate_scale_max.
Result<Money> convert(const Money& amount, std::int64_t rate_mantissa, std::uint8_t rate_scale,
                      Currency to, Rounding rounding);

// Decimal text "-12.50", with a point, without grouping or exponent. Decimals beyond what the type
// can hold are accepted only when they are zeros. A price keeps its digits: "14.00" is 1400 with 2.
Result<Money> money_from_text(std::string_view text, Currency currency);
Result<UnitPrice> unit_price_from_text(std::string_view text, Currency currency);

// "12.50" with all of the currency's decimals; minor units followed by "?" if it is unknown.
std::string amount_to_text(const Money& amount);
// "12.50 EUR".
std::string to_string(const Money& amount);
std::string unit_price_to_text(const UnitPrice& price);

}  // namespace orderlog
