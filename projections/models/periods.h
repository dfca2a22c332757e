// The periods that sales are summed by: weeks are ISO weeks and begin on Monday, the others are
// calendar periods; all stands for ever and begins nowhere. Pure.
#pragma once

#include <array>

#include "events/base/time.h"
#include "events/schema/read_models_generated.h"

namespace orderlog::projections {

inline constexpr std::array all_periods{schema::SalesPeriod::all,     schema::SalesPeriod::year,
                                        schema::SalesPeriod::quarter, schema::SalesPeriod::month,
                                        schema::SalesPeriod::week,    schema::SalesPeriod::day};

// Where the day is among them.
inline constexpr std::size_t day_place = all_periods.size() - 1;
static_assert(all_periods[day_place] == schema::SalesPeriod::day);

// What stands for the first day of `all`.
inline constexpr Day no_day = day_min - 1;

// The first day of the period that holds `day`; no_day for all.
Day period_start(schema::SalesPeriod period, Day day);

// The same, for every period, in the order of all_periods.
std::array<Day, all_periods.size()> period_starts(Day day);

}  // namespace orderlog::projections
