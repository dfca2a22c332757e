#include "projections/models/stock_outlook.h"

#include <algorithm>

#include "events/base/calendar.h"
#include "events/base/quantity.h"
#include "projections/models/stock_claims.h"

namespace orderlog::projections {
namespace {

using Row = schema::StockPositionRowT;

// ATP(d) = available − safety stock + Σ incoming up to d − Σ backorder demand promised up to d
// (domain.md 3.8); demand without a promise counts at once.
Quantity available_to_promise(const Row& row, Day until) {
  std::int64_t milli = row.available.milli() - row.safety.milli();
  for (const auto& entry : row.incoming_entries) {
    if (entry->date <= until) milli += entry->quantity.milli();
  }
  for (const auto& demand : row.backordered_by_date) {
    if (demand->day <= until) milli -= demand->quantity.milli();
  }
  return Quantity(milli);
}

void fill_weeks(Row& row, Day today) {
  row.incoming_by_week.clear();
  for (const auto& entry : row.incoming_entries) {
    const Day day = std::max(entry->date, today);
    add_on_day(row.incoming_by_week, day - weekday_of(day), entry->quantity.milli());
  }
}

// The first day on which less lies there than the mean issue has taken by then.
flatbuffers::Optional<std::int32_t> stock_out_date(const Row& row, Day today) {
  __int128 issued = 0;
  for (const auto& issue : row.daily_issues) {
    if (issue->day > today - issue_window_days && issue->day <= today) {
      issued += issue->quantity.milli();
    }
  }
  if (issued <= 0) return flatbuffers::nullopt;
  std::vector<std::pair<Day, std::int64_t>> incoming;
  for (const auto& entry : row.incoming_entries) {
    incoming.emplace_back(std::max(entry->date, today), entry->quantity.milli());
  }
  std::sort(incoming.begin(), incoming.end());
  __int128 stock = row.on_hand.milli() - row.damaged.milli();
  std::size_t next = 0;
  for (std::int32_t ahead = 0; ahead <= stock_out_horizon_days; ++ahead) {
    for (; next < incoming.size() && incoming[next].first <= today + ahead; ++next) {
      stock += incoming[next].second;
    }
    // Compared as multiples of the window, so that nothing is rounded.
    if (stock <= 0 || stock * issue_window_days < issued * ahead) return today + ahead;
  }
  return flatbuffers::nullopt;
}

}  // namespace

void fill_outlook(Row& row, Day today) {
  row.atp_today = available_to_promise(row, today);
  row.atp_7_days = available_to_promise(row, today + 7);
  row.atp_30_days = available_to_promise(row, today + 30);
  fill_weeks(row, today);
  row.projected_stock_out_date = stock_out_date(row, today);
}

}  // namespace orderlog::projections
