// Cancelling, in part or whole, at every stage (domain.md 3.6, 3.17). Must hold: 1. only quantity
// that is not shipped; 2. a shipment that is not dispatched is asked first and may say no; 3. stock
// and credit are given back once, by the reservation's id and rest; 4. an order of which nothing
// was shipped and nothing is left is cancelled.
#include <algorithm>

#include "engine/order/amounts.h"
#include "engine/order/decide.h"
#include "engine/order/delays.h"
#include "engine/order/progress.h"
#include "engine/order/request.h"

namespace orderlog::engine::order {

namespace {

using schema::OrderLifecycle;

void cancel_quantity(Working& working, LineLook& line, std::int64_t quantity,
                     const std::string& reason) {
  schema::OrderLineCancelledT event;
  event.line = line.line;
  event.quantity = Quantity(quantity);
  event.reason = reason;
  event.amounts = std::make_unique<schema::OrderLineT>(amounts_leaving(working, line, quantity));
  event.base_amount = take_from_total(working, *event.amounts);
  event.booked = is_committed(working.lifecycle);
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(working.header(), working.today()));
  const std::int64_t released = released_by(line, quantity);
  const std::int64_t released_total = line.released_total + released;
  if (released > 0) {
    event.release = std::make_unique<schema::ReleaseRequestT>(
        release_for(*line.state->terms, working.context.aggregate_id, released, released_total));
  }
  cancel(line, quantity, released_total);
  event.credit_released = release_credit(working, event.base_amount);
  event.remaining = Quantity(open_of(line));
  event.promised_date = line.state->terms->promised_date;
  working.add(std::move(event));
  if (line.delivered == live_of(line)) clear_all(working, {&line}, "cancelled");
}

void cancel_order(Working& working, const std::string& reason) {
  schema::OrderCancelledT event;
  event.reason = reason;
  event.customer_id = working.header().customer_id;
  if (working.approval_pending) event.approval_id = working.order.approval_id;
  event.credit_reserved = working.order.credit_reserved && working.credit_left > 0;
  event.external_reference = working.header().external_reference;
  working.lifecycle = OrderLifecycle::Cancelled;
  working.add(std::move(event));
}

void finish(Working& working, const std::string& reason) {
  const bool nothing_left = std::all_of(working.lines.begin(), working.lines.end(),
                                        [](const LineLook& line) { return live_of(line) == 0; });
  if (nothing_left) {
    cancel_order(working, reason);
  } else {
    progress(working);
  }
}

std::unique_ptr<schema::ShippedQuantityT> quantity_of(std::uint32_t line, std::int64_t milli) {
  auto quantity = std::make_unique<schema::ShippedQuantityT>();
  quantity->line = line;
  quantity->quantity = Quantity(milli);
  return quantity;
}

// What the shipments asked to cancel could still give back of a line, `except` aside.
std::int64_t asked_for(const Working& working, std::uint32_t line, std::string_view except) {
  std::int64_t asked = 0;
  for (const ShipmentLook& shipment : working.shipments) {
    const auto& state = *shipment.state;
    if (shipment.dispatched || !state.asked_to_cancel || state.shipment_id == except) continue;
    asked += quantity_in(state, line);
  }
  return asked;
}

// Asks the newest shipments that hold the line until they could give back `wanted`.
void ask_shipments(const Working& working, std::uint32_t line, std::int64_t wanted,
                   std::vector<std::string>& asked) {
  for (auto at = working.shipments.rbegin(); at != working.shipments.rend() && wanted > 0; ++at) {
    const auto& state = *at->state;
    const std::int64_t held = quantity_in(state, line);
    if (at->dispatched || state.asked_to_cancel || held == 0) continue;
    wanted -= held;
    if (std::find(asked.begin(), asked.end(), state.shipment_id) == asked.end()) {
      asked.push_back(state.shipment_id);
    }
  }
}

// Cancels what is free of the line at once; what shipments hold is returned.
std::int64_t cancel_free(Working& working, LineLook& line, std::int64_t quantity,
                         const std::string& reason) {
  const std::int64_t free = std::max<std::int64_t>(0, open_of(line) - line.planned);
  const std::int64_t now = std::min(quantity, free);
  if (now > 0) cancel_quantity(working, line, now, reason);
  return quantity - now;
}

void request_cancellation(Working& working, schema::OrderCancellationRequestedT event) {
  for (const auto& part : event.lines) {
    working.line(part->line)->cancel_pending += part->quantity.milli();
  }
  working.add(std::move(event));
}

}  // namespace

OrderDecision decide_cancel(const State& order, const schema::CancelOrder& command,
                            const Context& context) {
  if (!is_alive(order.lifecycle)) return wrong_lifecycle(order, "cancelling");
  if (!has_text(command.reason())) return missing("reason");
  const std::string reason = text_of(command.reason());
  Working working(order, context);
  if (!is_committed(order.lifecycle)) {
    cancel_order(working, reason);
    return std::move(working.decision);
  }
  schema::OrderCancellationRequestedT event;
  event.reason = reason;
  for (LineLook& line : working.lines) {
    const std::int64_t wanted = open_of(line) - line.cancel_pending;
    const std::int64_t held = wanted > 0 ? cancel_free(working, line, wanted, reason) : 0;
    if (held == 0) continue;
    event.lines.push_back(quantity_of(line.line, held));
    const std::int64_t spare = asked_for(working, line.line, {}) - line.cancel_pending;
    ask_shipments(working, line.line, held - spare, event.shipment_ids);
  }
  if (!event.lines.empty()) request_cancellation(working, std::move(event));
  if (working.decision.events().empty()) {
    return reject(RejectionCode::InvalidTransition,
                  "everything is shipped or being cancelled already; goods on their way come back "
                  "as a return");
  }
  finish(working, reason);
  return std::move(working.decision);
}

OrderDecision decide_cancel_quantity(const State& order, const schema::CancelLineQuantity& command,
                                     const Context& context) {
  const bool checked = order.lifecycle == OrderLifecycle::Submitted && order.credit_reserved;
  if (!is_committed(order.lifecycle) && !checked) {
    return wrong_lifecycle(order, "cancelling a quantity (before its checks are done)");
  }
  if (!has_text(command.reason())) return missing("reason");
  Working working(order, context);
  LineLook* line = working.line(command.line());
  if (line == nullptr) return no_such_line(command.line());
  const std::int64_t wanted = milli_of(command.quantity());
  const std::int64_t open = open_of(*line) - line->cancel_pending;
  if (wanted <= 0) {
    return reject(RejectionCode::InvalidArgument, "a quantity is above 0", "/quantity");
  }
  if (wanted > open) {
    return reject(RejectionCode::InvalidArgument,
                  "only " + quantity_to_text(Quantity(open)) + " are neither shipped nor cancelled",
                  "/quantity");
  }
  const std::string reason = text_of(command.reason());
  const std::int64_t held = cancel_free(working, *line, wanted, reason);
  if (held > 0) {
    schema::OrderCancellationRequestedT event;
    event.reason = reason;
    event.lines.push_back(quantity_of(line->line, held));
    const std::int64_t spare = asked_for(working, line->line, {}) - line->cancel_pending;
    ask_shipments(working, line->line, held - spare, event.shipment_ids);
    request_cancellation(working, std::move(event));
  }
  finish(working, reason);
  return std::move(working.decision);
}

namespace {

const ShipmentLook* waiting_shipment(const Working& working, const std::string& id) {
  for (const ShipmentLook& shipment : working.shipments) {
    if (shipment.state->shipment_id == id && !shipment.dispatched) return &shipment;
  }
  return nullptr;
}

// The lines that the shipment gives back, cut to what it holds.
std::vector<std::unique_ptr<schema::ShippedQuantityT>> given_back(
    const schema::RecordShipmentCancelled& command, const schema::OrderShipmentT& shipment) {
  std::vector<std::unique_ptr<schema::ShippedQuantityT>> lines;
  if (command.lines() == nullptr) return lines;
  for (const auto* part : *command.lines()) {
    const std::int64_t quantity =
        std::min(milli_of(part->quantity()), quantity_in(shipment, part->line()));
    if (quantity > 0) lines.push_back(quantity_of(part->line(), quantity));
  }
  return lines;
}

}  // namespace

OrderDecision decide_shipment_cancelled(const State& order,
                                        const schema::RecordShipmentCancelled& command,
                                        const Context& context) {
  Working working(order, context);
  const std::string id = text_of(command.shipment_id());
  const ShipmentLook* shipment = waiting_shipment(working, id);
  if (shipment == nullptr || !is_committed(order.lifecycle)) return {};
  schema::OrderShipmentCancelledT event;
  event.shipment_id = id;
  event.reason = text_of(command.reason());
  event.short_ = command.short_();
  event.lines = given_back(command, *shipment->state);
  const bool asked = shipment->state->asked_to_cancel;
  const bool was_picked = shipment->state->picked;
  std::vector<std::pair<LineLook*, std::int64_t>> to_cancel;
  for (const auto& part : event.lines) {
    LineLook* line = working.line(part->line);
    const std::int64_t quantity = part->quantity.milli();
    unplan(*line, quantity);
    if (was_picked) {
      const std::int64_t gone =
          command.short_() ? quantity : quantity_in(*shipment->state, line->line);
      unpick(*line, picked_by_shipments(order, line->line) - gone);
    }
    to_cancel.emplace_back(line, std::min(line->cancel_pending, quantity));
    const std::int64_t still =
        asked && command.short_() ? quantity_in(*shipment->state, line->line) - quantity : 0;
    line->cancel_pending = std::min(line->cancel_pending - to_cancel.back().second,
                                    asked_for(working, line->line, id) + still);
  }
  if (!command.short_()) {
    std::erase_if(working.shipments,
                  [&](const ShipmentLook& look) { return look.state->shipment_id == id; });
  }
  const std::string reason = order.cancel_reason.empty() ? event.reason : order.cancel_reason;
  working.add(std::move(event));
  for (auto& [line, quantity] : to_cancel) {
    if (quantity > 0) cancel_quantity(working, *line, quantity, reason);
  }
  finish(working, reason);
  return std::move(working.decision);
}

OrderDecision decide_cancel_refused(const State& order, const schema::RecordCancelRefused& command,
                                    const Context& context) {
  if (!is_committed(order.lifecycle)) return {};
  Working working(order, context);
  const std::string id = text_of(command.shipment_id());
  const auto asked =
      std::find_if(order.shipments.begin(), order.shipments.end(), [&](const auto& shipment) {
        return shipment->shipment_id == id && shipment->asked_to_cancel;
      });
  if (asked == order.shipments.end()) return {};
  schema::OrderCancelRefusedT event;
  event.shipment_id = id;
  working.add(std::move(event));
  for (LineLook& line : working.lines) {
    line.cancel_pending = std::min(line.cancel_pending, asked_for(working, line.line, id));
  }
  progress(working);
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
