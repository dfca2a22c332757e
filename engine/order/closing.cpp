// The end of an order, and its way back (domain.md 3.6, P9, P13). Must hold: 1. completed means
// that all that is wanted was delivered and invoiced; 2. what is closed short gives stock and
// credit back;
// 3. reopening asks for credit again; 4. nothing completes under a hold.
#include <algorithm>

#include "engine/order/amounts.h"
#include "engine/order/decide.h"
#include "engine/order/delays.h"
#include "engine/order/progress.h"
#include "engine/order/request.h"

namespace orderlog::engine::order {

namespace {

using schema::OrderLifecycle;

bool is_done(const LineLook& line) {
  return open_of(line) == 0 && line.delivered == line.shipped && line.invoiced >= line.shipped;
}

}  // namespace

void complete_if_done(Working& working) {
  if (working.lifecycle != OrderLifecycle::InFulfilment || working.holds != 0) return;
  const bool done = std::all_of(working.lines.begin(), working.lines.end(), is_done);
  const bool anything = std::any_of(working.lines.begin(), working.lines.end(),
                                    [](const LineLook& line) { return line.shipped > 0; });
  // A reopened order is done already; it completes with its next step.
  if (!done || !anything || working.decision.events().empty()) return;
  schema::OrderCompletedT event;
  event.customer_id = working.header().customer_id;
  working.lifecycle = OrderLifecycle::Completed;
  working.add(std::move(event));
}

OrderDecision decide_short_close(const State& order, const schema::ShortCloseOrder& command,
                                 const Context& context) {
  if (order.lifecycle != OrderLifecycle::InFulfilment) {
    return wrong_lifecycle(order, "closing short");
  }
  if (!has_text(command.reason())) return missing("reason");
  Working working(order, context);
  const bool anything = std::any_of(working.lines.begin(), working.lines.end(),
                                    [](const LineLook& line) { return line.shipped > 0; });
  if (!anything) {
    return reject(RejectionCode::InvalidTransition, "nothing was shipped: cancel the order");
  }
  const auto waiting = working.waiting_shipments();
  if (!waiting.empty()) {
    return reject(RejectionCode::InvalidTransition,
                  "shipment " + waiting.front() + " is not dispatched: cancel it or send it first");
  }
  schema::OrderShortClosedT event;
  event.reason = text_of(command.reason());
  event.customer_id = order.header->customer_id;
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(*order.header, working.today()));
  std::int64_t base = 0;
  std::vector<const LineLook*> settled;
  for (LineLook& line : working.lines) {
    const std::int64_t open = open_of(line);
    if (open > 0) {
      auto amounts = std::make_unique<schema::OrderLineT>(amounts_leaving(working, line, open));
      base += take_from_total(working, *amounts).minor();
      event.unbooked.push_back(std::move(amounts));
      if (const std::int64_t released = released_by(line, open); released > 0) {
        event.releases.push_back(std::make_unique<schema::ReleaseRequestT>(release_for(
            *line.state->terms, context.aggregate_id, released, line.released_total + released)));
      }
      cancel(line, open, 0);
    }
    if (line.delivered == live_of(line)) settled.push_back(&line);
  }
  event.base_amount = Money(base, context.policy.base_currency);
  event.credit_released = release_credit(working, event.base_amount);
  working.add(std::move(event));
  clear_all(working, settled, "closed short");
  return std::move(working.decision);
}

OrderDecision decide_reopen(const State& order, const schema::ReopenOrder& command,
                            const Context& context) {
  if (order.lifecycle != OrderLifecycle::Completed) return wrong_lifecycle(order, "reopening");
  if (!has_text(command.reason())) return missing("reason");
  schema::OrderReopenedT event;
  event.reason = text_of(command.reason());
  event.customer_id = order.header->customer_id;
  event.credit = std::make_unique<schema::CreditRequestT>(credit_request(order, context));
  OrderDecision decision;
  decision.add(std::move(event));
  return decision;
}

}  // namespace orderlog::engine::order
