// The three pure functions that every aggregate has, in one view.
//   decide         what a command makes happen in this state, or why nothing does
//   evolve         the state after an event; total, for live work and for replay alike
//   next_deadline  when the aggregate wants its timer command (UTC microseconds), nullopt for never
// Thread rule: none, they are values in and values out.
#pragma once

#include <optional>

#include "engine/context.h"
#include "engine/decision.h"

namespace orderlog::engine {

#define ORDERLOG_DECLARE_AGGREGATE(Name, StateName)                                              \
  Decision<schema::Name##EventUnion> decide(const schema::StateName##T& state,                   \
                                            const schema::Name##Commands& command,               \
                                            const Context& context);                             \
  void evolve(schema::StateName##T& state, const schema::Name##Events& event, const EventMeta& meta); \
  std::optional<TimestampUs> next_deadline(const schema::StateName##T& state, const Policy& policy);

ORDERLOG_DECLARE_AGGREGATE(Customer, CustomerState)
ORDERLOG_DECLARE_AGGREGATE(Credit, CreditState)
ORDERLOG_DECLARE_AGGREGATE(Product, ProductState)
ORDERLOG_DECLARE_AGGREGATE(Stock, StockState)
ORDERLOG_DECLARE_AGGREGATE(Lead, LeadState)
ORDERLOG_DECLARE_AGGREGATE(Quote, QuoteState)
ORDERLOG_DECLARE_AGGREGATE(Approval, ApprovalState)
ORDERLOG_DECLARE_AGGREGATE(Order, OrderState)
ORDERLOG_DECLARE_AGGREGATE(Reference, ReferenceState)
ORDERLOG_DECLARE_AGGREGATE(Shipment, ShipmentState)
ORDERLOG_DECLARE_AGGREGATE(Invoice, InvoiceState)
ORDERLOG_DECLARE_AGGREGATE(Series, SeriesState)
ORDERLOG_DECLARE_AGGREGATE(Payment, PaymentState)
ORDERLOG_DECLARE_AGGREGATE(Ticket, TicketState)
ORDERLOG_DECLARE_AGGREGATE(Audit, AuditState)
#undef ORDERLOG_DECLARE_AGGREGATE

}  // namespace orderlog::engine
