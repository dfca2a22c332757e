// Local days where midnight is plain, missing, doubled, or the whole day is missing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "events/base/calendar.h"

namespace orderlog {
namespace {

TimestampUs at(const char* text) { return *timestamp_from_text(text); }
Day day(const char* text) { return *day_from_text(text); }

std::string start_of(const char* text, const char* zone) {
  return timestamp_to_text(day_start(day(text), zone).value());
}

TEST(Zone, KnowsIanaNamesOnly) {
  EXPECT_TRUE(is_known_zone("UTC"));
  EXPECT_TRUE(is_known_zone("Europe/Berlin"));
  EXPECT_TRUE(is_known_zone("US/Eastern"));
  for (const char* name : {"", "Mars/Olympus", "europe/berlin", "../../etc/passwd", "Europe"}) {
    EXPECT_FALSE(is_known_zone(name)) << name;
    EXPECT_EQ(local_day(0, name).error().code, ErrorCode::InvalidArgument) << name;
    EXPECT_FALSE(day_start(0, name)) << name;
  }
}

TEST(LocalDay, ChangesAtLocalMidnight) {
  EXPECT_EQ(*local_day(at("2024-01-15T22:59:59Z"), "Europe/Berlin"), day("2024-01-15"));
  EXPECT_EQ(*local_day(at("2024-01-15T23:00:00Z"), "Europe/Berlin"), day("2024-01-16"));
  EXPECT_EQ(*local_day(at("2024-07-15T21:59:59.999999Z"), "Europe/Berlin"), day("2024-07-15"));
  EXPECT_EQ(*local_day(at("2024-07-15T22:00:00Z"), "Europe/Berlin"), day("2024-07-16"));
  EXPECT_EQ(*local_day(at("2024-01-15T04:59:59Z"), "America/New_York"), day("2024-01-14"));
  EXPECT_EQ(*local_day(at("2024-01-15T23:59:59Z"), "UTC"), day("2024-01-15"));
}

TEST(LocalMinute, IsWhatTheWallClockShows) {
  EXPECT_EQ(*local_minute(at("2024-07-15T11:59:59Z"), "Europe/Berlin"), 13 * 60 + 59);
  EXPECT_EQ(*local_minute(at("2024-07-15T12:00:00Z"), "Europe/Berlin"), 14 * 60);
  EXPECT_EQ(*local_minute(at("1969-12-31T23:59:59Z"), "UTC"), 1439);
}

TEST(DayStart, OfShortAndLongDays) {
  EXPECT_EQ(start_of("2024-03-31", "Europe/Berlin"), "2024-03-30T23:00:00Z");
  EXPECT_EQ(start_of("2024-04-01", "Europe/Berlin"), "2024-03-31T22:00:00Z");  // 23 hours
  EXPECT_EQ(start_of("2024-10-27", "Europe/Berlin"), "2024-10-26T22:00:00Z");
  EXPECT_EQ(start_of("2024-10-28", "Europe/Berlin"), "2024-10-27T23:00:00Z");  // 25 hours
  EXPECT_EQ(start_of("2024-03-10", "America/New_York"), "2024-03-10T05:00:00Z");
  EXPECT_EQ(start_of("2024-03-11", "America/New_York"), "2024-03-11T04:00:00Z");
  EXPECT_EQ(start_of("2024-11-03", "America/New_York"), "2024-11-03T04:00:00Z");
  EXPECT_EQ(start_of("2024-11-04", "America/New_York"), "2024-11-04T05:00:00Z");
  EXPECT_EQ(start_of("2037-07-01", "Europe/Berlin"), "2037-06-30T22:00:00Z");
}

TEST(DayStart, WhereMidnightIsMissingOrDoubled) {
  EXPECT_EQ(start_of("2018-11-04", "America/Sao_Paulo"), "2018-11-04T03:00:00Z");
  EXPECT_EQ(start_of("2024-11-03", "America/Havana"), "2024-11-03T04:00:00Z");
  EXPECT_EQ(start_of("2010-11-07", "America/St_Johns"), "2010-11-07T02:30:00Z");
  // Samoa had no 30 December 2011.
  EXPECT_EQ(start_of("2011-12-30", "Pacific/Apia"), "2011-12-30T10:00:00Z");
  EXPECT_EQ(start_of("2011-12-31", "Pacific/Apia"), "2011-12-30T10:00:00Z");
  EXPECT_EQ(*local_day(at("2011-12-30T09:59:59Z"), "Pacific/Apia"), day("2011-12-29"));
}

TEST(AtLocalMinute, SkipsGapsAndTakesTheFirstOfTwo) {
  const auto minute = [](const char* date, int hour, int minute_of_hour) {
    return timestamp_to_text(
        *at_local_minute(day(date), hour * 60 + minute_of_hour, "Europe/Berlin"));
  };
  EXPECT_EQ(minute("2024-07-15", 14, 0), "2024-07-15T12:00:00Z");
  EXPECT_EQ(minute("2024-03-31", 1, 59), "2024-03-31T00:59:00Z");
  EXPECT_EQ(minute("2024-03-31", 2, 30), "2024-03-31T01:00:00Z");
  EXPECT_EQ(minute("2024-03-31", 3, 0), "2024-03-31T01:00:00Z");
  EXPECT_EQ(minute("2024-10-27", 2, 30), "2024-10-27T00:30:00Z");
  EXPECT_EQ(minute("2024-10-27", 3, 0), "2024-10-27T02:00:00Z");
  EXPECT_EQ(minute("2024-10-27", 24, 0), start_of("2024-10-28", "Europe/Berlin"));
}

TEST(Zone, RefusesTimesItCannotCount) {
  EXPECT_FALSE(local_day(timestamp_max + 1, "UTC"));
  EXPECT_FALSE(local_day(timestamp_min - 1, "Europe/Berlin"));
  EXPECT_FALSE(day_start(day_max + 1, "UTC"));
  EXPECT_FALSE(at_local_minute(0, 1441, "UTC"));
  EXPECT_FALSE(at_local_minute(0, -1, "UTC"));
  EXPECT_TRUE(local_day(timestamp_max, "Pacific/Kiritimati"));
  EXPECT_TRUE(day_start(day_max, "America/New_York"));
  EXPECT_TRUE(local_day(timestamp_min, "America/New_York"));
}

constexpr const char* zones[] = {"UTC",          "Europe/Berlin",  "America/New_York",
                                 "Asia/Kolkata", "Asia/Shanghai",  "America/Sao_Paulo",
                                 "Asia/Beirut",  "America/Havana", "Australia/Lord_Howe"};

RC_GTEST_PROP(DayStart, IsTheFirstInstantOfItsDay, ()) {
  const auto zone =
      *rc::gen::elementOf(std::vector<const char*>(std::begin(zones), std::end(zones)));
  const auto some_day = *rc::gen::inRange<Day>(day("1970-01-01"), day("2037-12-31"));
  const TimestampUs start = *day_start(some_day, zone);
  RC_ASSERT(*local_day(start, zone) == some_day);
  RC_ASSERT(*local_day(start - 1, zone) == some_day - 1);
}

// The remembered period must never answer for another: ask in any order, compare with a fresh
// question.
RC_GTEST_PROP(LocalDay, DoesNotDependOnWhatWasAskedBefore, ()) {
  const auto first =
      *rc::gen::inRange<TimestampUs>(at("1990-01-01T00:00:00Z"), at("2037-01-01T00:00:00Z"));
  const auto second =
      *rc::gen::inRange<TimestampUs>(at("1990-01-01T00:00:00Z"), at("2037-01-01T00:00:00Z"));
  const Day day_of_first = *local_day(first, "Europe/Berlin");
  const TimestampUs start = *day_start(day_of_first, "Europe/Berlin");
  (void)local_day(second, "Europe/Berlin");
  RC_ASSERT(*day_start(day_of_first, "Europe/Berlin") == start);
  RC_ASSERT(*local_day(first, "Europe/Berlin") == day_of_first);
}

}  // namespace
}  // namespace orderlog
