#include "engine/fulfilment/react.h"

#include "engine/fulfilment/reactions.h"

namespace orderlog::engine {

void react(const schema::Envelope& event, Outgoing& out) {
  using schema::AnyEvent;
  const fulfilment::Cause cause{fulfilment::text_of(event.aggregate_id()), event.authority()};
  switch (event.payload_type()) {
#define ORDERLOG_ON(Events, reaction)                                 \
  case AnyEvent::Events:                                              \
    if (event.payload() != nullptr) {                                 \
      fulfilment::reaction(cause, *event.payload_as_##Events(), out); \
    }                                                                 \
    break;
    ORDERLOG_ON(OrderEvents, react_to_order)
    ORDERLOG_ON(ReferenceEvents, react_to_reference)
    ORDERLOG_ON(StockEvents, react_to_stock)
    ORDERLOG_ON(ShipmentEvents, react_to_shipment)
    ORDERLOG_ON(InvoiceEvents, react_to_invoice)
    ORDERLOG_ON(SeriesEvents, react_to_series)
    ORDERLOG_ON(PaymentEvents, react_to_payment)
    ORDERLOG_ON(CustomerEvents, react_to_customer)
    ORDERLOG_ON(CreditEvents, react_to_credit)
    ORDERLOG_ON(LeadEvents, react_to_lead)
    ORDERLOG_ON(QuoteEvents, react_to_quote)
    ORDERLOG_ON(ApprovalEvents, react_to_approval)
#undef ORDERLOG_ON
    // Nothing follows from these.
    case AnyEvent::SystemEvents:
    case AnyEvent::ProductEvents:
    case AnyEvent::TicketEvents:
    case AnyEvent::AuditEvents:
    case AnyEvent::NONE:
      break;
  }
}

}  // namespace orderlog::engine
