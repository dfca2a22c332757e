#include "engine/order/status.h"

#include <set>

namespace orderlog::engine::order {

namespace {

using schema::OrderLifecycle;
using schema::OrderLineStateT;
using schema::OrderStateT;

std::string check_line(const OrderLineStateT& line) {
  for (const std::int64_t counter :
       {line.ordered, line.cancelled, line.reserved, line.backordered, line.planned, line.picked,
        line.shipped, line.delivered, line.invoiced, line.returned, line.claimed,
        line.cancel_pending, line.invoice_requested}) {
    if (counter < 0) return "a counter is negative";
  }
  const std::int64_t held = line.reserved + line.backordered + line.picked;
  if (open_of(line) < 0) return "open is negative";
  if (held > open_of(line)) return "reserved + backordered + picked exceeds open";
  if (held > line.claimed || line.claimed > open_of(line)) return "claims do not fit";
  if (line.delivered > line.shipped) return "delivered exceeds shipped";
  if (line.returned > line.delivered) return "returned exceeds delivered";
  if (line.invoiced > live_of(line)) return "invoiced exceeds ordered - cancelled";
  if (line.invoice_requested > live_of(line)) return "invoice requests exceed ordered - cancelled";
  if (line.planned > open_of(line)) return "planned exceeds open";
  if (line.cancel_pending > line.planned) return "more to cancel than shipments hold";
  return {};
}

std::int64_t planned_by_shipments(const OrderStateT& order, std::uint32_t number) {
  std::int64_t planned = 0;
  for (const auto& shipment : order.shipments) {
    if (shipment->dispatched) continue;
    for (const auto& line : shipment->lines) {
      if (line->line == number) planned += line->quantity.milli();
    }
  }
  return planned;
}

std::string check_totals(const OrderStateT& order) {
  if (order.totals == nullptr) return order.lines.empty() ? "" : "lines without totals";
  std::int64_t net = 0;
  std::int64_t tax = 0;
  for (const auto& line : order.lines) {
    net += line->terms->net.minor();
    tax += line->terms->tax.minor();
    if (line->invoiced_net > line->terms->net.minor()) return "invoiced above the line's net";
  }
  if (net != order.totals->net.minor()) return "the lines' net is not the total's";
  if (tax != order.totals->tax.minor()) return "the lines' tax is not the total's";
  if (net + tax + order.totals->freight.minor() != order.totals->total.minor()) {
    return "net + tax + freight is not the total";
  }
  return {};
}

}  // namespace

LineStatus status_of(const OrderLineStateT& line) {
  const std::int64_t open = open_of(line);
  if (live_of(line) == 0) return LineStatus::Cancelled;
  if (open == 0 && line.delivered == line.shipped) {
    if (line.returned == 0) return LineStatus::Delivered;
    return line.returned < line.delivered ? LineStatus::PartiallyReturned : LineStatus::Returned;
  }
  if (open == 0) return LineStatus::Shipped;
  if (line.shipped > 0) return LineStatus::PartiallyShipped;
  if (line.picked > 0) return LineStatus::Picking;
  if (line.backordered == open) return LineStatus::Backordered;
  if (line.reserved == open) return LineStatus::Reserved;
  return line.reserved > 0 ? LineStatus::PartiallyReserved : LineStatus::Open;
}

FulfilmentStatus fulfilment_of(const OrderStateT& order) {
  std::int64_t live = 0;
  std::int64_t shipped = 0;
  std::int64_t delivered = 0;
  for (const auto& line : order.lines) {
    live += live_of(*line);
    shipped += line->shipped;
    delivered += line->delivered;
  }
  if (live == 0) return FulfilmentStatus::Cancelled;
  if (delivered == live) return FulfilmentStatus::Delivered;
  if (delivered > 0) return FulfilmentStatus::PartiallyDelivered;
  if (shipped == live) return FulfilmentStatus::Shipped;
  return shipped > 0 ? FulfilmentStatus::PartiallyShipped : FulfilmentStatus::Nothing;
}

BillingStatus billing_of(const OrderStateT& order) {
  std::int64_t live = 0;
  std::int64_t invoiced = 0;
  for (const auto& line : order.lines) {
    live += live_of(*line);
    invoiced += line->invoiced;
  }
  if (invoiced == 0) return BillingStatus::NotInvoiced;
  return invoiced < live ? BillingStatus::PartiallyInvoiced : BillingStatus::Invoiced;
}

std::int64_t received_minor(const OrderStateT& order) {
  std::int64_t received = order.paid_total;
  for (const auto& prepayment : order.prepayments) {
    received += prepayment->captured - prepayment->applied;
  }
  return received;
}

PaymentStatus payment_of(const OrderStateT& order) {
  const std::int64_t received = received_minor(order);
  const std::int64_t total = order.totals == nullptr ? 0 : order.totals->total.minor();
  if (received > total) return PaymentStatus::Overpaid;
  if (received == total && total > 0) return PaymentStatus::Paid;
  return received > 0 ? PaymentStatus::PartiallyPaid : PaymentStatus::Unpaid;
}

std::string check_invariants(const OrderStateT& order) {
  std::set<std::uint32_t> numbers;
  for (const auto& line : order.lines) {
    std::string broken = check_line(*line);
    if (broken.empty() && !numbers.insert(line->terms->line).second)
      broken = "two lines, one number";
    const bool alive = order.lifecycle != OrderLifecycle::Cancelled;
    if (broken.empty() && alive &&
        planned_by_shipments(order, line->terms->line) != line->planned) {
      broken = "planned is not what the shipments hold";
    }
    if (!broken.empty()) return "line " + std::to_string(line->terms->line) + ": " + broken;
  }
  if (order.credit_left < 0) return "credit left is negative";
  if (order.paid_total < 0) return "paid is negative";
  return check_totals(order);
}

}  // namespace orderlog::engine::order
