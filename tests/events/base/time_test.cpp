// Text of instants and days: exact to the microsecond, strict in the API, looser for imports.
#include "events/base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

namespace orderlog {
namespace {

TEST(Timestamp, ReadsRfc3339) {
  EXPECT_EQ(*timestamp_from_text("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(*timestamp_from_text("2024-02-29T12:34:56.789Z"), 1'709'210'096'789'000);
  EXPECT_EQ(*timestamp_from_text("2024-02-29t12:34:56.000001z"), 1'709'210'096'000'001);
  EXPECT_EQ(*timestamp_from_text("2024-02-29T13:34:56+01:00"), 1'709'210'096'000'000);
  EXPECT_EQ(*timestamp_from_text("2024-02-29T07:04:56-05:30"), 1'709'210'096'000'000);
  EXPECT_EQ(*timestamp_from_text("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(*timestamp_from_text("0000-01-01T00:00:00Z"), timestamp_min);
  EXPECT_EQ(*timestamp_from_text("9999-12-31T23:59:59.999999Z"), timestamp_max);
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2024-02-29",
                           "2024-02-29T12:34:56",
                           "2024-02-29 12:34:56Z",
                           "2024-02-29T12:34Z",
                           "2024-02-29T24:00:00Z",
                           "2024-02-29T12:60:00Z",
                           "2024-02-29T12:34:60Z",
                           "2023-02-29T12:34:56Z",
                           "2024-13-01T12:34:56Z",
                           "2024-00-01T12:34:56Z",
                           "2024-02-29T12:34:56.Z",
                           "2024-02-29T12:34:56.1234567Z",
                           "2024-02-29T12:34:56+1:00",
                           "2024-02-29T12:34:56+24:00",
                           "2024-02-29T12:34:56+01:60",
                           "2024-02-29T12:34:56Zx",
                           "24-02-29T12:34:56Z",
                           "2024-2-29T12:34:56Z",
                           "-024-02-29T12:34:56Z",
                           "0000-01-01T00:00:00+01:00",
                           "9999-12-31T23:59:59-01:00",
                           "1709210096"}) {
    ASSERT_FALSE(timestamp_from_text(text)) << text;
    EXPECT_EQ(timestamp_from_text(text).error().code, ErrorCode::InvalidArgument);
  }
}

TEST(Timestamp, LooseFormIsUtcAndMayEndEarly) {
  const TimestampUs expected = 1'709'210'096'000'000;
  EXPECT_EQ(*timestamp_from_loose_text("2024-02-29 12:34:56"), expected);
  EXPECT_EQ(*timestamp_from_loose_text("2024-02-29T12:34:56"), expected);
  EXPECT_EQ(*timestamp_from_loose_text("2024-02-29T13:34:56+01:00"), expected);
  EXPECT_EQ(*timestamp_from_loose_text("2024-02-29 12:34:56.789"), expected + 789'000);
  EXPECT_EQ(*timestamp_from_loose_text("2024-02-29 12:34"), expected - 56 * us_per_second);
  EXPECT_EQ(*timestamp_from_loose_text("2024-02-29"), 19'782 * us_per_day);
  for (const char* text : {"", "2024-02-30", "2024-02-29 ", "2024-02-29 12", "2024-02-29 12:34:",
                           "2024-02-29x12:34:56", "29.02.2024", "2024-02-29 12:34:56 "}) {
    EXPECT_FALSE(timestamp_from_loose_text(text)) << text;
  }
}

TEST(Timestamp, WritesTheFewestDigitsThatLoseNothing) {
  EXPECT_EQ(timestamp_to_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(timestamp_to_text(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(timestamp_to_text(1'709'210'096'789'000), "2024-02-29T12:34:56.789Z");
  EXPECT_EQ(timestamp_to_text(1'709'210'096'000'100), "2024-02-29T12:34:56.000100Z");
  EXPECT_EQ(timestamp_to_text(timestamp_max + 1), "+10000-01-01T00:00:00Z");
  EXPECT_EQ(timestamp_to_text(timestamp_min - 1), "-0001-12-31T23:59:59.999999Z");
  EXPECT_EQ(timestamp_to_text(std::numeric_limits<std::int64_t>::max()),
            "+294247-01-10T04:00:54.775807Z");
  EXPECT_FALSE(timestamp_from_text(timestamp_to_text(std::numeric_limits<std::int64_t>::min())));
}

RC_GTEST_PROP(Timestamp, RoundTrips, ()) {
  const auto at = *rc::gen::inRange<TimestampUs>(timestamp_min, timestamp_max);
  RC_ASSERT(*timestamp_from_text(timestamp_to_text(at)) == at);
  const auto whole_ms = at / us_per_ms * us_per_ms;
  RC_ASSERT(*timestamp_from_text(timestamp_to_text(whole_ms)) == whole_ms);
}

TEST(Days, HaveTextAndWeekday) {
  EXPECT_EQ(*day_from_text("1970-01-01"), 0);
  EXPECT_EQ(*day_from_text("2024-02-29"), 19'782);
  EXPECT_EQ(*day_from_text("1900-03-01"), *day_from_text("1900-02-28") + 1);
  EXPECT_EQ(day_to_text(day_min), "0000-01-01");
  EXPECT_EQ(day_to_text(day_max), "9999-12-31");
  EXPECT_EQ(day_to_text(day_max + 1), "+10000-01-01");
  EXPECT_EQ(weekday_of(0), 3);
  EXPECT_EQ(weekday_of(-4), 6);
  EXPECT_EQ(weekday_of(*day_from_text("2024-04-01")), 0);
  EXPECT_EQ(weekday_of(std::numeric_limits<Day>::max()), 4);
  for (const char* text : {"", "2024-2-29", "2023-02-29", "2024-02-29Z", "20240229", "2024-02"}) {
    EXPECT_FALSE(day_from_text(text)) << text;
  }
}

TEST(Days, OfAnInstantIsFloored) {
  EXPECT_EQ(utc_day(-1), -1);
  EXPECT_EQ(utc_day(0), 0);
  EXPECT_EQ(utc_day(-us_per_day), -1);
  EXPECT_EQ(utc_day(us_per_day - 1), 0);
}

RC_GTEST_PROP(Days, RoundTripAndFollowEachOther, ()) {
  const auto day = *rc::gen::inRange<Day>(day_min, day_max);
  RC_ASSERT(*day_from_text(day_to_text(day)) == day);
  RC_ASSERT(*day_from_civil(civil_from_day(day)) == day);
  RC_ASSERT(weekday_of(day + 1) == (weekday_of(day) + 1) % 7);
}

}  // namespace
}  // namespace orderlog
