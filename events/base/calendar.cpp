// Working time is a sum over days of the overlap between [opening, closing) as instants and the
// asked interval. Instants come from the zone for each day, so that short and long days need no
// extra rule.
#include "events/base/calendar.h"

#include <algorithm>
#include <optional>

#include "events/base/zone.h"

namespace orderlog {

namespace {

Status check_instant(TimestampUs at) {
  if (at >= timestamp_min && at <= timestamp_max) return {};
  return error(ErrorCode::InvalidArgument, "time outside of the years 0000 to 9999");
}

Status check_day(std::int64_t day) {
  if (day >= day_min && day <= day_max) return {};
  return error(ErrorCode::InvalidArgument, "day outside of the years 0000 to 9999");
}

Result<std::int64_t> local_time(TimestampUs at, std::string_view zone_name) {
  if (auto status = check_instant(at); !status) return status.error();
  const auto zone = find_zone(zone_name);
  if (!zone) return zone.error();
  return at + (*zone)->offset_at(at);
}

Status check_days(const WorkingCalendar& calendar) {
  if (calendar.weekday_mask != 0 && calendar.weekday_mask <= every_day) return {};
  return error(ErrorCode::InvalidArgument,
               "a working calendar needs a weekday, mask 1 (Monday) to 127 (every day)");
}

Status check_hours(const WorkingCalendar& calendar) {
  if (calendar.open_minute >= 0 && calendar.open_minute < calendar.close_minute &&
      calendar.close_minute <= minutes_per_day) {
    return {};
  }
  return error(ErrorCode::InvalidArgument,
               "a working day opens before it closes, at minutes 0 to 1440");
}

Error no_working_day() {
  return error(ErrorCode::InvalidArgument,
               "no working day within " + std::to_string(calendar_search_days_max) + " days");
}

// The first working day at or beyond `day` in the direction of `step` (1 or −1), at most `limit`
// away.
std::optional<Day> seek(const WorkingCalendar& calendar, std::int64_t day, int step,
                        std::int64_t limit) {
  for (std::int64_t i = 0; i <= limit; ++i, day += step) {
    if (!check_day(day)) return std::nullopt;
    if (is_working_day(calendar, static_cast<Day>(day))) return static_cast<Day>(day);
  }
  return std::nullopt;
}

TimestampUs instant_of_minute(Zone& zone, std::int64_t day, std::int32_t minute) {
  return zone.instant_of(day * us_per_day + minute * us_per_minute);
}

struct Interval {
  TimestampUs from;
  TimestampUs to;  // exclusive

  std::int64_t length_us() const { return std::max<std::int64_t>(0, to - from); }
};

// Opening hours of one day, cut to what lies in `within`.
Interval open_hours(const WorkingCalendar& calendar, Zone& zone, std::int64_t day,
                    Interval within) {
  if (!is_working_day(calendar, static_cast<Day>(day))) return {within.from, within.from};
  const TimestampUs open = instant_of_minute(zone, day, calendar.open_minute);
  const TimestampUs close = instant_of_minute(zone, day, calendar.close_minute);
  return {std::max(open, within.from), std::min(close, within.to)};
}

// The day before the local one: where clocks fall back across midnight, an instant can lie in the
// hours of the day that its wall clock no longer, or not yet again, shows.
std::int64_t first_day_to_look_at(Zone& zone, TimestampUs at) {
  return utc_day(at + zone.offset_at(at)) - std::int64_t{1};
}

Result<Zone*> checked_zone(const WorkingCalendar& calendar) {
  if (auto status = check_days(calendar); !status) return status.error();
  if (auto status = check_hours(calendar); !status) return status.error();
  return find_zone(calendar.zone);
}

}  // namespace

bool is_known_zone(std::string_view zone) { return find_zone(zone).ok(); }

Result<Day> local_day(TimestampUs at, std::string_view zone) {
  const auto local = local_time(at, zone);
  if (!local) return local.error();
  return utc_day(*local);
}

Result<std::int32_t> local_minute(TimestampUs at, std::string_view zone) {
  const auto local = local_time(at, zone);
  if (!local) return local.error();
  return static_cast<std::int32_t>((*local - utc_day(*local) * us_per_day) / us_per_minute);
}

Result<TimestampUs> day_start(Day day, std::string_view zone) {
  return at_local_minute(day, 0, zone);
}

Result<TimestampUs> at_local_minute(Day day, std::int32_t minute, std::string_view zone_name) {
  if (auto status = check_day(day); !status) return status.error();
  if (minute < 0 || minute > minutes_per_day) {
    return error(ErrorCode::InvalidArgument, "a minute of the day is 0 to 1440");
  }
  const auto zone = find_zone(zone_name);
  if (!zone) return zone.error();
  return instant_of_minute(**zone, day, minute);
}

Status validate(const WorkingCalendar& calendar) {
  if (const auto zone = checked_zone(calendar); !zone) return zone.error();
  const auto& days = calendar.holidays;
  if (std::ranges::adjacent_find(days, std::greater_equal<>()) != days.end()) {
    return error(ErrorCode::InvalidArgument, "holidays are not in ascending order or repeated");
  }
  return {};
}

bool is_working_day(const WorkingCalendar& calendar, Day day) {
  if ((calendar.weekday_mask >> weekday_of(day) & 1) == 0) return false;
  return !std::ranges::binary_search(calendar.holidays, day);
}

Result<Day> next_working_day(const WorkingCalendar& calendar, Day day) {
  return add_working_days(calendar, day, 0);
}

Result<Day> add_working_days(const WorkingCalendar& calendar, Day day, std::int32_t n) {
  if (auto status = check_days(calendar); !status) return status.error();
  if (auto status = check_day(day); !status) return status.error();
  const int step = n < 0 ? -1 : 1;
  std::int64_t left = n < 0 ? -std::int64_t{n} : n;
  std::int64_t limit = calendar_search_days_max;
  std::optional<Day> found;
  if (left == 0) found = seek(calendar, day, step, limit);
  std::int64_t from = day;
  for (; left > 0; --left) {
    found = seek(calendar, from + step, step, limit - 1);
    if (!found) break;
    limit -= (*found - from) * step;
    from = *found;
  }
  if (!found) return no_working_day();
  return *found;
}

Result<TimestampUs> add_working_seconds(const WorkingCalendar& calendar, TimestampUs start,
                                        std::int64_t seconds) {
  const auto zone = checked_zone(calendar);
  if (!zone) return zone.error();
  if (auto status = check_instant(start); !status) return status.error();
  if (seconds < 0) return error(ErrorCode::InvalidArgument, "working time to add is negative");
  if (seconds > calendar_search_days_max * seconds_per_day) return no_working_day();
  std::int64_t left_us = seconds * us_per_second;
  const std::int64_t first = first_day_to_look_at(**zone, start);
  for (std::int64_t i = 0; i <= calendar_search_days_max; ++i) {
    if (first + i > day_max) break;
    const Interval open = open_hours(calendar, **zone, first + i, {start, timestamp_max});
    if (left_us <= open.length_us()) return open.from + left_us;
    left_us -= open.length_us();
  }
  return no_working_day();
}

Result<std::int64_t> working_seconds_between(const WorkingCalendar& calendar, TimestampUs from,
                                             TimestampUs to) {
  if (to < from) {
    const auto forwards = working_seconds_between(calendar, to, from);
    if (!forwards) return forwards.error();
    return -*forwards;
  }
  const auto zone = checked_zone(calendar);
  if (!zone) return zone.error();
  for (TimestampUs at : {from, to}) {
    if (auto status = check_instant(at); !status) return status.error();
  }
  if (to - from > calendar_search_days_max * us_per_day) {
    return error(ErrorCode::InvalidArgument,
                 "more than " + std::to_string(calendar_search_days_max) + " days lie between");
  }
  const std::int64_t last = utc_day(to + (*zone)->offset_at(to)) + std::int64_t{1};
  std::int64_t total_us = 0;
  for (std::int64_t day = first_day_to_look_at(**zone, from); day <= last; ++day) {
    total_us += open_hours(calendar, **zone, day, {from, to}).length_us();
  }
  return total_us / us_per_second;
}

}  // namespace orderlog
