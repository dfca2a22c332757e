// Instants are UTC microseconds, days are counted from 1970-01-01 in the proleptic Gregorian
// calendar, as in the schema; here are their units and their text. No time zones (calendar.h), no
// clock (clock.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace orderlog {

using TimestampUs = std::int64_t;
using Day = std::int32_t;

inline constexpr std::int64_t us_per_ms = 1'000;
inline constexpr std::int64_t us_per_second = 1'000'000;
inline constexpr std::int64_t us_per_minute = 60 * us_per_second;
inline constexpr std::int64_t us_per_hour = 60 * us_per_minute;
inline constexpr std::int64_t us_per_day = 24 * us_per_hour;
inline constexpr std::int64_t seconds_per_day = 86'400;
inline constexpr std::int32_t minutes_per_day = 1'440;

// What the text forms can say: years 0000 to 9999.
inline constexpr Day day_min = -719'528;
inline constexpr Day day_max = 2'932'896;
inline constexpr TimestampUs timestamp_min = day_min * us_per_day;
inline constexpr TimestampUs timestamp_max = (day_max + std::int64_t{1}) * us_per_day - 1;

// The UTC day that holds the instant.
constexpr Day utc_day(TimestampUs at) {
  const std::int64_t day = at / us_per_day;
  return static_cast<Day>(at % us_per_day < 0 ? day - 1 : day);
}

// RFC 3339 date-time: "2024-02-29T12:34:56.789Z", "…+01:00"; at most 6 digits of fraction; no leap
// second. Errors: InvalidArgument with what was wrong.
Result<TimestampUs> timestamp_from_text(std::string_view text);

// As above and also, read as UTC, "2024-02-29 12:34:56[.789]" with a blank or a T and without an
// offset, "2024-02-29 12:34" and the bare date "2024-02-29" (midnight). For imports, not for the
// API.
Result<TimestampUs> timestamp_from_loose_text(std::string_view text);

// RFC 3339 in UTC with 0, 3 or 6 digits of fraction, the fewest that lose nothing. Outside of
// timestamp_min … timestamp_max the year gets a sign and more digits, which no reader here accepts.
std::string timestamp_to_text(TimestampUs at);

// "2024-02-29". Errors: InvalidArgument.
Result<Day> day_from_text(std::string_view text);
std::string day_to_text(Day day);

// 0 = Monday … 6 = Sunday (ISO 8601 order).
int weekday_of(Day day);

struct CivilDate {
  std::int32_t year;
  std::int32_t month;         // 1 … 12
  std::int32_t day_of_month;  // 1 … 31

  friend bool operator==(const CivilDate&, const CivilDate&) = default;
};
CivilDate civil_from_day(Day day);
// Errors: InvalidArgument when there is no such date or the year is not 0 … 9999.
Result<Day> day_from_civil(CivilDate date);

}  // namespace orderlog
