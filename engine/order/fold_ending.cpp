#include <algorithm>

#include "engine/order/fold.h"

namespace orderlog::engine::order {

namespace {

using schema::OrderLifecycle;

Money less(const Money& amount, const Money* part) {
  return part == nullptr ? amount : Money(amount.minor() - part->minor(), amount.currency());
}

void take_amounts(MutableState& order, const schema::OrderLine& part) {
  auto* line = line_in(order, part.line());
  if (line == nullptr) return;
  schema::OrderLineT& terms = *line->terms;
  terms.quantity = Quantity(terms.quantity.milli() - milli_of(part.quantity()));
  const auto take = [](Money& from, const Money* amount) { from = less(from, amount); };
  take(terms.gross, part.gross());
  take(terms.discount, part.discount());
  take(terms.net, part.net());
  take(terms.tax, part.tax());
  take(terms.cost, part.cost());
  if (!order.totals) return;
  schema::OrderTotalsT& totals = *order.totals;
  take(totals.gross, part.gross());
  take(totals.discount, part.discount());
  take(totals.net, part.net());
  take(totals.tax, part.tax());
  if (part.cost() != nullptr && part.cost()->currency() == totals.cost.currency()) {
    take(totals.cost, part.cost());
  }
  take(totals.total, part.net());
  take(totals.total, part.tax());
}

void take_base(MutableState& order, const Money* base, const Money* credit) {
  if (order.totals) order.totals->base_total = less(order.totals->base_total, base);
  order.credit_left =
      std::max<std::int64_t>(0, order.credit_left - (credit == nullptr ? 0 : credit->minor()));
}

void forget_pending(MutableState& order) {
  order.holds.clear();
  order.approval_pending = false;
  order.cancel_requested = false;
  order.credit_left = 0;
}

}  // namespace

void cap_pending(MutableState& order) {
  order.cancel_requested = false;
  for (const auto& line : order.lines) {
    if (line->cancel_pending == 0) continue;
    std::int64_t asked = 0;
    for (const auto& shipment : order.shipments) {
      if (shipment->dispatched || !shipment->asked_to_cancel) continue;
      asked += quantity_in(*shipment, line->terms->line);
    }
    line->cancel_pending = std::min(line->cancel_pending, asked);
    if (line->cancel_pending > 0) order.cancel_requested = true;
  }
}

void fold_rejected(MutableState& order) {
  order.lifecycle = OrderLifecycle::Rejected;
  forget_pending(order);
}

void fold_cancelled(MutableState& order) {
  order.lifecycle = OrderLifecycle::Cancelled;
  for (const auto& line : order.lines) {
    cancel(*line, room_of(*line), 0);
    line->cancel_pending = 0;
  }
  forget_pending(order);
}

void fold(MutableState& order, const schema::OrderLineCancelled& event) {
  if (auto* line = line_in(order, event.line())) {
    cancel(*line, milli_of(event.quantity()),
           event.release() == nullptr ? 0 : event.release()->released_total());
  }
  if (event.amounts() != nullptr) take_amounts(order, *event.amounts());
  take_base(order, event.base_amount(), event.credit_released());
}

void fold(MutableState& order, const schema::OrderCancellationRequested& event) {
  order.cancel_reason = text_of(event.reason());
  if (event.shipment_ids() != nullptr) {
    for (const auto* id : *event.shipment_ids()) {
      if (auto* shipment = shipment_in(order, id)) shipment->asked_to_cancel = true;
    }
  }
  if (event.lines() != nullptr) {
    for (const auto* part : *event.lines()) {
      auto* line = line_in(order, part->line());
      if (line != nullptr) line->cancel_pending += milli_of(part->quantity());
    }
  }
  cap_pending(order);
}

void fold(MutableState& order, const schema::OrderCancelRefused& event) {
  if (auto* shipment = shipment_in(order, event.shipment_id())) shipment->asked_to_cancel = false;
  cap_pending(order);
}

void fold(MutableState& order, const schema::OrderShipmentCancelled& event) {
  auto* shipment = shipment_in(order, event.shipment_id());
  if (shipment == nullptr || shipment->dispatched) return;
  if (event.lines() != nullptr) {
    for (const auto* part : *event.lines()) {
      const std::int64_t quantity = milli_of(part->quantity());
      for (const auto& held : shipment->lines) {
        if (held->line != part->line()) continue;
        held->quantity = Quantity(std::max<std::int64_t>(0, held->quantity.milli() - quantity));
        break;
      }
      auto* line = line_in(order, part->line());
      if (line == nullptr) continue;
      unplan(*line, quantity);
      line->cancel_pending -= std::min(line->cancel_pending, quantity);
    }
  }
  const bool was_picked = shipment->picked;
  if (!event.short_()) {
    const std::string id = shipment->shipment_id;
    std::erase_if(order.shipments, [&](const auto& known) { return known->shipment_id == id; });
  }
  if (was_picked && event.lines() != nullptr) {
    for (const auto* part : *event.lines()) {
      auto* line = line_in(order, part->line());
      if (line != nullptr) unpick(*line, picked_by_shipments(order, part->line()));
    }
  }
  cap_pending(order);
}

void fold(MutableState& order, const schema::OrderShortClosed& event) {
  if (event.unbooked() != nullptr) {
    for (const auto* amounts : *event.unbooked()) take_amounts(order, *amounts);
  }
  take_base(order, event.base_amount(), event.credit_released());
  for (const auto& line : order.lines) cancel(*line, room_of(*line), 0);
  order.lifecycle = OrderLifecycle::ShortClosed;
  forget_pending(order);
}

}  // namespace orderlog::engine::order
