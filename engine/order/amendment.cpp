// Changes to an order that is under way (domain.md 3.6). Must hold: 1. never below what is shipped
// or in a shipment; 2. an agreed price stands unless a new one is given, and cannot change once a
// part is invoiced; 3. the credit account hears of every change of the total; 4. growth beyond the
// tolerance, or a price out of bounds, waits for an approval.
#include <algorithm>

#include "engine/order/amended_lines.h"
#include "engine/order/amounts.h"
#include "engine/order/decide.h"
#include "engine/order/delays.h"
#include "engine/order/progress.h"
#include "engine/order/request.h"
#include "engine/order/schedule.h"
#include "engine/pricing/pricing.h"

namespace orderlog::engine::order {

namespace {

using schema::HoldReason;

// Books, stock and credit: what differs between the lines as they are and as they will be.
void add_differences(Working& working, const AmendedLines& amended, schema::OrderAmendedT& event) {
  for (const auto& line : amended.lines) {
    event.lines.push_back(std::make_unique<schema::OrderLineT>(*line));
    if (!amended.changed.contains(line->line)) continue;
    event.booked.push_back(std::make_unique<schema::OrderLineT>(*line));
    const LineLook* look = working.line(line->line);
    if (look == nullptr) {
      event.reservations.push_back(std::make_unique<schema::ReservationRequestT>(reservation_for(
          working.header(), *line, working.context.aggregate_id, line->quantity.milli(), 0)));
      continue;
    }
    event.unbooked.push_back(std::make_unique<schema::OrderLineT>(*look->state->terms));
    LineLook& changed = *working.line(line->line);
    const std::int64_t live = line->quantity.milli();
    const std::int64_t less = std::max<std::int64_t>(0, live_of(changed) - live);
    const std::int64_t released = released_by(changed, less);
    const std::int64_t released_total = changed.released_total + released;
    if (released > 0) {
      event.releases.push_back(std::make_unique<schema::ReleaseRequestT>(
          release_for(*line, working.context.aggregate_id, released, released_total)));
    }
    const std::int64_t before = live_of(changed);
    resize(changed, live, released_total);
    if (live > before) {
      event.reservations.push_back(std::make_unique<schema::ReservationRequestT>(reservation_for(
          working.header(), *line, working.context.aggregate_id, live - before, released_total)));
      claim(changed, live - before);
    }
  }
}

// The account, which may be on another partition, was asked for more and has not answered: its
// answer would be taken for one to this change as well.
bool awaits_credit(const Working& working) {
  const State& order = working.order;
  return !working.imported() && !working.held(HoldReason::Credit) &&
         !working.held(HoldReason::Payment) &&
         order.totals->base_total.minor() > order.exposed_base + order.credit_left;
}

void add_credit(const Working& working, const schema::OrderTotalsT& totals,
                schema::OrderAmendedT& event) {
  const std::int64_t needed =
      std::max<std::int64_t>(0, totals.base_total.minor() - working.order.exposed_base);
  const schema::Currency base = working.context.policy.base_currency;
  if (needed > working.credit_left) {
    event.credit = std::make_unique<schema::CreditRequestT>(
        credit_request_for(working.header(), event.lines, totals));
    event.credit->amount = Money(needed - working.credit_left, base);
  } else {
    event.credit_released = Money(working.credit_left - needed, base);
  }
}

void ask_again(Working& working, const schema::OrderTotalsT& totals, const std::string& breach) {
  const auto& order = working.order;
  const ApprovalPolicy& policy = working.context.policy.approval;
  const bool grown = needs_reapproval(order.approved_total, totals.base_total.minor(), policy);
  if (!grown && breach.empty() && !order.approval_pending) return;
  auto tiers = approval_tiers(working.header().customer_grade, order.new_customer,
                              totals.base_total.minor(), !breach.empty(), policy);
  if (tiers.empty()) return;
  require_approval(working, std::move(tiers), totals.base_total,
                   breach.empty() ? "the total grew" : breach);
  working.hold(HoldReason::Approval, "the amendment waits for an approval");
}

}  // namespace

OrderDecision decide_amend(const State& order, const schema::AmendOrder& command,
                           const Context& context) {
  if (!is_committed(order.lifecycle)) return wrong_lifecycle(order, "amending");
  Working working(order, context);
  if (awaits_credit(working)) {
    return reject(RejectionCode::InvalidTransition,
                  "the customer's credit is still being checked for the last change: try again");
  }
  auto amended = amend_lines(working, command);
  if (!amended) return amended.rejected();
  const auto totals = total_of(*order.header, amended->lines, context);
  if (!totals) return totals.rejected();

  schema::OrderAmendedT event;
  event.totals = std::make_unique<schema::OrderTotalsT>(*totals);
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(*order.header, working.today()));
  event.version = working.next_version();
  add_differences(working, *amended, event);
  add_credit(working, *totals, event);
  std::vector<LinePtr> changed;
  for (const auto& line : event.booked) {
    if (line->quantity.milli() > 0) changed.push_back(std::make_unique<schema::OrderLineT>(*line));
  }
  std::vector<const LineLook*> settled;
  for (const LineLook& line : working.lines) {
    if (line.delivered == live_of(line)) settled.push_back(&line);
  }
  working.add(std::move(event));
  clear_all(working, settled, "amended");
  ask_again(working, *totals, breach_of(*order.header, changed, context));
  // New stock has to answer first; what is left may be complete now.
  const bool asks_stock = std::any_of(working.lines.begin(), working.lines.end(),
                                      [](const LineLook& line) { return unanswered_of(line) > 0; });
  if (!asks_stock && !amended->adds_lines) progress(working);
  return std::move(working.decision);
}

namespace {

void reschedule(Working& working, const LineLook& line, Day date, const Day today,
                const schema::RescheduleOrder& command) {
  const schema::OrderLineT& terms = *line.state->terms;
  const Policy& policy = working.context.policy;
  schema::OrderPromiseChangedT event;
  event.line = line.line;
  event.old_date = terms.promised_date;
  event.new_date = date;
  event.cause = command.cause();
  event.note = text_of(command.note());
  if (const auto ship_by = ship_by_for(date, policy)) event.ship_by = std::max(*ship_by, today);
  event.stock_item_id = stock_item_id(terms);
  event.reservation_id = reservation_id(working.context.aggregate_id, line.line);
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(working.header(), today));
  event.location = terms.location;
  event.open = Quantity(open_of(line));
  working.add(std::move(event));
}

}  // namespace

OrderDecision decide_reschedule(const State& order, const schema::RescheduleOrder& command,
                                const Context& context) {
  if (!is_committed(order.lifecycle)) return wrong_lifecycle(order, "rescheduling");
  Working working(order, context);
  const Day today = working.today();
  if (command.date() < today || command.date() > today + requested_days_ahead_max) {
    return reject(RejectionCode::InvalidArgument, "the new date is in the past or too far ahead",
                  "/date");
  }
  if (command.line() != 0 && working.line(command.line()) == nullptr) {
    return no_such_line(command.line());
  }
  std::vector<const LineLook*> moved;
  for (const LineLook& line : working.lines) {
    const bool meant = command.line() == 0 || command.line() == line.line;
    if (!meant || line.delivered >= live_of(line)) continue;
    reschedule(working, line, command.date(), today, command);
    moved.push_back(&line);
  }
  if (moved.empty()) {
    return reject(RejectionCode::InvalidTransition, "nothing is left to deliver", "/line");
  }
  clear(working, moved, schema::DelayKind::ShipByMissed, "promised anew");
  clear(working, moved, schema::DelayKind::DeliverByMissed, "promised anew");
  clear(working, moved, schema::DelayKind::PreviousStepLate, "promised anew");
  std::vector<const LineLook*> in_time;
  for (const LineLook* line : moved) {
    const auto eta = day_of(line->state->eta);
    if (!eta || *eta <= command.date() + context.policy.promise.grace_days) in_time.push_back(line);
  }
  clear(working, in_time, schema::DelayKind::Predicted, "promised anew");
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
