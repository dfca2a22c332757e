// States of an order that are derived from its counters and never stored (domain.md 3.6, 3.7), and
// the invariants that hold after every event. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "engine/order/counters.h"
#include "events/schema/order_generated.h"

namespace orderlog::engine::order {

enum class LineStatus {
  Open,
  PartiallyReserved,
  Reserved,
  Backordered,
  Picking,
  PartiallyShipped,
  Shipped,
  Delivered,
  PartiallyReturned,
  Returned,
  Cancelled
};
enum class FulfilmentStatus {
  Nothing,
  PartiallyShipped,
  Shipped,
  PartiallyDelivered,
  Delivered,
  Cancelled
};
enum class BillingStatus { NotInvoiced, PartiallyInvoiced, Invoiced };
enum class PaymentStatus { Unpaid, PartiallyPaid, Paid, Overpaid };

LineStatus status_of(const schema::OrderLineStateT& line);
FulfilmentStatus fulfilment_of(const schema::OrderStateT& order);
BillingStatus billing_of(const schema::OrderStateT& order);
PaymentStatus payment_of(const schema::OrderStateT& order);

// Minor units received for the order: seen on its invoices, and prepayments that are not there yet.
std::int64_t received_minor(const schema::OrderStateT& order);

// Empty when all hold; otherwise which one is broken and where.
std::string check_invariants(const schema::OrderStateT& order);

}  // namespace orderlog::engine::order
