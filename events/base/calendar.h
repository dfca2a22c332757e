// Local days and working time. Promises are compared as dates in the customer's zone
// (domain.md 4.10) and service deadlines are counted in working seconds (4.22, P14), so both must
// be right on days that have 23 or 25 hours and on holidays. All functions are pure given the
// machine's time zone data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog {

// An IANA name such as "Europe/Berlin"; "UTC" needs no lookup. Any thread.
bool is_known_zone(std::string_view zone);

// Each of these: any thread; errors InvalidArgument (unknown zone, time outside years 0 … 9999).
// Zones known to the machine are cached for each thread, so that a call costs tens of nanoseconds.
Result<Day> local_day(TimestampUs at, std::string_view zone);
// Minutes since local midnight as a wall clock shows them, 0 … 1439; for cut-off times.
Result<std::int32_t> local_minute(TimestampUs at, std::string_view zone);
// The first instant of that local day, also where midnight does not exist or comes twice.
Result<TimestampUs> day_start(Day day, std::string_view zone);
// The instant at which a wall clock shows that minute (0 … 1440; 1440 is the next day's start). A
// minute that is skipped gives the end of the gap; one that comes twice gives the first.
Result<TimestampUs> at_local_minute(Day day, std::int32_t minute, std::string_view zone);

inline constexpr std::uint8_t monday_to_friday = 0b0001'1111;  // bit 0 is Monday
inline constexpr std::uint8_t every_day = 0b0111'1111;

// A search for a working day, or a span of working time, that is longer than this is an error.
inline constexpr std::int32_t calendar_search_days_max = 100 * 366;

// When a site, carrier or service desk works: on the weekdays of the mask, except on holidays, from
// the opening to the closing minute in its zone.
struct WorkingCalendar {
  std::string zone = "UTC";
  std::uint8_t weekday_mask = monday_to_friday;
  std::int32_t open_minute = 0;                 // minutes after local midnight
  std::int32_t close_minute = minutes_per_day;  // exclusive, open < close ≤ 1440
  std::vector<Day> holidays;                    // ascending, without repeats
};

// Whether the others may be called: known zone, some weekday, open < close, holidays in order.
// The functions below trust the order of `holidays` and check the rest.
Status validate(const WorkingCalendar& calendar);

bool is_working_day(const WorkingCalendar& calendar, Day day);

// The first working day on or after `day`.
Result<Day> next_working_day(const WorkingCalendar& calendar, Day day);

// n > 0: the n-th working day after `day`; n < 0: the |n|-th before it; n = 0: next_working_day.
// Errors: InvalidArgument (calendar without working days, beyond calendar_search_days_max).
Result<Day> add_working_days(const WorkingCalendar& calendar, Day day, std::int32_t n);

// The earliest instant at which `seconds` ≥ 0 of working time have passed since `start`; `start`
// itself for 0. Errors: InvalidArgument as above or for a negative count.
Result<TimestampUs> add_working_seconds(const WorkingCalendar& calendar, TimestampUs start,
                                        std::int64_t seconds);

// Whole seconds of working time from `from` to `to`; negative when `to` is the earlier one.
// working_seconds_between(c, t, add_working_seconds(c, t, n)) = n.
Result<std::int64_t> working_seconds_between(const WorkingCalendar& calendar, TimestampUs from,
                                             TimestampUs to);

}  // namespace orderlog
