// Result holds a value or an error; reading the other side, or a broken invariant, ends the
// process.
#include "events/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace orderlog {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return error(ErrorCode::InvalidArgument, "odd");
  return value / 2;
}

Status even(int value) {
  if (value % 2 != 0) return error(ErrorCode::Conflict, "odd");
  return {};
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_TRUE(half(4).ok());
  EXPECT_EQ(*half(4), 2);
  EXPECT_FALSE(half(3));
  EXPECT_EQ(half(3).error(), error(ErrorCode::InvalidArgument, "odd"));
  EXPECT_EQ(half(3).value_or(7), 7);
  EXPECT_EQ(half(8).value_or(7), 4);
}

TEST(Result, StatusIsOkUnlessGivenAnError) {
  EXPECT_TRUE(even(2).ok());
  EXPECT_EQ(even(1).error().code, ErrorCode::Conflict);
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
  EXPECT_EQ(*result, nullptr);
}

TEST(Result, ConvertsWhatItsValueConvertsFrom) {
  Result<std::string> text = "abc";
  EXPECT_EQ(text->size(), 3U);
  Result<std::optional<int>> some = 3;
  EXPECT_EQ(*some, std::optional<int>(3));
}

TEST(Result, NamesEveryCode) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::Internal); ++i) {
    EXPECT_NE(to_string(static_cast<ErrorCode>(i)), "Unknown") << i;
  }
  EXPECT_EQ(to_string(static_cast<ErrorCode>(200)), "Unknown");
  EXPECT_EQ(to_string(error(ErrorCode::DiskFull, "full")), "DiskFull: full");
}

TEST(Result, QuotesInputSafely) {
  EXPECT_EQ(quote_input("a\nb"), "\"a?b\"");
  EXPECT_EQ(quote_input(std::string(100, 'x')), "\"" + std::string(60, 'x') + "…\"");
}

TEST(ResultDeathTest, ReadingTheWrongSideIsABug) {
  EXPECT_DEATH((void)*half(3), "result.h:[0-9]+: InvalidArgument: odd");
  EXPECT_DEATH((void)half(4).error(), "holds a value");
  EXPECT_DEATH(even(1).value(), "Conflict: odd");
  EXPECT_DEATH((void)even(2).error(), "Status that is ok");
}

TEST(EnsureDeathTest, StopsWithPlaceAndMessage) {
  const int stock = -1;
  EXPECT_DEATH(ORDERLOG_ENSURE(stock >= 0, "stock below zero"),
               "result_test.cpp:[0-9]+: stock below zero .broken: stock >= 0");
}

TEST(Ensure, BuildsTheMessageOnlyWhenBroken) {
  int built = 0;
  const auto message = [&] { return ++built, std::string("never"); };
  ORDERLOG_ENSURE(built == 0, message());
  EXPECT_EQ(built, 0);
}

}  // namespace
}  // namespace orderlog
