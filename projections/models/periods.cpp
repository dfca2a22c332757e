#include "projections/models/periods.h"

namespace orderlog::projections {
namespace {

Day start_in(schema::SalesPeriod period, Day day, const CivilDate& date) {
  const auto first_of = [&](std::int32_t month) {
    return day_from_civil({date.year, month, 1}).value_or(day);
  };
  switch (period) {
    case schema::SalesPeriod::all:
      return no_day;
    case schema::SalesPeriod::year:
      return first_of(1);
    case schema::SalesPeriod::quarter:
      return first_of((date.month - 1) / 3 * 3 + 1);
    case schema::SalesPeriod::month:
      return day - (date.day_of_month - 1);
    case schema::SalesPeriod::week:
      return day - weekday_of(day);
    case schema::SalesPeriod::day:
      return day;
  }
  return day;
}

}  // namespace

Day period_start(schema::SalesPeriod period, Day day) {
  return start_in(period, day, civil_from_day(day));
}

std::array<Day, all_periods.size()> period_starts(Day day) {
  const CivilDate date = civil_from_day(day);
  std::array<Day, all_periods.size()> starts{};
  for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = start_in(all_periods[i], day, date);
  return starts;
}

}  // namespace orderlog::projections
