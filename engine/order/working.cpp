#include "engine/order/working.h"

namespace orderlog::engine::order {

using schema::HoldReason;
using schema::OrderLifecycle;

LineLook::LineLook(const schema::OrderLineStateT& from)
    : state(&from),
      line(from.terms->line),
      ordered(from.ordered),
      cancelled(from.cancelled),
      reserved(from.reserved),
      backordered(from.backordered),
      planned(from.planned),
      picked(from.picked),
      shipped(from.shipped),
      delivered(from.delivered),
      invoiced(from.invoiced),
      claimed(from.claimed),
      cancel_pending(from.cancel_pending),
      invoice_requested(from.invoice_requested),
      released_total(from.released_total),
      stock(from.stock ? std::optional(*from.stock) : std::nullopt),
      stock_checked(from.stock_checked),
      available_from(day_of(from.available_from)) {}

Working::Working(const schema::OrderStateT& state, const Context& decision_context)
    : order(state),
      context(decision_context),
      lifecycle(state.lifecycle),
      approval_pending(state.approval_pending),
      credit_left(state.credit_left) {
  for (const HoldReason reason : state.holds) holds |= bit(reason);
  for (const schema::CheckKind kind : state.passed) passed |= bit(kind);
  lines.reserve(state.lines.size());
  for (const auto& line : state.lines) lines.emplace_back(*line);
  shipments.reserve(state.shipments.size());
  for (const auto& shipment : state.shipments) {
    shipments.push_back({shipment.get(), shipment->dispatched});
  }
  if (state.totals) {
    total = state.totals->total.minor();
    base_total = state.totals->base_total.minor();
  }
}

LineLook* Working::line(std::uint32_t number) {
  for (LineLook& line : lines) {
    if (line.line == number) return &line;
  }
  return nullptr;
}

Day Working::today() const { return local_today(header(), context); }

std::vector<std::string> Working::waiting_shipments() const {
  std::vector<std::string> waiting;
  for (const ShipmentLook& shipment : shipments) {
    if (!shipment.dispatched) waiting.push_back(shipment.state->shipment_id);
  }
  return waiting;
}

void Working::hold(HoldReason reason, std::string detail, Money amount) {
  if (held(reason)) return;
  schema::OrderHeldT event;
  event.reason = reason;
  event.detail = std::move(detail);
  event.amount = amount;
  if (holds == 0) event.shipment_ids = waiting_shipments();
  holds |= bit(reason);
  add(std::move(event));
}

void Working::check_failed(schema::CheckKind kind, std::uint32_t line, std::string detail) {
  schema::OrderCheckFailedT event;
  event.kind = kind;
  event.line = line;
  event.detail = std::move(detail);
  add(std::move(event));
}

std::int64_t quantity_in(const schema::OrderShipmentT& shipment, std::uint32_t line) {
  std::int64_t quantity = 0;
  for (const auto& part : shipment.lines) {
    if (part->line == line) quantity += part->quantity.milli();
  }
  return quantity;
}

std::int64_t picked_by_shipments(const schema::OrderStateT& order, std::uint32_t line) {
  std::int64_t picked = 0;
  for (const auto& shipment : order.shipments) {
    if (shipment->picked && !shipment->dispatched) picked += quantity_in(*shipment, line);
  }
  return picked;
}

bool is_alive(OrderLifecycle lifecycle) {
  switch (lifecycle) {
    case OrderLifecycle::Draft:
    case OrderLifecycle::Submitted:
    case OrderLifecycle::Approved:
    case OrderLifecycle::InFulfilment:
      return true;
    case OrderLifecycle::None:
    case OrderLifecycle::Completed:
    case OrderLifecycle::ShortClosed:
    case OrderLifecycle::Rejected:
    case OrderLifecycle::Cancelled:
      return false;
  }
  return false;
}

bool is_committed(OrderLifecycle lifecycle) {
  return lifecycle == OrderLifecycle::Approved || lifecycle == OrderLifecycle::InFulfilment;
}

std::string stock_item_id(const schema::OrderLineT& line) {
  return line.product_id + "@" + line.location;
}

std::string reservation_id(std::string_view order_id, std::uint32_t line) {
  return std::string(order_id) + "/" + std::to_string(line);
}

schema::SalesDimensionsT dimensions_of(const schema::OrderHeaderT& header, Day booked_on) {
  schema::SalesDimensionsT dimensions;
  dimensions.customer_id = header.customer_id;
  dimensions.region = header.region;
  dimensions.channel = header.channel;
  dimensions.salesperson = header.salesperson;
  dimensions.booked_on = booked_on;
  dimensions.grade = header.customer_grade;
  dimensions.time_zone = header.time_zone;
  return dimensions;
}

std::int32_t pick_pack_days(const schema::OrderLineT& line, const ReferenceData& reference) {
  const schema::ProductStateT* product = reference.product(line.product_id);
  return product == nullptr || product->profile == nullptr ? 0 : product->profile->pick_pack_days;
}

Day local_today(const schema::OrderHeaderT& header, const Context& context) {
  return local_day(context.occurred_at, header.time_zone).value_or(utc_day(context.occurred_at));
}

Rejected wrong_lifecycle(const schema::OrderStateT& order, std::string_view what) {
  if (order.lifecycle == OrderLifecycle::None) {
    return reject(RejectionCode::NotFound, "no such order");
  }
  return reject(RejectionCode::InvalidTransition,
                std::string(what) + " is not possible for an order that is " +
                    schema::EnumNameOrderLifecycle(order.lifecycle));
}

Rejected missing(std::string_view field) {
  return reject(RejectionCode::InvalidArgument, std::string(field) + " is missing",
                "/" + std::string(field));
}

Rejected no_such_line(std::uint32_t line) {
  return reject(RejectionCode::NotFound, "the order has no line " + std::to_string(line), "/line");
}

}  // namespace orderlog::engine::order
