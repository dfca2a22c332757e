// The standard library's calendar covers int16 years; days are first brought into one 400-year
// cycle of the Gregorian calendar, so that every int32 day and int64 instant has a text and nothing
// overflows.
#include "events/base/time.h"

#include <chrono>
#include <cstdlib>

namespace orderlog {

namespace {

constexpr std::int64_t cycle_days = 146'097;  // 400 years
constexpr std::int32_t year_max = 9'999;

struct Floored {
  std::int64_t quotient;
  std::int64_t rest;  // 0 ≤ rest < divisor
};

Floored floor_divide(std::int64_t value, std::int64_t divisor) {
  Floored result{value / divisor, value % divisor};
  if (result.rest < 0) {
    result.rest += divisor;
    --result.quotient;
  }
  return result;
}

// Takes text from the front; remembers whether anything was not as expected.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::int32_t number(std::size_t digits) {
    std::int32_t value = 0;
    if (rest_.size() < digits) ok_ = false;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      if (!is_digit(rest_[i])) ok_ = false;
      value = value * 10 + (rest_[i] - '0');
    }
    if (!ok_) return 0;
    rest_.remove_prefix(digits);
    return value;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) { ok_ = take(c) && ok_; }

  // The digits after a decimal point as microseconds: 1 to 6 of them.
  std::int32_t fraction_us() {
    std::int32_t value = 0;
    std::int32_t unit = 100'000;
    bool some = false;
    while (!rest_.empty() && is_digit(rest_.front())) {
      if (unit == 0) ok_ = false;
      value += (rest_.front() - '0') * unit;
      unit /= 10;
      some = true;
      rest_.remove_prefix(1);
    }
    ok_ = ok_ && some;
    return value;
  }

  bool at_end() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  void fail() { ok_ = false; }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
  bool ok_ = true;
};

Day read_day(Reader& reader) {
  CivilDate date{};
  date.year = reader.number(4);
  reader.expect('-');
  date.month = reader.number(2);
  reader.expect('-');
  date.day_of_month = reader.number(2);
  if (!reader.ok()) return 0;
  const auto day = day_from_civil(date);
  if (!day) reader.fail();
  return day ? *day : 0;
}

// "HH:MM:SS[.ffffff]" as microseconds of the day; the seconds may be missing if `loose`.
std::int64_t read_time_of_day(Reader& reader, bool loose) {
  const std::int32_t hour = reader.number(2);
  reader.expect(':');
  const std::int32_t minute = reader.number(2);
  std::int32_t second = 0;
  std::int32_t fraction_us = 0;
  if (!loose || !reader.at_end()) {
    reader.expect(':');
    second = reader.number(2);
    if (reader.take('.')) fraction_us = reader.fraction_us();
  }
  if (hour > 23 || minute > 59 || second > 59) reader.fail();
  return hour * us_per_hour + minute * us_per_minute + second * us_per_second + fraction_us;
}

// "Z" or "±HH:MM" as microseconds east of UTC.
std::int64_t read_offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return 0;
  const bool west = reader.take('-');
  if (!west) reader.expect('+');
  const std::int32_t hour = reader.number(2);
  reader.expect(':');
  const std::int32_t minute = reader.number(2);
  if (hour > 23 || minute > 59) reader.fail();
  const std::int64_t east = hour * us_per_hour + minute * us_per_minute;
  return west ? -east : east;
}

Error not_a_time(std::string_view text, const char* form) {
  return error(ErrorCode::InvalidArgument, quote_input(text) + " is not a time, expected " + form);
}

// At least `width` digits. By hand because this runs for every time in every answer.
void append_padded(std::string& text, std::int64_t value, int width) {
  char digits[20];
  int used = 0;
  for (; value > 0 || used < width; value /= 10)
    digits[used++] = static_cast<char>('0' + value % 10);
  while (used > 0) text += digits[--used];
}

struct WideDate {
  std::int64_t year;
  int month;
  int day_of_month;
};

WideDate wide_date(std::int64_t day) {
  const Floored cycle = floor_divide(day, cycle_days);
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(cycle.rest)}}};
  return {static_cast<int>(date.year()) + cycle.quotient * 400,
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

void append_day(std::string& text, std::int64_t day) {
  const WideDate date = wide_date(day);
  if (date.year < 0 || date.year > year_max) text += date.year < 0 ? '-' : '+';
  append_padded(text, std::abs(date.year), 4);
  text += '-';
  append_padded(text, date.month, 2);
  text += '-';
  append_padded(text, date.day_of_month, 2);
}

}  // namespace

Result<TimestampUs> timestamp_from_text(std::string_view text) {
  constexpr const char* form = "RFC 3339 such as 2024-02-29T12:34:56.789Z or …+01:00";
  Reader reader(text);
  const Day day = read_day(reader);
  if (!reader.take('T') && !reader.take('t')) reader.fail();
  const std::int64_t time_of_day = read_time_of_day(reader, false);
  const std::int64_t offset = read_offset(reader);
  if (!reader.ok() || !reader.at_end()) return not_a_time(text, form);
  const TimestampUs at = day * us_per_day + time_of_day - offset;
  if (at < timestamp_min || at > timestamp_max) return not_a_time(text, "a year of 0000 to 9999");
  return at;
}

Result<TimestampUs> timestamp_from_loose_text(std::string_view text) {
  if (auto strict = timestamp_from_text(text)) return strict;
  Reader reader(text);
  const Day day = read_day(reader);
  std::int64_t time_of_day = 0;
  if (!reader.at_end()) {
    if (!reader.take(' ') && !reader.take('T')) reader.fail();
    time_of_day = read_time_of_day(reader, true);
  }
  if (!reader.ok() || !reader.at_end()) {
    return not_a_time(text, "RFC 3339, YYYY-MM-DD HH:MM[:SS[.ffffff]] or YYYY-MM-DD");
  }
  return day * us_per_day + time_of_day;
}

std::string timestamp_to_text(TimestampUs at) {
  const Floored day = floor_divide(at, us_per_day);
  const std::int64_t seconds = day.rest / us_per_second;
  const std::int64_t fraction_us = day.rest % us_per_second;
  std::string text;
  text.reserve(sizeof("+294247-01-10T04:00:54.775807Z"));
  append_day(text, day.quotient);
  text += 'T';
  append_padded(text, seconds / 3600, 2);
  text += ':';
  append_padded(text, seconds / 60 % 60, 2);
  text += ':';
  append_padded(text, seconds % 60, 2);
  if (fraction_us != 0) {
    text += '.';
    const bool whole_ms = fraction_us % us_per_ms == 0;
    append_padded(text, whole_ms ? fraction_us / us_per_ms : fraction_us, whole_ms ? 3 : 6);
  }
  text += 'Z';
  return text;
}

Result<Day> day_from_text(std::string_view text) {
  Reader reader(text);
  const Day day = read_day(reader);
  if (!reader.ok() || !reader.at_end()) {
    return error(ErrorCode::InvalidArgument,
                 quote_input(text) + " is not a date, expected YYYY-MM-DD");
  }
  return day;
}

std::string day_to_text(Day day) {
  std::string text;
  append_day(text, day);
  return text;
}

int weekday_of(Day day) {
  constexpr std::int64_t thursday = 3;  // 1970-01-01
  return static_cast<int>(floor_divide(day + thursday, 7).rest);
}

CivilDate civil_from_day(Day day) {
  const WideDate date = wide_date(day);
  return {static_cast<std::int32_t>(date.year), date.month, date.day_of_month};
}

Result<Day> day_from_civil(CivilDate date) {
  const bool in_range = date.year >= 0 && date.year <= year_max && date.month >= 1 &&
                        date.month <= 12 && date.day_of_month >= 1 && date.day_of_month <= 31;
  const std::chrono::year_month_day ymd{
      std::chrono::year{in_range ? date.year : 0},
      std::chrono::month{in_range ? static_cast<unsigned>(date.month) : 0},
      std::chrono::day{in_range ? static_cast<unsigned>(date.day_of_month) : 0}};
  if (!ymd.ok()) return error(ErrorCode::InvalidArgument, "there is no such date");
  return static_cast<Day>(std::chrono::sys_days{ymd}.time_since_epoch().count());
}

}  // namespace orderlog
