// Working days and working seconds over weekends, holidays and changes of the clock (domain.md 4.9,
// 4.22, P14), and against a naive twin that looks at every minute.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>

#include "events/base/calendar.h"

namespace orderlog {
namespace {

TimestampUs at(const char* text) { return *timestamp_from_text(text); }
Day day(const char* text) { return *day_from_text(text); }

// Service desk, Monday to Friday 10–18, with the Easter holidays of 2024; clocks changed on 31
// March.
WorkingCalendar berlin_desk() {
  return {.zone = "Europe/Berlin",
          .weekday_mask = monday_to_friday,
          .open_minute = 10 * 60,
          .close_minute = 18 * 60,
          .holidays = {day("2024-03-29"), day("2024-04-01")}};
}

WorkingCalendar always(const char* zone) {
  return {.zone = zone, .weekday_mask = every_day, .holidays = {}};
}

std::string after(const WorkingCalendar& calendar, const char* start, std::int64_t seconds) {
  return timestamp_to_text(add_working_seconds(calendar, at(start), seconds).value());
}

TEST(WorkingDays, SkipWeekendsAndHolidays) {
  const WorkingCalendar desk = berlin_desk();
  EXPECT_TRUE(is_working_day(desk, day("2024-03-28")));
  EXPECT_FALSE(is_working_day(desk, day("2024-03-29")));
  EXPECT_FALSE(is_working_day(desk, day("2024-03-30")));
  EXPECT_EQ(*next_working_day(desk, day("2024-03-28")), day("2024-03-28"));
  EXPECT_EQ(*next_working_day(desk, day("2024-03-29")), day("2024-04-02"));
  EXPECT_EQ(*add_working_days(desk, day("2024-03-28"), 1), day("2024-04-02"));
  EXPECT_EQ(*add_working_days(desk, day("2024-03-30"), 1), day("2024-04-02"));
  EXPECT_EQ(*add_working_days(desk, day("2024-03-28"), 5), day("2024-04-08"));
  EXPECT_EQ(*add_working_days(desk, day("2024-04-02"), -1), day("2024-03-28"));
  EXPECT_EQ(*add_working_days(desk, day("2024-03-31"), -2), day("2024-03-27"));
  EXPECT_EQ(*add_working_days(desk, day("2024-03-31"), 0), day("2024-04-02"));
}

TEST(WorkingDays, HaveALimit) {
  WorkingCalendar daily = always("UTC");
  EXPECT_EQ(*add_working_days(daily, 0, calendar_search_days_max), calendar_search_days_max);
  EXPECT_FALSE(add_working_days(daily, 0, calendar_search_days_max + 1));
  EXPECT_FALSE(add_working_days(daily, day_max, 1));
  EXPECT_FALSE(add_working_days(daily, day_min, -1));
  daily.weekday_mask = 0;
  EXPECT_EQ(next_working_day(daily, 0).error().code, ErrorCode::InvalidArgument);
}

RC_GTEST_PROP(WorkingDays, ForthAndBackIsHome, ()) {
  WorkingCalendar desk = berlin_desk();
  desk.weekday_mask = *rc::gen::inRange<std::uint8_t>(1, every_day + 1);
  const Day start = *next_working_day(desk, *rc::gen::inRange<Day>(19'000, 20'500));
  const auto n = *rc::gen::inRange(0, 300);
  const Day end = *add_working_days(desk, start, n);
  RC_ASSERT(*add_working_days(desk, end, -n) == start);
}

TEST(WorkingSeconds, AreCountedInOpeningHoursOnly) {
  const WorkingCalendar desk = berlin_desk();
  EXPECT_EQ(after(desk, "2024-01-15T10:00:00Z", 3600), "2024-01-15T11:00:00Z");
  EXPECT_EQ(after(desk, "2024-01-15T05:00:00Z", 3600), "2024-01-15T10:00:00Z");
  // Friday 17:30 and one hour: Monday 10:30.
  EXPECT_EQ(after(desk, "2024-01-19T16:30:00Z", 3600), "2024-01-22T09:30:00Z");
  // A day's eight hours end at closing, not at the next opening.
  EXPECT_EQ(after(desk, "2024-01-15T09:00:00Z", 8 * 3600), "2024-01-15T17:00:00Z");
  EXPECT_EQ(after(desk, "2024-01-20T12:34:56.789Z", 0), "2024-01-20T12:34:56.789Z");
}

TEST(WorkingSeconds, PassOverHolidaysAndTheChangeOfTheClock) {
  // Thursday 17:00 CET, Good Friday, weekend with 23-hour Sunday, Easter Monday; Tuesday 11:00
  // CEST.
  EXPECT_EQ(after(berlin_desk(), "2024-03-28T16:00:00Z", 2 * 3600), "2024-04-02T09:00:00Z");
  // All hours of all days are simply all hours.
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"}) {
    EXPECT_EQ(after(always(zone), "2024-03-30T12:00:00Z", 48 * 3600), "2024-04-01T12:00:00Z");
    EXPECT_EQ(after(always(zone), "2011-12-29T12:00:00Z", 48 * 3600), "2011-12-31T12:00:00Z");
  }
  WorkingCalendar sunday = always("America/New_York");
  sunday.weekday_mask = 0b100'0000;
  EXPECT_EQ(
      *working_seconds_between(sunday, at("2024-03-09T00:00:00Z"), at("2024-03-12T00:00:00Z")),
      23 * 3600);
  EXPECT_EQ(
      *working_seconds_between(sunday, at("2024-11-02T00:00:00Z"), at("2024-11-05T00:00:00Z")),
      25 * 3600);
}

TEST(WorkingSeconds, BetweenIsSignedAndWhole) {
  const WorkingCalendar desk = berlin_desk();
  const auto between = [&](const char* from, const char* to) {
    return working_seconds_between(desk, at(from), at(to)).value();
  };
  EXPECT_EQ(between("2024-01-15T09:00:00Z", "2024-01-19T17:00:00Z"), 5 * 8 * 3600);
  EXPECT_EQ(between("2024-01-19T17:00:00Z", "2024-01-15T09:00:00Z"), -5 * 8 * 3600);
  EXPECT_EQ(between("2024-01-20T09:00:00Z", "2024-01-21T17:00:00Z"), 0);
  EXPECT_EQ(between("2024-01-15T10:00:00Z", "2024-01-15T10:00:01.999999Z"), 1);
}

TEST(WorkingSeconds, HaveLimitsAndNeedAUsableCalendar) {
  const WorkingCalendar desk = berlin_desk();
  EXPECT_FALSE(add_working_seconds(desk, 0, -1));
  EXPECT_FALSE(add_working_seconds(desk, 0, std::int64_t{1} << 62));
  EXPECT_FALSE(add_working_seconds(desk, timestamp_max, 3600));
  EXPECT_FALSE(add_working_seconds(desk, timestamp_max + 1, 1));
  EXPECT_FALSE(working_seconds_between(desk, timestamp_min, timestamp_max));
  EXPECT_TRUE(add_working_seconds(always("UTC"), timestamp_min, 1));
  WorkingCalendar bad = desk;
  bad.zone = "Mars/Olympus";
  EXPECT_FALSE(add_working_seconds(bad, 0, 1));
  EXPECT_FALSE(working_seconds_between(bad, 0, 1));
  EXPECT_FALSE(validate(bad));
}

TEST(WorkingCalendar, IsValidated) {
  EXPECT_TRUE(validate(berlin_desk()).ok());
  EXPECT_TRUE(validate(WorkingCalendar{}).ok());
  const auto refused = [](auto change) {
    WorkingCalendar calendar = berlin_desk();
    change(calendar);
    return validate(calendar).ok() ? ErrorCode::Internal : validate(calendar).error().code;
  };
  const auto invalid = ErrorCode::InvalidArgument;
  EXPECT_EQ(refused([](auto& c) { c.weekday_mask = 0; }), invalid);
  EXPECT_EQ(refused([](auto& c) { c.weekday_mask = 0x80; }), invalid);
  EXPECT_EQ(refused([](auto& c) { c.close_minute = c.open_minute; }), invalid);
  EXPECT_EQ(refused([](auto& c) { c.close_minute = 1441; }), invalid);
  EXPECT_EQ(refused([](auto& c) { c.open_minute = -1; }), invalid);
  EXPECT_EQ(refused([](auto& c) { c.holidays = {2, 1}; }), invalid);
  EXPECT_EQ(refused([](auto& c) { c.holidays = {1, 1}; }), invalid);
}

// Opening and closing stay clear of the hours that the clock skips or repeats; those are vectors
// above.
WorkingCalendar any_calendar() {
  const auto zone = *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York",
                                                   "Asia/Kolkata", "Australia/Sydney");
  const auto open = *rc::gen::element(0, 240, 495, 600);
  const auto close = *rc::gen::element(900, 1080, 1290, 1440);
  const auto holidays = *rc::gen::container<std::set<Day>>(
      rc::gen::inRange<Day>(day("2024-01-01"), day("2024-12-31")));
  return {.zone = zone,
          .weekday_mask = *rc::gen::inRange<std::uint8_t>(1, every_day + 1),
          .open_minute = open,
          .close_minute = close,
          .holidays = {holidays.begin(), holidays.end()}};
}

TimestampUs any_start() {
  return *rc::gen::inRange<TimestampUs>(at("2024-01-01T00:00:00Z"), at("2024-12-01T00:00:00Z"));
}

RC_GTEST_PROP(WorkingSeconds, BetweenUndoesAdd, ()) {
  const WorkingCalendar calendar = any_calendar();
  const TimestampUs start = any_start();
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 40 * 8 * 3600);
  const TimestampUs end = *add_working_seconds(calendar, start, seconds);
  RC_ASSERT(end >= start);
  RC_ASSERT(*working_seconds_between(calendar, start, end) == seconds);
  RC_ASSERT(*working_seconds_between(calendar, end, start) == -seconds);
  // The earliest such instant: one microsecond sooner is not yet enough.
  if (seconds > 0) RC_ASSERT(*working_seconds_between(calendar, start, end - 1) == seconds - 1);
}

RC_GTEST_PROP(WorkingSeconds, HoldTimeMayBeSplitAnywhere, ()) {
  const WorkingCalendar calendar = any_calendar();
  const TimestampUs start = any_start();
  const auto first = *rc::gen::inRange<std::int64_t>(0, 20 * 8 * 3600);
  const auto second = *rc::gen::inRange<std::int64_t>(1, 20 * 8 * 3600);
  const TimestampUs middle = *add_working_seconds(calendar, start, first);
  RC_ASSERT(*add_working_seconds(calendar, middle, second) ==
            *add_working_seconds(calendar, start, first + second));
}

RC_GTEST_PROP(WorkingSeconds, AgreeWithTheNaiveTwin, ()) {
  const WorkingCalendar calendar = any_calendar();
  const TimestampUs from = any_start() / us_per_minute * us_per_minute;
  const TimestampUs to = from + *rc::gen::inRange<std::int64_t>(0, 4 * 1440) * us_per_minute;
  std::int64_t seconds = 0;
  for (TimestampUs minute = from; minute < to; minute += us_per_minute) {
    const auto of_day = *local_minute(minute, calendar.zone);
    const bool open = of_day >= calendar.open_minute && of_day < calendar.close_minute;
    if (open && is_working_day(calendar, *local_day(minute, calendar.zone))) seconds += 60;
  }
  RC_ASSERT(*working_seconds_between(calendar, from, to) == seconds);
}

}  // namespace
}  // namespace orderlog
