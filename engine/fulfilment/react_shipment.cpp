// What follows from a shipment's events: goods move in stock, lines move in the order (domain.md
// 3.11, 3.17). A short pick is goods that are not there: they leave the stock's books, so that the
// same gap is not promised again.
#include "engine/fulfilment/reactions.h"

namespace orderlog::engine::fulfilment {

namespace {

using Lines = flatbuffers::Vector<flatbuffers::Offset<schema::ShipmentLine>>;

std::unique_ptr<schema::ShippedQuantityT> shipped(std::uint32_t line, const Quantity* quantity) {
  auto result = std::make_unique<schema::ShippedQuantityT>();
  result->line = line;
  result->quantity = quantity_of(quantity);
  return result;
}

std::vector<std::unique_ptr<schema::ShippedQuantityT>> quantities(const Lines* lines) {
  std::vector<std::unique_ptr<schema::ShippedQuantityT>> result;
  if (lines == nullptr) return result;
  result.reserve(lines->size());
  for (const auto* line : *lines) result.push_back(shipped(line->line(), line->quantity()));
  return result;
}

// One command a line to its stock item.
template <class CommandT>
void for_stock(const Cause& cause, const Lines* lines, Outgoing& out) {
  if (lines == nullptr) return;
  for (const auto* line : *lines) {
    if (milli_of(line->quantity()) <= 0) continue;
    CommandT command;
    command.stock_item_id = text_of(line->stock_item_id());
    command.reservation_id = text_of(line->reservation_id());
    command.quantity = quantity_of(line->quantity());
    command.shipment_id = cause.aggregate_id;
    out.send(std::move(command));
  }
}

template <class CommandT, class Event>
CommandT for_order(const Cause& cause, const Event& event) {
  CommandT command;
  command.order_id = text_of(event.order_id());
  command.shipment_id = cause.aggregate_id;
  return command;
}

// Planned by hand: the order has to agree.
void on(const Cause& cause, const schema::ShipmentPlanned& event, Outgoing& out) {
  if (cause.authority != schema::Authority::Normal) return;
  auto command = for_order<schema::RecordShipmentPlannedT>(cause, event);
  command.lines = quantities(event.lines());
  if (event.lines() != nullptr && event.lines()->size() > 0) {
    const std::string item = text_of(event.lines()->Get(0)->stock_item_id());
    const auto at = item.find('@');
    if (at != std::string::npos) command.location = item.substr(at + 1);
  }
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::PickingStarted& event, Outgoing& out) {
  for_stock<schema::PickStockT>(cause, event.lines(), out);
  auto command = for_order<schema::RecordPickedT>(cause, event);
  command.lines = quantities(event.lines());
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::ShortPicked& event, Outgoing& out) {
  const std::int64_t milli = milli_of(event.short_());
  schema::UnpickStockT unpick;
  unpick.stock_item_id = text_of(event.stock_item_id());
  unpick.reservation_id = text_of(event.reservation_id());
  unpick.quantity = Quantity(milli);
  unpick.shipment_id = cause.aggregate_id;
  out.send(std::move(unpick));
  // The order counts it as reserved again before the stock item finds out whose stock is missing.
  auto told = for_order<schema::RecordShipmentCancelledT>(cause, event);
  told.lines.push_back(shipped(event.line(), event.short_()));
  told.reason = text_of(event.reason());
  told.short_ = true;
  schema::AdjustStockT adjust;
  adjust.stock_item_id = text_of(event.stock_item_id());
  adjust.delta = Quantity(-milli);
  adjust.reason = "not found when picking " + cause.aggregate_id;
  out.send(std::move(adjust));
  out.send(std::move(told));
}

void on(const Cause& cause, const schema::ShipmentDispatched& event, Outgoing& out) {
  for_stock<schema::IssueStockT>(cause, event.lines(), out);
  auto command = for_order<schema::RecordShippedT>(cause, event);
  command.lines = quantities(event.lines());
  command.shipped_on = event.shipped_on();
  command.eta = event.eta();
  command.carrier = text_of(event.carrier());
  command.tracking = text_of(event.tracking());
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::ShipmentTracked& event, Outgoing& out) {
  using schema::TrackingCode;
  auto command = for_order<schema::RecordCarrierExceptionT>(cause, event);
  command.lines = quantities(event.lines());
  command.eta = event.eta();
  command.cleared = event.after_exception();
  switch (event.code()) {
    case TrackingCode::Exception:
      command.reason = has_text(event.note()) ? event.note()->str() : "carrier exception";
      break;
    case TrackingCode::Returning:
      command.reason = "on its way back to the sender";
      break;
    case TrackingCode::ReturnedToSender:
      command.reason = "back at the sender";
      break;
    case TrackingCode::None:
    case TrackingCode::InTransit:
    case TrackingCode::OutForDelivery:
      break;
  }
  const bool news = command.cleared || !command.reason.empty() || event.eta().has_value();
  if (news) out.send(std::move(command));
  if (event.code() != TrackingCode::ReturnedToSender || event.lines() == nullptr) return;
  for (const auto* line : *event.lines()) {
    schema::RestockReturnT restock;
    restock.stock_item_id = text_of(line->stock_item_id());
    restock.quantity = quantity_of(line->quantity());
    restock.document = cause.aggregate_id;
    out.send(std::move(restock));
  }
}

void on(const Cause& cause, const schema::DeliveryFailed& event, Outgoing& out) {
  auto command = for_order<schema::RecordCarrierExceptionT>(cause, event);
  command.lines = quantities(event.lines());
  command.reason = "delivery failed: " + text_of(event.reason());
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::ShipmentLost& event, Outgoing& out) {
  auto command = for_order<schema::RecordCarrierExceptionT>(cause, event);
  command.lines = quantities(event.lines());
  command.reason = text_of(event.reason());
  command.lost = true;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::ShipmentDelivered& event, Outgoing& out) {
  auto command = for_order<schema::RecordDeliveredT>(cause, event);
  command.lines = quantities(event.lines());
  command.delivered_on = event.delivered_on();
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::ShipmentCancelled& event, Outgoing& out) {
  if (event.picked()) for_stock<schema::UnpickStockT>(cause, event.lines(), out);
  auto command = for_order<schema::RecordShipmentCancelledT>(cause, event);
  command.lines = quantities(event.lines());
  command.reason = text_of(event.reason());
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::ShipmentCancelRefused& event, Outgoing& out) {
  out.send(for_order<schema::RecordCancelRefusedT>(cause, event));
}

}  // namespace

void react_to_shipment(const Cause& cause, const schema::ShipmentEvents& event, Outgoing& out) {
  using schema::ShipmentEvent;
  switch (event.event_type()) {
#define ORDERLOG_ON(Event)   \
  case ShipmentEvent::Event: \
    return on(cause, *event.event_as_##Event(), out);
    ORDERLOG_ON(ShipmentPlanned)
    ORDERLOG_ON(PickingStarted)
    ORDERLOG_ON(ShortPicked)
    ORDERLOG_ON(ShipmentDispatched)
    ORDERLOG_ON(ShipmentTracked)
    ORDERLOG_ON(DeliveryFailed)
    ORDERLOG_ON(ShipmentDelivered)
    ORDERLOG_ON(ShipmentCancelled)
    ORDERLOG_ON(ShipmentCancelRefused)
    ORDERLOG_ON(ShipmentLost)
#undef ORDERLOG_ON
    case ShipmentEvent::ShipmentReleased:
    case ShipmentEvent::ShipmentPacked:
    case ShipmentEvent::ShipmentHeld:
    case ShipmentEvent::ShipmentResumed:
    case ShipmentEvent::ShipmentCancelRequested:
    case ShipmentEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine::fulfilment
