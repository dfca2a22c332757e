// What shipments report about the order's lines: planned, picked, dispatched, delivered (domain.md
// 3.7, 3.11, 4.10, 4.14). Must hold: 1. a shipment counts once, however often it reports; 2. no
// more is shipped than is open; 3. what has left is accepted as it is, because it has left.
#include <algorithm>

#include "engine/order/amounts.h"
#include "engine/order/decide.h"
#include "engine/order/delays.h"
#include "engine/order/progress.h"

namespace orderlog::engine::order {

namespace {

using schema::OrderLifecycle;
using Lines = flatbuffers::Vector<flatbuffers::Offset<schema::ShippedQuantity>>;

ShipmentLook* find_shipment(Working& working, const std::string& id) {
  for (ShipmentLook& shipment : working.shipments) {
    if (shipment.state->shipment_id == id) return &shipment;
  }
  return nullptr;
}

std::optional<std::string> reason_against(Working& working, const Lines& lines) {
  if (working.lifecycle != OrderLifecycle::InFulfilment) return "the order is not released";
  if (working.holds != 0) return "the order is on hold";
  if (working.approval_pending) return "the order waits for an approval";
  for (const auto* part : lines) {
    const LineLook* line = working.line(part->line());
    const std::int64_t quantity = milli_of(part->quantity());
    if (line == nullptr) return "the order has no line " + std::to_string(part->line());
    if (quantity <= 0 || quantity > plannable_of(*line)) {
      return "line " + std::to_string(part->line()) + " has " +
             quantity_to_text(Quantity(plannable_of(*line))) + " reserved and not planned yet";
    }
  }
  return std::nullopt;
}

std::unique_ptr<schema::LineProgressT> progress_of(const LineLook& line, std::int64_t quantity,
                                                   Day on, const Policy& policy) {
  const schema::OrderLineT& terms = *line.state->terms;
  auto progress = std::make_unique<schema::LineProgressT>();
  progress->line = line.line;
  progress->product_id = terms.product_id;
  progress->location = terms.location;
  progress->quantity = Quantity(quantity);
  progress->ordered = Quantity(line.ordered);
  progress->cancelled = Quantity(line.cancelled);
  progress->shipped = Quantity(line.shipped);
  progress->delivered = Quantity(line.delivered);
  progress->promised_date = terms.promised_date;
  const auto last = deliver_by(terms, policy);
  if (last && on > *last) progress->late_days = on - terms.promised_date.value();
  progress->in_full = line.delivered >= live_of(line);
  return progress;
}

struct Moved {
  Parts parts;
  std::vector<const LineLook*> lines;
};

// The lines of the report cut to `room`, each line once.
template <class Room>
Moved cut_to(Working& working, const Lines* lines, Room room) {
  Moved moved;
  if (lines == nullptr) return moved;
  for (const auto* part : *lines) {
    const LineLook* line = working.line(part->line());
    if (line == nullptr) continue;
    const bool seen = std::find(moved.lines.begin(), moved.lines.end(), line) != moved.lines.end();
    const std::int64_t quantity = std::clamp<std::int64_t>(milli_of(part->quantity()), 0,
                                                           std::max<std::int64_t>(0, room(*line)));
    if (seen || quantity == 0) continue;
    moved.parts.emplace_back(line, quantity);
    moved.lines.push_back(line);
  }
  return moved;
}

std::unique_ptr<schema::InvoiceRequestT> request_invoice(Working& working, const Parts& parts) {
  auto request = std::make_unique<schema::InvoiceRequestT>(invoice_for(working, parts));
  for (const auto& [line, quantity] : parts) {
    working.line(line->line)->invoice_requested += quantity;
  }
  return request;
}

void clear_shipped(Working& working, const Moved& moved, Day shipped_on) {
  std::vector<const LineLook*> gone;
  for (const LineLook* line : moved.lines) {
    if (open_of(*line) == 0) gone.push_back(line);
  }
  clear(working, gone, schema::DelayKind::ShipByMissed, "shipped", shipped_on);
  clear(working, gone, schema::DelayKind::PreviousStepLate, "shipped", shipped_on);
}

}  // namespace

OrderDecision decide_shipment_planned(const State& order,
                                      const schema::RecordShipmentPlanned& command,
                                      const Context& context) {
  Working working(order, context);
  const std::string id = text_of(command.shipment_id());
  if (find_shipment(working, id) != nullptr || command.lines() == nullptr) return {};
  if (const auto against = reason_against(working, *command.lines())) {
    schema::CancelShipmentT cancel;
    cancel.shipment_id = id;
    cancel.reason = *against;
    OrderDecision decision;
    decision.replies().send(std::move(cancel));
    return decision;
  }
  schema::OrderShipmentRequestedT event;
  event.shipment_id = id;
  event.recorded = true;
  event.location = text_of(command.location());
  event.customer_id = order.header->customer_id;
  for (const auto* part : *command.lines()) {
    LineLook* line = working.line(part->line());
    auto planned = std::make_unique<schema::PlannedLineT>();
    planned->line = line->line;
    planned->product_id = line->state->terms->product_id;
    planned->quantity = Quantity(milli_of(part->quantity()));
    event.lines.push_back(std::move(planned));
  }
  working.add(std::move(event));
  return std::move(working.decision);
}

OrderDecision decide_picked(const State& order, const schema::RecordPicked& command,
                            const Context& context) {
  if (!is_committed(order.lifecycle)) return {};
  Working working(order, context);
  const ShipmentLook* shipment = find_shipment(working, text_of(command.shipment_id()));
  if (shipment == nullptr || shipment->dispatched || shipment->state->picked) return {};
  schema::OrderLinesPickedT event;
  event.shipment_id = shipment->state->shipment_id;
  for (const auto& part : shipment->state->lines) {
    event.lines.push_back(std::make_unique<schema::ShippedQuantityT>(*part));
  }
  working.add(std::move(event));
  return std::move(working.decision);
}

OrderDecision decide_shipped(const State& order, const schema::RecordShipped& command,
                             const Context& context) {
  if (!is_committed(order.lifecycle)) return {};
  Working working(order, context);
  const std::string id = text_of(command.shipment_id());
  ShipmentLook* shipment = find_shipment(working, id);
  if (shipment != nullptr && shipment->dispatched) return {};
  const Moved moved = cut_to(working, command.lines(), open_of<LineLook>);
  if (moved.parts.empty()) return {};
  const Policy& policy = context.policy;
  const bool invoice_now = !policy.order.invoice_at_delivery;
  const bool was_picked = shipment != nullptr && shipment->state->picked;

  schema::OrderLinesShippedT event;
  event.shipment_id = id;
  event.shipped_on = command.shipped_on();
  event.eta = command.eta();
  event.carrier = text_of(command.carrier());
  event.customer_id = order.header->customer_id;
  if (invoice_now) event.invoice = request_invoice(working, moved.parts);
  for (const auto& [line, quantity] : moved.parts) {
    LineLook& look = *working.line(line->line);
    const std::int64_t planned = shipment == nullptr ? 0 : quantity_in(*shipment->state, look.line);
    ship(look, quantity, planned, was_picked);
    event.lines.push_back(progress_of(look, quantity, command.shipped_on(), policy));
  }
  // To the cent what the invoice will move on, so that what is left agrees with the account.
  event.exposure = event.invoice ? release_credit(working, event.invoice->base_total)
                                 : exposure_of(working, moved.parts);
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(*order.header, working.today()));
  const std::string carrier = event.carrier;
  working.add(std::move(event));
  if (shipment != nullptr) shipment->dispatched = true;
  clear_shipped(working, moved, command.shipped_on());
  if (const auto eta = day_of(command.eta())) {
    compare_eta(working, moved.lines, *eta, id, carrier);
  }
  progress(working);
  return std::move(working.decision);
}

OrderDecision decide_delivered(const State& order, const schema::RecordDelivered& command,
                               const Context& context) {
  const bool open = is_committed(order.lifecycle) || order.lifecycle == OrderLifecycle::ShortClosed;
  if (!open) return {};
  Working working(order, context);
  const ShipmentLook* shipment = find_shipment(working, text_of(command.shipment_id()));
  if (shipment == nullptr || !shipment->dispatched || shipment->state->delivered) return {};
  const Moved moved = cut_to(working, command.lines(),
                             [](const LineLook& line) { return line.shipped - line.delivered; });
  if (moved.parts.empty()) return {};
  schema::OrderLinesDeliveredT event;
  event.shipment_id = shipment->state->shipment_id;
  event.delivered_on = command.delivered_on();
  event.carrier = order.header->carrier;
  event.customer_id = order.header->customer_id;
  if (context.policy.order.invoice_at_delivery) {
    event.invoice = request_invoice(working, moved.parts);
  }
  std::vector<const LineLook*> complete;
  std::vector<const LineLook*> partly;
  for (const auto& [line, quantity] : moved.parts) {
    LineLook& look = *working.line(line->line);
    deliver(look, quantity);
    event.lines.push_back(progress_of(look, quantity, command.delivered_on(), context.policy));
    (look.delivered >= live_of(look) ? complete : partly).push_back(&look);
  }
  event.dimensions =
      std::make_unique<schema::SalesDimensionsT>(dimensions_of(*order.header, working.today()));
  working.add(std::move(event));
  clear_all(working, complete, "delivered", command.delivered_on());
  clear(working, partly, schema::DelayKind::CarrierException, "delivered", command.delivered_on());
  complete_if_done(working);
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
