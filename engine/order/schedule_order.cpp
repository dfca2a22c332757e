// Dates for the lines of an order, from the schedule of each line.
#include <algorithm>

#include "engine/order/entry.h"
#include "engine/order/schedule.h"

namespace orderlog::engine::order {

namespace {

std::optional<Day> requested_of(const schema::OrderHeaderT& header,
                                const schema::OrderLineT& line) {
  const auto own = day_of(line.requested_date);
  return own ? own : day_of(header.requested_date);
}

// One delivery is as late as its latest line (domain.md 4.9).
void hold_together(std::vector<LinePtr>& lines) {
  Day promised = day_min;
  Day ship_by = day_min;
  for (const auto& line : lines) {
    promised = std::max(promised, line->promised_date.value_or(day_min));
    ship_by = std::max(ship_by, line->ship_by.value_or(day_min));
  }
  for (const auto& line : lines) {
    line->promised_date = promised;
    line->ship_by = ship_by;
  }
}

}  // namespace

std::optional<Rejection> schedule_order(const schema::OrderHeaderT& header,
                                        std::vector<LinePtr>& lines, const Context& context) {
  if (context.authority == schema::Authority::Import) {
    // The promise of the time is a fact; when the goods should have left is not known.
    for (const auto& line : lines) line->promised_date = header.promised_date;
    return std::nullopt;
  }
  const auto start = first_start(context.occurred_at, context.policy);
  if (!start) return rejection_of(start.error());
  for (const auto& line : lines) {
    const auto dates =
        schedule_line(requested_of(header, *line), *start, day_of(line->material_date),
                      pick_pack_days(*line, context.reference), context.policy);
    if (!dates) return rejection_of(dates.error(), "/header/requested_date");
    line->material_date = dates->material_date;
    line->ship_by = dates->ship_by;
    line->promised_date = dates->promised;
  }
  if (header.partial_delivery == schema::PartialDelivery::AllAtOnce) hold_together(lines);
  return std::nullopt;
}

}  // namespace orderlog::engine::order
