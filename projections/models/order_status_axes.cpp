// The derived columns of order_status. Fulfilment is the first of domain.md 3.7 that holds for the
// lines together; cancelled lines don't count.
#include "projections/models/fields.h"
#include "projections/models/order_status.h"

namespace orderlog::projections {
namespace {

using schema::BillingState;
using schema::FulfilmentState;
using schema::OrderStatusLineT;
using schema::SettlementState;

std::int64_t live_of(const OrderStatusLineT& line) {
  return line.ordered.milli() - line.cancelled.milli();
}
std::int64_t open_of(const OrderStatusLineT& line) {
  return std::max<std::int64_t>(0, live_of(line) - line.shipped.milli());
}

struct Counts {
  bool any_line = false;
  bool all_gone = true;       // nothing is left to ship
  bool all_delivered = true;  // of what was shipped
  bool any_shipped = false;
  bool any_delivered = false;
  bool any_picked = false;
  bool any_reserved = false;
  bool all_backordered = true;
  bool all_reserved = true;
  bool any_invoiced = false;
  bool all_invoiced = true;
};

Counts count(const schema::OrderStatusRowT& row) {
  Counts counts;
  for (const auto& line : row.lines) {
    counts.any_invoiced |= line->invoiced.milli() > 0;
    if (live_of(*line) <= 0) continue;
    const std::int64_t open = open_of(*line);
    counts.any_line = true;
    counts.all_gone &= open == 0;
    counts.all_delivered &= line->delivered.milli() == line->shipped.milli();
    counts.any_shipped |= line->shipped.milli() > 0;
    counts.any_delivered |= line->delivered.milli() > 0;
    counts.any_picked |= line->picked.milli() > 0;
    counts.any_reserved |= line->reserved.milli() > 0;
    counts.all_backordered &= line->backordered.milli() == open;
    counts.all_reserved &= line->reserved.milli() == open;
    counts.all_invoiced &= line->invoiced.milli() >= live_of(*line);
  }
  return counts;
}

FulfilmentState fulfilment_of(const Counts& c) {
  if (!c.any_line) return FulfilmentState::cancelled;
  if (c.all_gone && c.all_delivered) return FulfilmentState::delivered;
  if (c.any_delivered) return FulfilmentState::partially_delivered;
  if (c.all_gone) return FulfilmentState::shipped;
  if (c.any_shipped) return FulfilmentState::partially_shipped;
  if (c.any_picked) return FulfilmentState::picking;
  if (c.all_backordered) return FulfilmentState::backordered;
  if (c.all_reserved) return FulfilmentState::reserved;
  if (c.any_reserved) return FulfilmentState::partially_reserved;
  return FulfilmentState::open;
}

BillingState billing_of(const Counts& c) {
  if (c.any_line && c.all_invoiced) return BillingState::invoiced;
  return c.any_invoiced ? BillingState::partially_invoiced : BillingState::not_invoiced;
}

SettlementState settlement_of(std::int64_t paid, std::int64_t total) {
  if (paid <= 0) return SettlementState::unpaid;
  if (paid == total) return SettlementState::paid;
  return paid < total ? SettlementState::partially_paid : SettlementState::overpaid;
}

}  // namespace

void derive_order_axes(schema::OrderStatusRowT& row) {
  const Counts counts = count(row);
  const bool ended = row.lifecycle == schema::OrderLifecycle::Cancelled ||
                     row.lifecycle == schema::OrderLifecycle::Rejected;
  row.fulfilment = ended ? FulfilmentState::cancelled : fulfilment_of(counts);
  row.billing = billing_of(counts);
  row.payment = settlement_of(row.paid_amount.minor(), row.total.minor());

  std::int64_t open_minor = 0;
  OptionalDay promised;
  OptionalDay promised_open;
  for (const auto& line : row.lines) {
    if (live_of(*line) <= 0) continue;
    const std::int64_t open = ended ? 0 : open_of(*line);
    open_minor += part_of(line->amount.minor(), open, live_of(*line));
    promised = later_of(promised, line->promised_date);
    if (open > 0) promised_open = later_of(promised_open, line->promised_date);
  }
  row.open_amount = Money(open_minor, row.total.currency());
  row.base_open_amount = Money(part_of(row.base_total.minor(), open_minor, row.total.minor()),
                               row.base_total.currency());
  row.promised_date = promised_open ? promised_open : promised;
}

}  // namespace orderlog::projections
