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

// StateT: the generated native object, or the aggregate's own type where it needs an index
// (aggregate_traits.h).
#define ORDERLOG_DECLARE_AGGREGATE(Name, StateT)                                           \
  Decision<schema::Name##EventUnion> decide(                                               \
      const StateT& state, const schema::Name##Commands& command, const Context& context); \
  void evolve(StateT& state, const schema::Name##Events& event, const EventMeta& meta);    \
  std::optional<TimestampUs> next_deadline(const StateT& state, const Policy& policy);

ORDERLOG_DECLARE_AGGREGATE(Customer, schema::CustomerStateT)
ORDERLOG_DECLARE_AGGREGATE(Credit, CreditAccount)
ORDERLOG_DECLARE_AGGREGATE(Product, schema::ProductStateT)
ORDERLOG_DECLARE_AGGREGATE(Stock, StockItem)
ORDERLOG_DECLARE_AGGREGATE(Lead, schema::LeadStateT)
ORDERLOG_DECLARE_AGGREGATE(Quote, schema::QuoteStateT)
ORDERLOG_DECLARE_AGGREGATE(Approval, schema::ApprovalStateT)
ORDERLOG_DECLARE_AGGREGATE(Order, schema::OrderStateT)
ORDERLOG_DECLARE_AGGREGATE(Reference, schema::ReferenceStateT)
ORDERLOG_DECLARE_AGGREGATE(Shipment, schema::ShipmentStateT)
ORDERLOG_DECLARE_AGGREGATE(Invoice, schema::InvoiceStateT)
ORDERLOG_DECLARE_AGGREGATE(Series, schema::SeriesStateT)
ORDERLOG_DECLARE_AGGREGATE(Payment, schema::PaymentStateT)
ORDERLOG_DECLARE_AGGREGATE(Ticket, schema::TicketStateT)
ORDERLOG_DECLARE_AGGREGATE(Audit, schema::AuditStateT)
#undef ORDERLOG_DECLARE_AGGREGATE

}  // namespace orderlog::engine
