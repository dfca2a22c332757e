// What lies ahead of a stock position, from its kept columns and the day of the question. Pure.
#pragma once

#include "events/schema/read_models_desk_generated.h"
#include "projections/model.h"

namespace orderlog::projections {

// Mean issue: of the last so many days.
inline constexpr std::int32_t issue_window_days = 28;
// A stock that lasts longer is not said to run out.
inline constexpr std::int32_t stock_out_horizon_days = 365;

// Fills ATP of today, 7 and 30 days, what comes in each week, and the projected stock-out date.
void fill_outlook(schema::StockPositionRowT& row, Day today);

}  // namespace orderlog::projections
