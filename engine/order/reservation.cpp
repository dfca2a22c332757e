// What stock says about a line: reserved, backordered, lost, refused (domain.md 3.7, 3.9, 4.9).
// Must hold: 1. a quantity is counted once, reserved or backordered; 2. what stock cannot give and
// nobody waits for stops the order until somebody decides; 3. a promise moves only to a later day.
#include <algorithm>

#include "engine/order/decide.h"
#include "engine/order/delays.h"
#include "engine/order/progress.h"
#include "engine/order/schedule.h"

namespace orderlog::engine::order {

namespace {

using schema::CheckKind;
using schema::HoldReason;

template <class EventT>
EventT counted(const LineLook& line, std::int64_t quantity) {
  EventT event;
  event.line = line.line;
  event.quantity = Quantity(quantity);
  event.reserved = Quantity(line.reserved);
  event.backordered = Quantity(line.backordered);
  return event;
}

// Shipments not dispatched yet that count on stock the line no longer has; the newest first, and
// those that are picked only if nothing else is left.
std::vector<std::string> uncovered_shipments(const Working& working, const LineLook& line) {
  std::vector<std::string> shipments;
  std::int64_t missing = line.planned - line.reserved - line.picked;
  const auto& all = working.order.shipments;
  for (const bool picked : {false, true}) {
    for (auto shipment = all.rbegin(); shipment != all.rend() && missing > 0; ++shipment) {
      if ((*shipment)->dispatched || (*shipment)->picked != picked) continue;
      const std::int64_t planned = quantity_in(**shipment, line.line);
      if (planned == 0) continue;
      missing -= planned;
      shipments.push_back((*shipment)->shipment_id);
    }
  }
  return shipments;
}

void add_change(Working& working, const LineLook& before, const LineLook& after) {
  const std::int64_t firm = after.reserved + after.picked - before.reserved - before.picked;
  const std::int64_t backordered = after.backordered - before.backordered;
  if (firm > 0) {
    auto event = counted<schema::OrderLineReservedT>(after, firm);
    event.filled = backordered < 0;
    working.add(std::move(event));
  } else if (firm < 0 || backordered < 0) {
    auto event = counted<schema::OrderLineUnreservedT>(after, firm < 0 ? -firm : -backordered);
    event.picked = Quantity(after.picked);
    event.shipment_ids = uncovered_shipments(working, after);
    working.add(std::move(event));
  } else if (backordered > 0) {
    working.add(counted<schema::OrderLineBackorderedT>(after, backordered));
  }
}

// What the command tells, with the stock item's side of it on record while messages may have
// crossed. denied: of what was asked, as much as stock will not give. While it has not heard of all
// that the line let go of, that is taken off its side here: what was let go of is then taken from
// what it holds, and not from what it denied.
void hear(Working& working, LineLook& line, const schema::RecordReservation& command,
          std::int64_t denied) {
  const bool crossing = line.stock.has_value();
  hear_of_stock(line, command.released_total(), command.reserved_delta(),
                command.backordered_delta());
  if (!crossing) return;
  if (unheard_of(line) > 0) {
    change_claims(line, [denied](auto& claims, std::int64_t) {
      claims.claimed -= std::min(denied, unanswered_of(claims));
    });
  }
  schema::OrderLineStockRecordedT event;
  event.line = line.line;
  event.stock = std::make_unique<schema::StockClaimsT>(stock_side_of(line));
  working.add(std::move(event));
}

void refused(Working& working, LineLook& line, std::int64_t missing, const std::string& why) {
  drop_unanswered(line);
  const std::string detail = "line " + std::to_string(line.line) + ": " + why + " (" +
                             quantity_to_text(Quantity(missing)) + " missing)";
  schema::OrderCheckFailedT event;
  event.kind = CheckKind::Stock;
  event.line = line.line;
  event.detail = detail;
  event.available = Quantity(line.reserved);
  working.add(std::move(event));
  // What was recorded from the past is not held up.
  if (!working.imported()) working.hold(HoldReason::Stock, detail);
}

// Stock for the backorder is promised for `expected`: late for the line's own step, and maybe for
// the customer.
void previous_step(Working& working, LineLook& line, Day expected) {
  const auto& terms = *line.state->terms;
  const auto needed = day_of(terms.material_date);
  if (line.backordered == 0 || !needed || expected <= *needed) return;
  const auto start = first_start(working.context.occurred_at, working.context.policy);
  const auto dates = start ? schedule_line(std::nullopt, *start, expected,
                                           pick_pack_days(terms, working.context.reference),
                                           working.context.policy)
                           : Result<Schedule>(start.error());
  Alarm alarm;
  alarm.kind = schema::DelayKind::PreviousStepLate;
  alarm.level = schema::DelayLevel::Watch;
  alarm.cause = schema::DelayCause::Stock;
  alarm.step_blocked = "stock";
  if (dates) alarm.predicted = dates->promised;
  raise(working, {&line}, alarm);
  const auto promised = day_of(terms.promised_date);
  if (!dates || !promised || dates->promised <= *promised) return;
  schema::OrderPromiseChangedT event;
  event.line = line.line;
  event.old_date = terms.promised_date;
  event.new_date = dates->promised;
  event.ship_by = dates->ship_by;
  event.cause = schema::DelayCause::Stock;
  event.note = "stock is expected on " + day_to_text(expected);
  event.stock_item_id = stock_item_id(terms);
  event.reservation_id = reservation_id(working.context.aggregate_id, line.line);
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(working.header(), working.today()));
  event.location = terms.location;
  event.open = Quantity(open_of(line));
  working.add(std::move(event));
}

}  // namespace

OrderDecision decide_reservation(const State& order, const schema::RecordReservation& command,
                                 const Context& context) {
  if (!is_committed(order.lifecycle)) return {};
  Working working(order, context);
  LineLook* line = working.line(command.line());
  if (line == nullptr) return {};
  const LineLook before = *line;
  const bool nobody_waits = order.header->backorder == schema::BackorderWish::Never;
  const std::int64_t denied = command.refused() ? line->ordered
                              : nobody_waits    ? command.short_milli()
                                                : 0;
  hear(working, *line, command, denied);
  add_change(working, before, *line);
  const std::int64_t missing = unheard_of(*line) > 0 ? unclaimed_of(*line) : unanswered_of(*line);
  if (command.refused()) {
    if (missing > 0) refused(working, *line, missing, "stock refused the reservation");
    progress(working);
    return std::move(working.decision);
  }
  if (denied > 0 && missing > 0) {
    refused(working, *line, missing, "stock reserved a part only");
  }
  // Lost without a backorder in its place, and not because the order wanted it so.
  if (command.reserved_delta() + command.backordered_delta() < 0 && unclaimed_of(*line) > 0) {
    refused(working, *line, unclaimed_of(*line), "a reservation was taken away");
  }
  if (line->backordered == 0) {
    clear(working, {line}, schema::DelayKind::PreviousStepLate, "stock has come");
  } else if (const auto expected = day_of(command.promised_date())) {
    previous_step(working, *line, *expected);
  }
  progress(working);
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
