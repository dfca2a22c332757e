#include <algorithm>

#include "engine/order/delays.h"
#include "engine/order/fold.h"

namespace orderlog::engine::order {

namespace {

// With a stock side kept, the event before this one has brought the line to where this one says.
template <class Event>
void fold_claims(MutableState& order, const Event& event,
                 std::optional<std::int64_t> picked = std::nullopt) {
  auto* line = line_in(order, event.line());
  if (line == nullptr || line->stock) return;
  set_claims(*line, room_of(*line), milli_of(event.reserved()), milli_of(event.backordered()),
             picked.value_or(line->picked));
}

template <class Parts>
std::vector<std::unique_ptr<schema::ShippedQuantityT>> quantities(const Parts* parts) {
  std::vector<std::unique_ptr<schema::ShippedQuantityT>> result;
  if (parts == nullptr) return result;
  for (const auto* part : *parts) {
    auto quantity = std::make_unique<schema::ShippedQuantityT>();
    quantity->line = part->line();
    quantity->quantity = Quantity(milli_of(part->quantity()));
    result.push_back(std::move(quantity));
  }
  return result;
}

// Whatever the shipment held of lines that are not on board is free again.
void settle_plan(MutableState& order, const schema::OrderShipmentT& shipment,
                 const schema::OrderLinesShipped& event) {
  for (const auto& held : shipment.lines) {
    bool on_board = false;
    if (event.lines() != nullptr) {
      for (const auto* part : *event.lines()) on_board = on_board || part->line() == held->line;
    }
    auto* line = line_in(order, held->line);
    if (!on_board && line != nullptr) unplan(*line, held->quantity.milli());
  }
}

}  // namespace

void fold(MutableState& order, const schema::OrderLineReserved& event) {
  fold_claims(order, event);
}

void fold(MutableState& order, const schema::OrderLineBackordered& event) {
  fold_claims(order, event);
}

void fold(MutableState& order, const schema::OrderLineUnreserved& event) {
  fold_claims(order, event, milli_of(event.picked()));
}

void fold(MutableState& order, const schema::OrderLineStockRecorded& event) {
  auto* line = line_in(order, event.line());
  if (line != nullptr && event.stock() != nullptr) set_stock_side(*line, *event.stock());
}

void fold(MutableState& order, const schema::OrderShipmentRequested& event) {
  auto shipment = std::make_unique<schema::OrderShipmentT>();
  shipment->shipment_id = text_of(event.shipment_id());
  shipment->location = text_of(event.location());
  shipment->lines = quantities(event.lines());
  for (const auto& part : shipment->lines) {
    if (auto* line = line_in(order, part->line)) plan(*line, part->quantity.milli());
  }
  order.shipments.push_back(std::move(shipment));
  if (!event.recorded()) ++order.next_shipment;
}

void fold(MutableState& order, const schema::OrderLinesPicked& event) {
  auto* shipment = shipment_in(order, event.shipment_id());
  if (shipment == nullptr || shipment->picked) return;
  shipment->picked = true;
  for (const auto& part : shipment->lines) {
    if (auto* line = line_in(order, part->line)) pick(*line, part->quantity.milli());
  }
}

void fold(MutableState& order, const schema::OrderLinesShipped& event) {
  auto* shipment = shipment_in(order, event.shipment_id());
  fold_invoice_request(order, event.invoice());
  if (shipment != nullptr) settle_plan(order, *shipment, event);
  if (event.lines() != nullptr) {
    for (const auto* part : *event.lines()) {
      auto* line = line_in(order, part->line());
      if (line == nullptr) continue;
      const std::int64_t planned = shipment == nullptr ? 0 : quantity_in(*shipment, part->line());
      ship(*line, milli_of(part->quantity()), planned, shipment != nullptr && shipment->picked);
      line->eta = event.eta();
    }
  }
  if (shipment == nullptr) {
    auto unknown = std::make_unique<schema::OrderShipmentT>();
    unknown->shipment_id = text_of(event.shipment_id());
    shipment = unknown.get();
    order.shipments.push_back(std::move(unknown));
  }
  shipment->lines = quantities(event.lines());
  shipment->dispatched = true;
  const std::int64_t exposure = event.exposure() == nullptr ? 0 : event.exposure()->minor();
  order.exposed_base += exposure;
  order.credit_left = std::max<std::int64_t>(0, order.credit_left - exposure);
  cap_pending(order);
}

void fold(MutableState& order, const schema::OrderLinesDelivered& event) {
  if (auto* shipment = shipment_in(order, event.shipment_id())) shipment->delivered = true;
  fold_invoice_request(order, event.invoice());
  if (event.lines() == nullptr) return;
  for (const auto* part : *event.lines()) {
    auto* line = line_in(order, part->line());
    if (line == nullptr) continue;
    deliver(*line, milli_of(part->quantity()));
    line->last_delivered_on = event.delivered_on();
  }
}

void fold(MutableState& order, const schema::DeliveryDelayed& event) {
  if (event.lines() == nullptr) return;
  for (const std::uint32_t number : *event.lines()) {
    auto* line = line_in(order, number);
    if (line == nullptr) continue;
    set_alert(*line, event.kind(), event.level());
    if (event.kind() == schema::DelayKind::Predicted) line->eta = event.predicted_date();
  }
}

void fold(MutableState& order, const schema::DelayCleared& event) {
  if (event.lines() == nullptr) return;
  for (const std::uint32_t number : *event.lines()) {
    if (auto* line = line_in(order, number)) {
      set_alert(*line, event.kind(), schema::DelayLevel::None);
    }
  }
}

}  // namespace orderlog::engine::order
