// Names of events for test messages: one overload an aggregate over the generated functions.
#pragma once

#include "events/schema/envelope_generated.h"

namespace orderlog::engine::test {

#define ORDERLOG_EVENT_NAME(Name) \
  inline const char* event_name(schema::Name event) { return schema::EnumName##Name(event); }

ORDERLOG_EVENT_NAME(CustomerEvent)
ORDERLOG_EVENT_NAME(CreditEvent)
ORDERLOG_EVENT_NAME(ProductEvent)
ORDERLOG_EVENT_NAME(StockEvent)
ORDERLOG_EVENT_NAME(LeadEvent)
ORDERLOG_EVENT_NAME(QuoteEvent)
ORDERLOG_EVENT_NAME(ApprovalEvent)
ORDERLOG_EVENT_NAME(OrderEvent)
ORDERLOG_EVENT_NAME(ReferenceEvent)
ORDERLOG_EVENT_NAME(ShipmentEvent)
ORDERLOG_EVENT_NAME(InvoiceEvent)
ORDERLOG_EVENT_NAME(SeriesEvent)
ORDERLOG_EVENT_NAME(PaymentEvent)
ORDERLOG_EVENT_NAME(TicketEvent)
ORDERLOG_EVENT_NAME(AuditEvent)
#undef ORDERLOG_EVENT_NAME

}  // namespace orderlog::engine::test
