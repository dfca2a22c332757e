// Every product is formed exactly in 128 bits and divided once; see scaled() and divide().
#include "events/base/money.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "events/base/decimal.h"

namespace orderlog {

namespace {

using Wide = __int128;

constexpr int quantity_digits = 3;

Error overflow() { return error(ErrorCode::Overflow, "amount leaves the range of int64"); }

Error unknown_currency(Currency currency) {
  return error(ErrorCode::InvalidArgument,
               "currency " + std::to_string(static_cast<int>(currency)) + " is not known");
}

// "EUR", or the number of one that has no name.
std::string name_of(Currency currency) {
  if (currency == Currency::None) return "none";
  return is_known(currency) ? std::string(code_of(currency))
                            : std::to_string(static_cast<int>(currency));
}

bool is_nothing(const Money& amount) {
  return amount.minor() == 0 && amount.currency() == Currency::None;
}

Result<Currency> common_currency(const Money& a, const Money& b) {
  if (a.currency() == b.currency() || is_nothing(b)) return a.currency();
  if (is_nothing(a)) return b.currency();
  return error(ErrorCode::InvalidArgument, "amounts in different currencies, " +
                                               name_of(a.currency()) + " and " +
                                               name_of(b.currency()));
}

Result<Money> narrow(Wide minor, Currency currency) {
  if (minor < std::numeric_limits<std::int64_t>::min() ||
      minor > std::numeric_limits<std::int64_t>::max()) {
    return overflow();
  }
  return Money(static_cast<std::int64_t>(minor), currency);
}

// numerator / denominator to a whole number. |denominator| < 2^126, so that doubling the remainder
// cannot overflow.
Wide divide(Wide numerator, Wide denominator, Rounding rounding) {
  const Wide quotient = numerator / denominator;
  const Wide remainder = numerator % denominator;
  if (remainder == 0) return quotient;
  const Wide doubled = (remainder < 0 ? -remainder : remainder) * 2;
  const Wide whole = denominator < 0 ? -denominator : denominator;
  bool away = doubled > whole;
  if (doubled == whole) {
    switch (rounding) {
      case Rounding::HalfEven:
        away = quotient % 2 != 0;
        break;
      case Rounding::HalfUp:
        away = true;
        break;
      case Rounding::HalfDown:
      case Rounding::Down:
        away = false;
        break;
    }
  }
  if (!away || rounding == Rounding::Down) return quotient;
  return (numerator < 0) == (denominator < 0) ? quotient + 1 : quotient - 1;
}

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// a × b × 10^−shift in the currency's minor units.
Result<Money> scaled(std::int64_t a, std::int64_t b, int shift, Currency currency,
                     Rounding rounding) {
  Wide product = Wide{a} * b;
  if (shift >= 0) return narrow(divide(product, power_of_ten(shift), rounding), currency);
  if (__builtin_mul_overflow(product, power_of_ten(-shift), &product)) return overflow();
  return narrow(product, currency);
}

Result<int> known_exponent(Currency currency) {
  const auto exponent = exponent_of(currency);
  if (!exponent) return unknown_currency(currency);
  return *exponent;
}

}  // namespace

Result<Money> add(const Money& a, const Money& b) {
  const auto currency = common_currency(a, b);
  if (!currency) return currency.error();
  return narrow(Wide{a.minor()} + b.minor(), *currency);
}

Result<Money> subtract(const Money& a, const Money& b) {
  const auto currency = common_currency(a, b);
  if (!currency) return currency.error();
  return narrow(Wide{a.minor()} - b.minor(), *currency);
}

Result<Money> negate(const Money& amount) {
  return narrow(-Wide{amount.minor()}, amount.currency());
}

Result<Money> line_amount(const UnitPrice& price, const Quantity& quantity, Rounding rounding) {
  if (price.digits() > price_digits_max) {
    return error(ErrorCode::InvalidArgument,
                 "a unit price has at most " + std::to_string(price_digits_max) + " decimals");
  }
  const auto exponent = known_exponent(price.currency());
  if (!exponent) return exponent.error();
  return scaled(price.mantissa(), quantity.milli(), price.digits() + quantity_digits - *exponent,
                price.currency(), rounding);
}

Result<Money> multiply(const Money& amount, const Quantity& quantity, Rounding rounding) {
  return scaled(amount.minor(), quantity.milli(), quantity_digits, amount.currency(), rounding);
}

Result<Money> fraction_of(const Money& amount, std::int64_t numerator, std::int64_t denominator,
                          Rounding rounding) {
  if (denominator == 0) return error(ErrorCode::InvalidArgument, "a fraction with denominator 0");
  return narrow(divide(Wide{amount.minor()} * numerator, denominator, rounding), amount.currency());
}

Result<Money> basis_points_of(const Money& amount, std::int64_t rate, Rounding rounding) {
  return fraction_of(amount, rate, full_rate, rounding);
}

Result<std::vector<Money>> allocate(const Money& total, std::span<const std::int64_t> weights) {
  Wide weight_sum = 0;
  for (std::int64_t weight : weights) {
    if (weight < 0) return error(ErrorCode::InvalidArgument, "a weight is negative");
    weight_sum += weight;
  }
  std::vector<Money> parts(weights.size(), Money(0, total.currency()));
  if (total.minor() == 0) return parts;
  if (weight_sum == 0) {
    return error(ErrorCode::InvalidArgument, "nothing to spread an amount over: all weights are 0");
  }
  const Wide sign = total.minor() < 0 ? -1 : 1;
  const Wide whole = sign * total.minor();
  std::vector<Wide> shares(weights.size());
  std::vector<Wide> remainders(weights.size());
  Wide left = whole;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    shares[i] = whole * weights[i] / weight_sum;
    remainders[i] = whole * weights[i] % weight_sum;
    left -= shares[i];
  }
  // `left` is the sum of the remainders ÷ weight_sum, so there are more non-zero remainders than
  // that and a weight of 0 is never reached.
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; left > 0; ++i, --left) shares[order[i]] += 1;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts[i] = Money(static_cast<std::int64_t>(sign * shares[i]), total.currency());
  }
  return parts;
}

Result<Money> convert(const Money& amount, std::int64_t rate_mantissa, std::uint8_t rate_scale,
                      Currency to, Rounding rounding) {
  if (rate_mantissa <= 0 || rate_scale > rate_scale_max) {
    return error(ErrorCode::InvalidArgument, "an exchange rate is positive and has at most " +
                                                 std::to_string(rate_scale_max) + " decimals");
  }
  const auto from_exponent = known_exponent(amount.currency());
  if (!from_exponent) return from_exponent.error();
  const auto to_exponent = known_exponent(to);
  if (!to_exponent) return to_exponent.error();
  return scaled(amount.minor(), rate_mantissa, *from_exponent + rate_scale - *to_exponent, to,
                rounding);
}

Result<Money> money_from_text(std::string_view text, Currency currency) {
  const auto exponent = known_exponent(currency);
  if (!exponent) return exponent.error();
  const auto minor = fixed_from_text(text, *exponent);
  if (!minor) return minor.error();
  return Money(*minor, currency);
}

Result<UnitPrice> unit_price_from_text(std::string_view text, Currency currency) {
  if (!is_known(currency)) return unknown_currency(currency);
  const auto decimal = decimal_from_text(text, price_digits_max);
  if (!decimal) return decimal.error();
  return UnitPrice(decimal->value, currency, static_cast<std::uint8_t>(decimal->digits));
}

std::string amount_to_text(const Money& amount) {
  const auto exponent = exponent_of(amount.currency());
  return exponent ? fixed_to_text(amount.minor(), *exponent) : std::to_string(amount.minor()) + "?";
}

std::string to_string(const Money& amount) {
  return amount_to_text(amount) + " " + name_of(amount.currency());
}

std::string unit_price_to_text(const UnitPrice& price) {
  return fixed_to_text(price.mantissa(), price.digits());
}

}  // namespace orderlog
