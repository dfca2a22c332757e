// From a unit price to the amounts of a line: exact in 128 bits, rounded once (domain.md 4.2-4.4).
#include <algorithm>
#include <limits>

#include "engine/pricing/pricing.h"

namespace orderlog::engine {

namespace {

using Wide = __int128;

Error overflow() { return error(ErrorCode::Overflow, "the amount leaves the range of int64"); }

Wide divide(Wide numerator, Wide denominator, Rounding rounding) {
  const Wide quotient = numerator / denominator;
  const Wide rest = numerator % denominator;
  const Wide doubled = (rest < 0 ? -rest : rest) * 2;
  bool away = false;
  switch (rounding) {
    case Rounding::HalfEven:
      away = doubled > denominator || (doubled == denominator && quotient % 2 != 0);
      break;
    case Rounding::HalfUp:
      away = doubled >= denominator;
      break;
    case Rounding::HalfDown:
      away = doubled > denominator;
      break;
    case Rounding::Down:
      break;
  }
  if (!away) return quotient;
  return numerator < 0 ? quotient - 1 : quotient + 1;
}

// price × Π factors / 10^shift in minor units of the price's currency, rounded once.
Result<Money> product_of(const UnitPrice& price, std::initializer_list<std::int64_t> factors,
                         int shift, Rounding rounding) {
  const auto exponent = exponent_of(price.currency());
  if (!exponent || price.digits() > price_digits_max) {
    return error(ErrorCode::InvalidArgument, "the price's currency or digits are not known");
  }
  Wide product = price.mantissa();
  for (const std::int64_t factor : factors) {
    if (__builtin_mul_overflow(product, Wide{factor}, &product)) return overflow();
  }
  Wide denominator = 1;
  for (int i = 0; i < shift + price.digits(); ++i) denominator *= 10;
  for (int i = 0; i < *exponent; ++i) {
    if (denominator % 10 == 0) {
      denominator /= 10;
    } else if (__builtin_mul_overflow(product, Wide{10}, &product)) {
      return overflow();
    }
  }
  const Wide minor = divide(product, denominator, rounding);
  if (minor > std::numeric_limits<std::int64_t>::max() ||
      minor < std::numeric_limits<std::int64_t>::min()) {
    return overflow();
  }
  return Money(static_cast<std::int64_t>(minor), price.currency());
}

constexpr int milli_shift = 3;
constexpr int ppm_shift = 6;

// The part of an amount with tax that is the tax.
Result<Money> tax_in(const Money& with_tax, std::int32_t rate, Rounding rounding) {
  return fraction_of(with_tax, rate, ppm_whole + rate, rounding);
}

// `amount` is the discounted one of the line, with its tax where prices include it.
Result<Money> tax_of(const schema::PriceExplanationT& price, const Money& amount,
                     const Quantity& quantity, std::int32_t rate, const Policy& policy) {
  const Rounding rounding = policy.rounding_of(amount.currency());
  if (policy.tax.included) {
    if (!policy.tax.per_unit) return tax_in(amount, rate, rounding);
    const auto unit =
        product_of(price.unit_price, {ppm_whole - price.manual_discount_ppm}, ppm_shift, rounding);
    if (!unit) return unit.error();
    const auto unit_tax = tax_in(*unit, rate, rounding);
    if (!unit_tax) return unit_tax.error();
    return multiply(*unit_tax, quantity, rounding);
  }
  if (!policy.tax.per_unit) return basis_points_of(amount, rate, rounding);
  const auto unit_tax = product_of(price.unit_price, {ppm_whole - price.manual_discount_ppm, rate},
                                   2 * ppm_shift, rounding);
  if (!unit_tax) return unit_tax.error();
  return multiply(*unit_tax, quantity, rounding);
}

// Cost in the document's currency: 1 document unit = mantissa × 10^−scale base units, so base
// amounts are divided by the rate.
Result<Money> cost_of(const UnitPrice& unit_cost, const Quantity& quantity,
                      schema::Currency currency, const schema::ExchangeRateT* rate,
                      const Policy& policy) {
  if (unit_cost.currency() == schema::Currency::None) return Money();
  const auto cost = line_amount(unit_cost, quantity, policy.rounding_of(unit_cost.currency()));
  if (!cost || cost->currency() == currency) return cost;
  const auto from = exponent_of(cost->currency());
  const auto to = exponent_of(currency);
  if (rate == nullptr || rate->mantissa <= 0 || rate->scale > rate_scale_max ||
      cost->currency() != policy.base_currency || !from || !to) {
    return Money();
  }
  Wide numerator = cost->minor();
  Wide denominator = rate->mantissa;
  for (int i = 0; i < rate->scale + *to; ++i) {
    if (__builtin_mul_overflow(numerator, Wide{10}, &numerator)) return overflow();
  }
  for (int i = 0; i < *from; ++i) denominator *= 10;
  const Wide minor = divide(numerator, denominator, policy.rounding_of(currency));
  if (minor > std::numeric_limits<std::int64_t>::max() ||
      minor < std::numeric_limits<std::int64_t>::min()) {
    return overflow();
  }
  return Money(static_cast<std::int64_t>(minor), currency);
}

}  // namespace

Checked<LineAmounts> price_line(const schema::PriceExplanationT& price, const Quantity& quantity,
                                const UnitPrice& unit_cost, std::int32_t tax_rate_ppm,
                                const schema::ExchangeRateT* rate, const Policy& policy) {
  if (price.manual_discount_ppm < 0 || price.manual_discount_ppm > ppm_whole) {
    return Rejection{RejectionCode::InvalidArgument, "/discount_ppm",
                     "a discount is 0 to 1,000,000 ppm"};
  }
  const schema::Currency currency = price.unit_price.currency();
  const Rounding rounding = policy.rounding_of(currency);
  auto gross = product_of(price.unit_price, {quantity.milli()}, milli_shift, rounding);
  if (!gross) return rejection_of(gross.error(), "/quantity");
  auto net = product_of(price.unit_price, {quantity.milli(), ppm_whole - price.manual_discount_ppm},
                        milli_shift + ppm_shift, rounding);
  if (!net) return rejection_of(net.error(), "/quantity");
  const auto tax = tax_of(price, *net, quantity, tax_rate_ppm, policy);
  if (!tax) return rejection_of(tax.error(), "/quantity");
  if (policy.tax.included) {
    const auto gross_tax =
        price.manual_discount_ppm == 0 ? tax : tax_in(*gross, tax_rate_ppm, rounding);
    if (!gross_tax) return rejection_of(gross_tax.error(), "/quantity");
    gross = subtract(*gross, *gross_tax);
    net = subtract(*net, *tax);
    if (!gross || !net) return rejection_of((gross ? net : gross).error(), "/quantity");
  }
  const auto discount = subtract(*gross, *net);
  if (!discount) return rejection_of(discount.error(), "/discount_ppm");
  const auto cost = cost_of(unit_cost, quantity, currency, rate, policy);
  if (!cost) return rejection_of(cost.error(), "/quantity");
  return LineAmounts{*gross, *discount, *net, *tax, *cost};
}

std::int32_t tax_rate_ppm(const TaxPolicy& policy, std::string_view country,
                          std::string_view tax_class, bool exempt) {
  if (exempt) return 0;
  const auto found = policy.rates_ppm.find({std::string(country), std::string(tax_class)});
  return found == policy.rates_ppm.end() ? policy.default_rate_ppm : found->second;
}

Checked<std::vector<Money>> spread(const Money& total, std::span<const std::int64_t> weights) {
  const bool all_zero =
      std::all_of(weights.begin(), weights.end(), [](std::int64_t weight) { return weight == 0; });
  const std::vector<std::int64_t> equal(weights.size(), 1);
  const auto parts = allocate(total, all_zero ? std::span<const std::int64_t>(equal) : weights);
  if (!parts) return rejection_of(parts.error());
  return *parts;
}

Checked<BaseAmount> to_base_currency(const Money& amount, const schema::ExchangeRateT* rate,
                                     TimestampUs now, const Policy& policy) {
  if (amount.currency() == policy.base_currency) return BaseAmount{amount, std::nullopt};
  if (amount.currency() == schema::Currency::None && amount.minor() == 0) {
    return BaseAmount{Money(0, policy.base_currency), std::nullopt};
  }
  if (rate == nullptr) {
    return Rejection{RejectionCode::CurrencyMismatch, "/exchange_rate",
                     "an amount in " + std::string(code_of(amount.currency())) +
                         " needs an exchange rate to " +
                         std::string(code_of(policy.base_currency))};
  }
  const auto converted = convert(amount, rate->mantissa, rate->scale, policy.base_currency,
                                 policy.rounding_of(policy.base_currency));
  if (!converted) return rejection_of(converted.error(), "/exchange_rate");
  BaseAmount result{*converted, std::nullopt};
  if (rate->at < now - policy.price.exchange_rate_stale_seconds * us_per_second) {
    result.stale = "the exchange rate is of " + timestamp_to_text(rate->at) + ", older than " +
                   std::to_string(policy.price.exchange_rate_stale_seconds / 3600) + " h";
  }
  return result;
}

}  // namespace orderlog::engine
