// Amounts: rounding in each mode and sign, currencies of 0, 2, 3 and 4 decimals, overflow refused.
#include "events/base/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace orderlog {
namespace {

constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr auto half_even = Rounding::HalfEven;

Money eur(std::int64_t minor) { return Money(minor, Currency::EUR); }

TEST(Money, AddsSubtractsNegates) {
  EXPECT_EQ(*add(eur(150), eur(-50)), eur(100));
  EXPECT_EQ(*subtract(eur(150), eur(200)), eur(-50));
  EXPECT_EQ(*negate(eur(150)), eur(-150));
}

TEST(Money, ZeroWithoutCurrencyTakesTheOthers) {
  EXPECT_EQ(*add(Money(), eur(150)), eur(150));
  EXPECT_EQ(*subtract(eur(150), Money()), eur(150));
  EXPECT_EQ(*add(Money(), Money()), Money());
  EXPECT_FALSE(add(Money(1, Currency::None), eur(150)));
}

TEST(Money, RefusesOtherCurrenciesAndOverflow) {
  EXPECT_EQ(add(eur(1), Money(1, Currency::USD)).error(),
            error(ErrorCode::InvalidArgument, "amounts in different currencies, EUR and USD"));
  EXPECT_EQ(subtract(eur(0), Money(0, Currency::USD)).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(add(eur(int64_max), eur(1)).error().code, ErrorCode::Overflow);
  EXPECT_EQ(subtract(eur(int64_min), eur(1)).error().code, ErrorCode::Overflow);
  EXPECT_EQ(negate(eur(int64_min)).error().code, ErrorCode::Overflow);
}

TEST(Rounding, TiesAndNeighboursInEveryModeAndSign) {
  struct Row {
    std::int64_t tenths, half_even, half_up, half_down, down;
  };
  constexpr Row rows[] = {{0, 0, 0, 0, 0},  {4, 0, 0, 0, 0},  {5, 0, 1, 0, 0},    {6, 1, 1, 1, 0},
                          {10, 1, 1, 1, 1}, {15, 2, 2, 1, 1}, {24, 2, 2, 2, 2},   {25, 2, 3, 2, 2},
                          {26, 3, 3, 3, 2}, {35, 4, 4, 3, 3}, {99, 10, 10, 10, 9}};
  for (const Row& row : rows) {
    for (std::int64_t sign : {1, -1}) {
      const auto rounded = [&](Rounding rounding, std::int64_t numerator,
                               std::int64_t denominator) {
        return fraction_of(eur(sign * row.tenths), numerator, denominator, rounding)->minor();
      };
      for (std::int64_t flip : {1, -1}) {
        EXPECT_EQ(rounded(Rounding::HalfEven, flip, flip * 10), sign * row.half_even) << row.tenths;
        EXPECT_EQ(rounded(Rounding::HalfUp, flip, flip * 10), sign * row.half_up) << row.tenths;
        EXPECT_EQ(rounded(Rounding::HalfDown, flip, flip * 10), sign * row.half_down) << row.tenths;
        EXPECT_EQ(rounded(Rounding::Down, flip, flip * 10), sign * row.down) << row.tenths;
      }
    }
  }
}

RC_GTEST_PROP(Rounding, IsNearestOrTowardsZero, ()) {
  const auto minor = *rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'000);
  const auto numerator = *rc::gen::inRange<std::int64_t>(-10'000, 10'000);
  const auto denominator = *rc::gen::nonZero<std::int32_t>();
  const auto exact = minor * numerator;
  const std::int64_t whole = std::abs(std::int64_t{denominator});
  for (Rounding rounding :
       {Rounding::HalfEven, Rounding::HalfUp, Rounding::HalfDown, Rounding::Down}) {
    const auto got = fraction_of(eur(minor), numerator, denominator, rounding)->minor();
    const std::int64_t off = std::abs(got * denominator - exact);
    if (rounding == Rounding::Down) {
      RC_ASSERT(off < whole);
      RC_ASSERT(std::abs(got * denominator) <= std::abs(exact));
    } else {
      RC_ASSERT(2 * off <= whole);
    }
  }
}

TEST(LineAmount, MultipliesExactlyAndRoundsOnce) {
  // 1.005 EUR × 3 = 3.015; rounding the price first would give 3.00 or 3.03.
  const UnitPrice price(1005, Currency::EUR, 3);
  EXPECT_EQ(*line_amount(price, Quantity(3000), Rounding::HalfEven), eur(302));
  EXPECT_EQ(*line_amount(price, Quantity(3000), Rounding::HalfUp), eur(302));
  EXPECT_EQ(*line_amount(price, Quantity(3000), Rounding::HalfDown), eur(301));
  EXPECT_EQ(*line_amount(price, Quantity(-3000), Rounding::Down), eur(-301));
  EXPECT_EQ(*line_amount(UnitPrice(1, Currency::EUR, 8), Quantity(1'000'000'000), half_even),
            eur(1));
  EXPECT_EQ(*line_amount(UnitPrice(1250, Currency::EUR, 2), Quantity(2500), half_even), eur(3125));
}

TEST(LineAmount, KnowsCurrenciesOfEveryExponent) {
  const UnitPrice yen(995, Currency::JPY, 1);  // 99.5 × 3 = 298.5
  EXPECT_EQ(line_amount(yen, Quantity(3000), Rounding::HalfEven)->minor(), 298);
  EXPECT_EQ(line_amount(yen, Quantity(3000), Rounding::HalfUp)->minor(), 299);
  EXPECT_EQ(line_amount(yen, Quantity(3000), Rounding::HalfDown)->minor(), 298);
  EXPECT_EQ(line_amount(yen, Quantity(3000), Rounding::Down)->minor(), 298);
  const UnitPrice dinar(12345, Currency::KWD, 4);  // 1.2345 × 1
  EXPECT_EQ(line_amount(dinar, Quantity(1000), Rounding::HalfEven)->minor(), 1234);
  EXPECT_EQ(line_amount(dinar, Quantity(1000), Rounding::HalfUp)->minor(), 1235);
  const UnitPrice unidad(7, Currency::CLF, 0);  // 7 × 0.001 = 0.0070
  EXPECT_EQ(line_amount(unidad, Quantity(1), half_even)->minor(), 70);
}

TEST(LineAmount, RefusesWhatDoesNotFit) {
  const auto code = [](const UnitPrice& price, const Quantity& quantity) {
    return line_amount(price, quantity, half_even).error().code;
  };
  EXPECT_EQ(code(UnitPrice(int64_max, Currency::EUR, 0), Quantity(1000)), ErrorCode::Overflow);
  EXPECT_EQ(code(UnitPrice(int64_min, Currency::CLF, 0), Quantity(int64_min)), ErrorCode::Overflow);
  EXPECT_EQ(code(UnitPrice(1, Currency::EUR, 9), Quantity(1000)), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(UnitPrice(1, Currency::None, 2), Quantity(1000)), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(UnitPrice(1, static_cast<Currency>(1), 2), Quantity(1000)),
            ErrorCode::InvalidArgument);
  // The product needs more than 64 bits, the result does not.
  EXPECT_EQ(*line_amount(UnitPrice(int64_max, Currency::EUR, 5), Quantity(1000), Rounding::Down),
            eur(int64_max / 1000));
}

// domain.md 4.2: 1.08 × 3 × 1.19.
TEST(Tax, ByLineAndByUnitDifferByOneCent) {
  constexpr std::int64_t rate = 190'000;
  const UnitPrice price(108, Currency::EUR, 2);
  const Quantity three(3000);

  const Money net = *line_amount(price, three, half_even);
  EXPECT_EQ(*add(net, *basis_points_of(net, rate, half_even)), eur(386));

  const Money unit_net = *line_amount(price, Quantity(1000), half_even);
  const Money unit_gross = *add(unit_net, *basis_points_of(unit_net, rate, half_even));
  EXPECT_EQ(*multiply(unit_gross, three, half_even), eur(387));
}

TEST(Tax, IsTakenOutOfGrossPricesByAFraction) {
  EXPECT_EQ(*fraction_of(eur(11900), full_rate, full_rate + 190'000, half_even), eur(10000));
}

TEST(BasisPoints, ArePartsPerMillion) {
  EXPECT_EQ(*basis_points_of(eur(12345), full_rate, half_even), eur(12345));
  EXPECT_EQ(*basis_points_of(eur(10000), 77'500, half_even), eur(775));
  EXPECT_EQ(*basis_points_of(eur(int64_max), full_rate, half_even), eur(int64_max));
  EXPECT_EQ(basis_points_of(eur(int64_max), full_rate + 1, half_even).error().code,
            ErrorCode::Overflow);
}

TEST(FractionOf, RefusesDenominatorZero) {
  EXPECT_EQ(fraction_of(eur(1), 1, 0, half_even).error().code, ErrorCode::InvalidArgument);
}

TEST(Convert, MindsBothExponents) {
  // 1 EUR = 162.35 JPY; 1 JPY = 0.0061595 EUR; 1 KWD = 3.2512 USD.
  EXPECT_EQ(*convert(eur(1000), 16235, 2, Currency::JPY, half_even), Money(1624, Currency::JPY));
  EXPECT_EQ(*convert(Money(1624, Currency::JPY), 61595, 7, Currency::EUR, half_even), eur(1000));
  EXPECT_EQ(*convert(Money(1500, Currency::KWD), 32512, 4, Currency::USD, half_even),
            Money(488, Currency::USD));
  EXPECT_EQ(*convert(Money(5, Currency::JPY), 2, 0, Currency::CLF, half_even),
            Money(100'000, Currency::CLF));
  EXPECT_EQ(*convert(eur(-1), 1, 0, Currency::EUR, half_even), eur(-1));
}

TEST(Convert, RefusesBadRatesAndOverflow) {
  const auto code = [](const Money& amount, std::int64_t mantissa, std::uint8_t scale,
                       Currency to) {
    return convert(amount, mantissa, scale, to, half_even).error().code;
  };
  EXPECT_EQ(code(eur(1), 0, 0, Currency::USD), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(eur(1), -1, 0, Currency::USD), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(eur(1), 1, 19, Currency::USD), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(eur(1), 1, 0, Currency::None), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(Money(1, Currency::None), 1, 0, Currency::USD), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(eur(int64_max), 2, 0, Currency::USD), ErrorCode::Overflow);
  EXPECT_EQ(code(Money(int64_max, Currency::JPY), int64_max, 0, Currency::CLF),
            ErrorCode::Overflow);
}

TEST(MoneyText, HasTheCurrencysDecimals) {
  EXPECT_EQ(*money_from_text("12.50", Currency::EUR), eur(1250));
  EXPECT_EQ(*money_from_text("12.5", Currency::EUR), eur(1250));
  EXPECT_EQ(*money_from_text("1250", Currency::JPY), Money(1250, Currency::JPY));
  EXPECT_EQ(*money_from_text("1.25", Currency::KWD), Money(1250, Currency::KWD));
  EXPECT_EQ(money_from_text("12.505", Currency::EUR).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(money_from_text("12.5", Currency::JPY).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(money_from_text("12.5", Currency::None).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(to_string(eur(-5)), "-0.05 EUR");
  EXPECT_EQ(to_string(Money(1250, Currency::JPY)), "1250 JPY");
  EXPECT_EQ(amount_to_text(Money(1250, Currency::KWD)), "1.250");
  EXPECT_EQ(amount_to_text(Money(12500, Currency::CLF)), "1.2500");
  EXPECT_EQ(to_string(Money(7, static_cast<Currency>(1))), "7? 1");
}

TEST(UnitPriceText, KeepsItsDigits) {
  EXPECT_EQ(*unit_price_from_text("14.00", Currency::EUR), UnitPrice(1400, Currency::EUR, 2));
  EXPECT_EQ(*unit_price_from_text("0.00012345", Currency::EUR), UnitPrice(12345, Currency::EUR, 8));
  EXPECT_EQ(unit_price_to_text(UnitPrice(1400, Currency::EUR, 2)), "14.00");
  EXPECT_EQ(unit_price_to_text(UnitPrice(14, Currency::EUR, 0)), "14");
  EXPECT_FALSE(unit_price_from_text("0.123456789", Currency::EUR));
  EXPECT_FALSE(unit_price_from_text("1", Currency::None));
}

RC_GTEST_PROP(MoneyText, RoundTrips, (std::int64_t minor)) {
  for (Currency currency : {Currency::JPY, Currency::EUR, Currency::KWD, Currency::CLF}) {
    const Money amount(minor, currency);
    RC_ASSERT(*money_from_text(amount_to_text(amount), currency) == amount);
  }
}

}  // namespace
}  // namespace orderlog
