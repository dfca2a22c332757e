// Decimal text is exact or refused; what is written reads back.
#include "events/base/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "events/base/quantity.h"

namespace orderlog {
namespace {

constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

TEST(Decimal, KeepsTheDecimalsWritten) {
  EXPECT_EQ(*decimal_from_text("14.00", 8), (Decimal{1400, 2}));
  EXPECT_EQ(*decimal_from_text("14", 8), (Decimal{14, 0}));
  EXPECT_EQ(*decimal_from_text("-0.05", 8), (Decimal{-5, 2}));
  EXPECT_EQ(*decimal_from_text("1.230000", 2), (Decimal{123, 2}));
}

TEST(Decimal, PadsToFixedDecimals) {
  EXPECT_EQ(*fixed_from_text("12.5", 2), 1250);
  EXPECT_EQ(*fixed_from_text("-12", 3), -12000);
  EXPECT_EQ(*fixed_from_text("007.00", 0), 7);
  EXPECT_EQ(*fixed_from_text("-9223372036854775808", 0), int64_min);
  EXPECT_EQ(*fixed_from_text("92233720368547758.07", 2), int64_max);
}

TEST(Decimal, RefusesWhatItCannotHold) {
  for (const char* text : {"", "-", ".", ".5", "5.", "1,5", "1 000", "+1", "1e3", "--1", "1.2.3",
                           "0x10", "NaN", " 1", "1 "}) {
    ASSERT_FALSE(fixed_from_text(text, 2)) << text;
    EXPECT_EQ(fixed_from_text(text, 2).error().code, ErrorCode::InvalidArgument) << text;
  }
  EXPECT_EQ(fixed_from_text("0.001", 2).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(fixed_from_text("9223372036854775808", 0).error().code, ErrorCode::Overflow);
  EXPECT_EQ(fixed_from_text("-9223372036854775809", 0).error().code, ErrorCode::Overflow);
  EXPECT_EQ(fixed_from_text("92233720368547759", 2).error().code, ErrorCode::Overflow);
  EXPECT_EQ(fixed_from_text(std::string(100, '9'), 2).error().code, ErrorCode::Overflow);
}

TEST(Decimal, FormatsSmallAndNegativeNumbers) {
  EXPECT_EQ(fixed_to_text(0, 2), "0.00");
  EXPECT_EQ(fixed_to_text(5, 2), "0.05");
  EXPECT_EQ(fixed_to_text(-5, 2), "-0.05");
  EXPECT_EQ(fixed_to_text(-1250, 2), "-12.50");
  EXPECT_EQ(fixed_to_text(42, 0), "42");
  EXPECT_EQ(fixed_to_text(int64_min, 2), "-92233720368547758.08");
}

RC_GTEST_PROP(Decimal, RoundTrips, ()) {
  const auto value = *rc::gen::arbitrary<std::int64_t>();
  const int digits = *rc::gen::inRange(0, decimal_digits_max + 1);
  RC_ASSERT(*fixed_from_text(fixed_to_text(value, digits), digits) == value);
}

TEST(Quantity, IsCheckedThousandths) {
  EXPECT_EQ(*add(Quantity(1500), Quantity(500)), Quantity(2000));
  EXPECT_EQ(*subtract(Quantity(500), Quantity(1500)), Quantity(-1000));
  EXPECT_EQ(*negate(Quantity(500)), Quantity(-500));
  EXPECT_EQ(*quantity_of_units(3), Quantity(3000));
  EXPECT_TRUE(compare(Quantity(1), Quantity(2)) < 0);
  EXPECT_TRUE(compare(Quantity(2), Quantity(2)) == 0);
}

TEST(Quantity, RefusesOverflow) {
  EXPECT_EQ(add(Quantity(int64_max), Quantity(1)).error().code, ErrorCode::Overflow);
  EXPECT_EQ(subtract(Quantity(int64_min), Quantity(1)).error().code, ErrorCode::Overflow);
  EXPECT_EQ(negate(Quantity(int64_min)).error().code, ErrorCode::Overflow);
  EXPECT_EQ(quantity_of_units(int64_max / 999).error().code, ErrorCode::Overflow);
}

TEST(Quantity, HasShortText) {
  EXPECT_EQ(quantity_to_text(Quantity(2000)), "2");
  EXPECT_EQ(quantity_to_text(Quantity(2500)), "2.5");
  EXPECT_EQ(quantity_to_text(Quantity(-1)), "-0.001");
  EXPECT_EQ(quantity_to_text(Quantity(100'000)), "100");
  EXPECT_EQ(*quantity_from_text("2.5"), Quantity(2500));
  EXPECT_EQ(quantity_from_text("2.0005").error().code, ErrorCode::InvalidArgument);
}

RC_GTEST_PROP(Quantity, TextRoundTrips, (std::int64_t milli)) {
  RC_ASSERT(*quantity_from_text(quantity_to_text(Quantity(milli))) == Quantity(milli));
}

}  // namespace
}  // namespace orderlog
