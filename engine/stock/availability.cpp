// Available to promise (domain.md 3.8, 4.9): ATP(d) = available − safety stock + Σ incoming up to d
// − Σ backorder demand promised up to d. What was to come or was promised in the past counts as of
// today, and demand without a promise counts at once. A day is good when neither it nor any later
// day falls short, so that a new promise breaks none that was given before it (P8).
#include <map>
#include <vector>

#include "engine/stock/rules.h"
#include "events/base/calendar.h"

namespace orderlog::engine::stock {

namespace {

// ATP from each day on on which it changes.
std::map<Day, std::int64_t> changes_of(const StockItem& item, Day today) {
  std::map<Day, std::int64_t> changes;
  for (const auto& [id, incoming] : item.incoming) {
    changes[std::max(incoming.date, today)] += incoming.milli;
  }
  for (const auto& [day, waiting] : item.ledger.demand()) {
    changes[day == day_max ? today : std::max(day, today)] -= waiting;
  }
  return changes;
}

Day replenished(Day today, const Policy& policy) {
  const auto day = add_working_days(policy.site_calendar, today, policy.promise.replenishment_days);
  return day.ok() ? *day : today + policy.promise.replenishment_days;
}

}  // namespace

Availability availability_of(const StockItem& item, std::int64_t quantity, Day material_date,
                             Day today, const Policy& policy) {
  const StockTotals& totals = item.totals;
  const Day start = std::max(material_date, today);
  Availability answer;
  answer.now = std::max<std::int64_t>(totals.available() - totals.safety - totals.backordered, 0);

  const auto changes = changes_of(item, today);
  // What is only blocked for now can be promised, not given.
  std::int64_t atp = totals.unpromised() - totals.safety;
  for (const auto& [day, change] : changes) atp += change;
  // From the far end: while `atp` is that of the days before the changes passed, and all later ones
  // are good, the first good day moves to the front.
  std::optional<Day> first;
  if (atp >= quantity) first = start;
  for (auto at = changes.rbegin(); at != changes.rend() && first && at->first > start; ++at) {
    if (atp < quantity) break;
    first = at->first;
    atp -= at->second;
    if (atp >= quantity) first = start;
  }
  answer.earliest = first ? *first : std::max(start, replenished(today, policy));
  return answer;
}

StockDecision check_availability(const StockItem& item, const schema::CheckAvailability& command,
                                 const Context& context) {
  if (context.authority == schema::Authority::Normal) {
    return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
  }
  if (auto no = check_id(command.order_id(), "/order_id")) return Rejected{*no};
  if (auto no = check_quantity(command.quantity(), context, "/quantity")) return Rejected{*no};
  const Availability found = availability_of(
      item, milli(command.quantity()), command.material_date(), today(context), context.policy);
  schema::RecordAvailabilityT answer;
  answer.order_id = text(command.order_id());
  answer.line = command.line();
  answer.available = Quantity(found.now);
  answer.earliest_date = found.earliest;
  StockDecision decision;
  decision.replies().send(std::move(answer));
  return decision;
}

}  // namespace orderlog::engine::stock
