#include "projections/models/timeline_sources.h"

namespace orderlog::projections {
namespace {

using schema::AnyEvent;

void read_order(const schema::OrderEvents& events, TimelineSource& source) {
  using schema::OrderEvent;
  switch (events.event_type()) {
    case OrderEvent::OrderSubmitted:
      if (const auto* header = events.event_as_OrderSubmitted()->header()) {
        source.preceding_id = text_of(header->quote_id());
      }
      return;
    case OrderEvent::OrderHeld:
      source.detail = text_of(events.event_as_OrderHeld()->detail());
      return;
    case OrderEvent::OrderHoldReleased:
      source.detail = text_of(events.event_as_OrderHoldReleased()->note());
      return;
    case OrderEvent::OrderCheckPassed:
      source.detail = text_of(events.event_as_OrderCheckPassed()->detail());
      return;
    case OrderEvent::OrderCheckFailed:
      source.detail = text_of(events.event_as_OrderCheckFailed()->detail());
      return;
    case OrderEvent::OrderApprovalRequired:
      source.detail = text_of(events.event_as_OrderApprovalRequired()->approval_id());
      return;
    case OrderEvent::OrderRejected:
      source.detail = text_of(events.event_as_OrderRejected()->reason());
      return;
    case OrderEvent::OrderPromiseChanged:
      source.detail = text_of(events.event_as_OrderPromiseChanged()->note());
      return;
    case OrderEvent::OrderLineCancelled:
      source.detail = text_of(events.event_as_OrderLineCancelled()->reason());
      return;
    case OrderEvent::OrderCancellationRequested:
      source.detail = text_of(events.event_as_OrderCancellationRequested()->reason());
      return;
    case OrderEvent::OrderCancelRefused:
      source.detail = text_of(events.event_as_OrderCancelRefused()->shipment_id());
      return;
    case OrderEvent::OrderCancelled:
      source.detail = text_of(events.event_as_OrderCancelled()->reason());
      return;
    case OrderEvent::OrderShipmentRequested:
      source.detail = text_of(events.event_as_OrderShipmentRequested()->shipment_id());
      return;
    case OrderEvent::OrderLinesPicked:
      source.detail = text_of(events.event_as_OrderLinesPicked()->shipment_id());
      return;
    case OrderEvent::OrderLinesShipped:
      source.detail = text_of(events.event_as_OrderLinesShipped()->shipment_id());
      return;
    case OrderEvent::OrderLinesDelivered:
      source.detail = text_of(events.event_as_OrderLinesDelivered()->shipment_id());
      return;
    case OrderEvent::OrderShipmentCancelled:
      source.detail = text_of(events.event_as_OrderShipmentCancelled()->reason());
      return;
    case OrderEvent::OrderLinesInvoiced:
      source.detail = text_of(events.event_as_OrderLinesInvoiced()->invoice_id());
      return;
    case OrderEvent::OrderPaymentRecorded:
      source.detail = text_of(events.event_as_OrderPaymentRecorded()->payment_id());
      return;
    case OrderEvent::OrderShortClosed:
      source.detail = text_of(events.event_as_OrderShortClosed()->reason());
      return;
    case OrderEvent::OrderReopened:
      source.detail = text_of(events.event_as_OrderReopened()->reason());
      return;
    case OrderEvent::DeliveryDelayed:
      source.detail = text_of(events.event_as_DeliveryDelayed()->step_blocked());
      return;
    case OrderEvent::DelayCleared:
      source.detail = text_of(events.event_as_DelayCleared()->how());
      return;
    case OrderEvent::OrderDrafted:
    case OrderEvent::OrderLineAdded:
    case OrderEvent::OrderLineChanged:
    case OrderEvent::OrderLineRemoved:
    case OrderEvent::OrderApproved:
    case OrderEvent::OrderReleased:
    case OrderEvent::OrderAmended:
    case OrderEvent::OrderLineReserved:
    case OrderEvent::OrderLineBackordered:
    case OrderEvent::OrderLineUnreserved:
    case OrderEvent::OrderCompleted:
    case OrderEvent::OrderLineStockRecorded:
      return;
    case OrderEvent::NONE:
      break;
  }
  source.known = false;
}

void read_shipment(const schema::ShipmentEvents& events, TimelineSource& source) {
  using schema::ShipmentEvent;
  const auto take = [&](const auto* event) {
    source.order_id = text_of(event->order_id());
    source.preceding_id = source.order_id;
  };
  const auto take_reason = [&](const auto* event) {
    take(event);
    source.detail = text_of(event->reason());
  };
  switch (events.event_type()) {
    case ShipmentEvent::ShipmentPlanned:
      return take(events.event_as_ShipmentPlanned());
    case ShipmentEvent::ShipmentReleased:
      return take(events.event_as_ShipmentReleased());
    case ShipmentEvent::PickingStarted:
      return take(events.event_as_PickingStarted());
    case ShipmentEvent::ShortPicked:
      return take_reason(events.event_as_ShortPicked());
    case ShipmentEvent::ShipmentPacked:
      return take(events.event_as_ShipmentPacked());
    case ShipmentEvent::ShipmentDispatched:
      take(events.event_as_ShipmentDispatched());
      source.detail = text_of(events.event_as_ShipmentDispatched()->tracking());
      return;
    case ShipmentEvent::ShipmentTracked:
      take(events.event_as_ShipmentTracked());
      source.detail = text_of(events.event_as_ShipmentTracked()->place());
      return;
    case ShipmentEvent::DeliveryFailed:
      return take_reason(events.event_as_DeliveryFailed());
    case ShipmentEvent::ShipmentDelivered:
      take(events.event_as_ShipmentDelivered());
      source.detail = text_of(events.event_as_ShipmentDelivered()->signed_by());
      return;
    case ShipmentEvent::ShipmentCancelled:
      return take_reason(events.event_as_ShipmentCancelled());
    case ShipmentEvent::ShipmentCancelRefused:
      return take_reason(events.event_as_ShipmentCancelRefused());
    case ShipmentEvent::ShipmentCancelRequested:
      return take_reason(events.event_as_ShipmentCancelRequested());
    case ShipmentEvent::ShipmentLost:
      return take_reason(events.event_as_ShipmentLost());
    case ShipmentEvent::ShipmentHeld:
      return take_reason(events.event_as_ShipmentHeld());
    case ShipmentEvent::ShipmentResumed:
      return take(events.event_as_ShipmentResumed());
    case ShipmentEvent::NONE:
      break;
  }
  source.known = false;
}

// What settles an invoice is the payment, which follows from it.
template <class Event>
void read_settlement(const Event* event, std::string_view invoice_id, TimelineSource& source) {
  source.order_id = text_of(event->order_id());
  source.document_kind = AnyEvent::PaymentEvents;
  source.document_id = text_of(event->payment_id());
  source.preceding_id = invoice_id;
}

void read_invoice(const schema::InvoiceEvents& events, std::string_view id,
                  TimelineSource& source) {
  using schema::InvoiceEvent;
  const auto take = [&](const auto* event) { source.order_id = text_of(event->order_id()); };
  switch (events.event_type()) {
    case InvoiceEvent::InvoiceDrafted: {
      const auto* drafted = events.event_as_InvoiceDrafted();
      take(drafted);
      source.remember = true;
      source.preceding_id = text_of(drafted->shipment_id());
      if (source.preceding_id.empty()) source.preceding_id = source.order_id;
      return;
    }
    case InvoiceEvent::InvoiceIssued:
      return take(events.event_as_InvoiceIssued());
    case InvoiceEvent::InvoiceVoided:
      take(events.event_as_InvoiceVoided());
      source.detail = text_of(events.event_as_InvoiceVoided()->reason());
      return;
    case InvoiceEvent::CreditNoteIssued:
      take(events.event_as_CreditNoteIssued());
      source.document_id = text_of(events.event_as_CreditNoteIssued()->credit_note_id());
      source.preceding_id = id;
      source.detail = text_of(events.event_as_CreditNoteIssued()->reason());
      return;
    case InvoiceEvent::WriteOffRequested:
      take(events.event_as_WriteOffRequested());
      source.detail = text_of(events.event_as_WriteOffRequested()->reason());
      return;
    case InvoiceEvent::WriteOffRefused:
      take(events.event_as_WriteOffRefused());
      source.detail = text_of(events.event_as_WriteOffRefused()->reason());
      return;
    case InvoiceEvent::InvoiceWrittenOff:
      take(events.event_as_InvoiceWrittenOff());
      source.detail = text_of(events.event_as_InvoiceWrittenOff()->reason());
      return;
    case InvoiceEvent::InvoicePaymentApplied:
      return read_settlement(events.event_as_InvoicePaymentApplied(), id, source);
    case InvoiceEvent::InvoicePaymentUnapplied:
      return read_settlement(events.event_as_InvoicePaymentUnapplied(), id, source);
    case InvoiceEvent::ExchangeDifferenceRecorded:
      return read_settlement(events.event_as_ExchangeDifferenceRecorded(), id, source);
    case InvoiceEvent::InvoicePaid:
      return take(events.event_as_InvoicePaid());
    case InvoiceEvent::InvoiceOverdue:
      return take(events.event_as_InvoiceOverdue());
    case InvoiceEvent::InvoiceDisputed:
      source.detail = text_of(events.event_as_InvoiceDisputed()->reason());
      return;
    case InvoiceEvent::DisputeResolved:
      source.detail = text_of(events.event_as_DisputeResolved()->note());
      return;
    case InvoiceEvent::InvoicePaymentRefused:
      source.detail = text_of(events.event_as_InvoicePaymentRefused()->reason());
      return;
    case InvoiceEvent::InvoiceIssueRequested:
    case InvoiceEvent::InvoiceReminderSent:
      return;
    case InvoiceEvent::NONE:
      break;
  }
  source.known = false;
}

void read_payment(const schema::PaymentEvents& events, TimelineSource& source) {
  if (const auto* initiated = events.event_as_PaymentInitiated()) {
    source.order_id = text_of(initiated->order_id());
    source.remember = true;
  } else if (const auto* captured = events.event_as_PaymentCaptured()) {
    source.order_id = text_of(captured->order_id());
    source.remember = true;
  }
  source.preceding_id = source.order_id;
  source.known = events.event_type() <= schema::PaymentEvent::MAX;
}

void read_approval(const schema::ApprovalEvents& events, TimelineSource& source) {
  using schema::ApprovalEvent;
  if (const auto* requested = events.event_as_ApprovalRequested()) {
    if (requested->subject() != schema::ApprovalSubject::Order) return;
    source.order_id = text_of(requested->subject_id());
    source.preceding_id = source.order_id;
    source.detail = text_of(requested->reason());
    source.remember = true;
  } else if (const auto* refused = events.event_as_ApprovalRefused()) {
    source.detail = text_of(refused->reason());
  } else if (const auto* granted = events.event_as_ApprovalTierGranted()) {
    source.detail = text_of(granted->note());
  }
  source.known = events.event_type() <= ApprovalEvent::MAX;
}

void read_ticket(const schema::TicketEvents& events, TimelineSource& source) {
  if (const auto* opened = events.event_as_TicketOpened()) {
    source.order_id = text_of(opened->order_id());
    source.preceding_id = source.order_id;
    source.detail = text_of(opened->subject());
    source.remember = true;
  }
  source.known = events.event_type() <= schema::TicketEvent::MAX;
}

void read_quote(const schema::QuoteEvents& events, TimelineSource& source) {
  if (const auto* ordered = events.event_as_QuoteOrdered()) {
    source.order_id = text_of(ordered->order_id());
  }
  source.known = events.event_type() <= schema::QuoteEvent::MAX;
}

}  // namespace

TimelineSource timeline_source(const EventView& event) {
  TimelineSource source;
  source.document_kind = event.envelope.payload_type();
  source.document_id = event.aggregate_id;
  const auto read = [&](const auto* events, auto reader) {
    source.event = static_cast<std::uint8_t>(events->event_type());
    if (!events->event()) {
      source.known = false;
    } else {
      reader(*events);
    }
  };
  if (const auto* order = event.envelope.payload_as_OrderEvents()) {
    source.order_id = event.aggregate_id;
    read(order, [&](const auto& events) { read_order(events, source); });
  } else if (const auto* shipment = event.envelope.payload_as_ShipmentEvents()) {
    read(shipment, [&](const auto& events) { read_shipment(events, source); });
  } else if (const auto* invoice = event.envelope.payload_as_InvoiceEvents()) {
    read(invoice, [&](const auto& events) { read_invoice(events, event.aggregate_id, source); });
  } else if (const auto* payment = event.envelope.payload_as_PaymentEvents()) {
    read(payment, [&](const auto& events) { read_payment(events, source); });
  } else if (const auto* approval = event.envelope.payload_as_ApprovalEvents()) {
    read(approval, [&](const auto& events) { read_approval(events, source); });
  } else if (const auto* ticket = event.envelope.payload_as_TicketEvents()) {
    read(ticket, [&](const auto& events) { read_ticket(events, source); });
  } else if (const auto* quote = event.envelope.payload_as_QuoteEvents()) {
    read(quote, [&](const auto& events) { read_quote(events, source); });
  }
  return source;
}

}  // namespace orderlog::projections
