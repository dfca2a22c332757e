// Every currency of the schema has a code that reads back and the decimals ISO 4217 gives it.
#include "events/base/currency.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace orderlog {
namespace {

TEST(Currency, CodesRoundTrip) {
  int known = 0;
  for (Currency currency : schema::EnumValuesCurrency()) {
    if (currency == Currency::None) continue;
    ++known;
    ASSERT_EQ(code_of(currency).size(), 3U);
    EXPECT_EQ(*currency_from_code(code_of(currency)), currency);
  }
  EXPECT_GT(known, 150);
  EXPECT_EQ(*currency_from_code("EUR"), Currency::EUR);
}

TEST(Currency, RefusesOtherCodes) {
  for (const char* code : {"", "eur", "EU", "EURO", "None", "XXQ", "E R"}) {
    ASSERT_FALSE(currency_from_code(code)) << code;
    EXPECT_EQ(currency_from_code(code).error().code, ErrorCode::InvalidArgument);
  }
}

TEST(Currency, KnowsWhatItDoesNotKnow) {
  for (int value : {0, 1, 7, 999, 65535}) {
    const auto currency = static_cast<Currency>(value);
    EXPECT_FALSE(is_known(currency)) << value;
    EXPECT_EQ(code_of(currency), "") << value;
    EXPECT_EQ(exponent_of(currency), std::nullopt) << value;
  }
}

TEST(Currency, HasTheDecimalsOfIso4217) {
  std::map<int, std::string> by_exponent;
  for (Currency currency : schema::EnumValuesCurrency()) {
    if (currency == Currency::None) continue;
    const int exponent = exponent_of(currency).value();
    if (exponent != 2) by_exponent[exponent] += std::string(code_of(currency)) + " ";
  }
  // In the order of the numeric codes.
  const std::map<int, std::string> expected = {
      {0, "BIF CLP KMF DJF GNF ISK JPY KRW VUV PYG RWF VND UGX UYI XAF XOF XPF "},
      {3, "BHD IQD JOD KWD LYD OMR TND "},
      {4, "UYW CLF "}};
  EXPECT_EQ(by_exponent, expected);
}

}  // namespace
}  // namespace orderlog
