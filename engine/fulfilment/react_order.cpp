// What follows from an order's events: credit, stock, reference, approval, shipments, invoices.
// Every question has an answer that comes back as a Record… command, and every step its way back
// (domain.md 3.6, 3.16, 3.17).
#include "engine/fulfilment/reactions.h"
#include "events/base/planted_bug.h"

namespace orderlog::engine::fulfilment {

namespace {

void reserve_credit(const Cause& cause, const std::string& customer_id,
                    const schema::CreditRequest* credit, Outgoing& out) {
  if (credit == nullptr) return;
  schema::ReserveCreditT command;
  command.customer_id = customer_id;
  command.order_id = cause.aggregate_id;
  command.amount = money_of(credit->amount());
  command.line_fingerprint = credit->line_fingerprint();
  command.prepaid = credit->prepaid();
  command.ship_date = credit->ship_date();
  command.overridden = credit->overridden();
  out.send(std::move(command));
}

// amount null: all that is left of the order's.
void release_credit(const Cause& cause, const std::string& customer_id, const Money* amount,
                    Outgoing& out) {
  schema::ReleaseCreditT command;
  command.customer_id = customer_id;
  command.order_id = cause.aggregate_id;
  if (amount != nullptr) {
    if (amount->minor() <= 0) return;
    command.amount = *amount;
  }
  out.send(std::move(command));
}

template <class Requests>
void reserve_stock(const Cause& cause, const Requests* requests, bool top_up, Outgoing& out) {
  if (requests == nullptr) return;
  for (const auto* request : *requests) {
    schema::ReserveStockT command;
    command.stock_item_id = text_of(request->stock_item_id());
    command.reservation_id = text_of(request->reservation_id());
    command.quantity = quantity_of(request->quantity());
    command.policy =
        request->all_at_once() ? schema::ReservePolicy::Full : schema::ReservePolicy::Partial;
    // A customer to be asked has been asked: the order told him its dates when it was checked.
    command.backorder = request->backorder() == schema::BackorderWish::Never
                            ? schema::BackorderPolicy::Never
                            : schema::BackorderPolicy::Always;
    command.order_id = cause.aggregate_id;
    command.line = request->line();
    command.promised_date = request->promised_date();
    command.top_up = top_up;
    command.released_total = request->released_total();
    out.send(std::move(command));
  }
}

void release_stock(const schema::ReleaseRequest* request, const std::string& reason,
                   Outgoing& out) {
  if (request == nullptr || milli_of(request->quantity()) <= 0) return;
  if (ORDERLOG_PLANTED(CompensationSkipped)) return;
  schema::ReleaseStockT command;
  command.stock_item_id = text_of(request->stock_item_id());
  command.reservation_id = text_of(request->reservation_id());
  command.quantity = quantity_of(request->quantity());
  command.reason = reason;
  command.released_total = request->released_total();
  out.send(std::move(command));
}

template <class Ids>
void cancel_shipments(const Ids* shipment_ids, const std::string& reason, Outgoing& out) {
  if (shipment_ids == nullptr) return;
  for (const auto* id : *shipment_ids) {
    schema::CancelShipmentT command;
    command.shipment_id = id->str();
    command.reason = reason;
    out.send(std::move(command));
  }
}

void draft_invoice(const Cause& cause, const std::string& customer_id,
                   const std::string& shipment_id, const schema::InvoiceRequest* request,
                   Outgoing& out) {
  if (request == nullptr) return;
  schema::DraftInvoiceT draft;
  draft.invoice_id = text_of(request->invoice_id());
  draft.order_id = cause.aggregate_id;
  draft.customer_id = customer_id;
  draft.shipment_id = shipment_id;
  draft.content.reset(request->UnPack());
  schema::IssueInvoiceT issue;
  issue.invoice_id = draft.invoice_id;
  out.send(std::move(draft));
  out.send(std::move(issue));
}

std::string customer_of(const schema::SalesDimensions* dimensions) {
  return dimensions == nullptr ? std::string() : text_of(dimensions->customer_id());
}

void on(const Cause& cause, const schema::OrderSubmitted& event, Outgoing& out) {
  const auto* header = event.header();
  if (header == nullptr) return;
  const std::string customer_id = text_of(header->customer_id());
  if (has_text(header->external_reference())) {
    schema::ClaimOrderReferenceT claim;
    claim.reference_id = reference_id(customer_id, text_of(header->external_reference()));
    claim.order_id = cause.aggregate_id;
    out.send(std::move(claim));
  }
  reserve_credit(cause, customer_id, event.credit(), out);
  if (event.availability() == nullptr) return;
  for (const auto* request : *event.availability()) {
    schema::CheckAvailabilityT check;
    check.stock_item_id = text_of(request->stock_item_id());
    check.order_id = cause.aggregate_id;
    check.line = request->line();
    check.quantity = quantity_of(request->quantity());
    check.material_date = request->material_date();
    out.send(std::move(check));
  }
}

void on(const Cause&, const schema::OrderHeld& event, Outgoing& out) {
  if (event.shipment_ids() == nullptr) return;
  for (const auto* id : *event.shipment_ids()) {
    schema::HoldShipmentT command;
    command.shipment_id = id->str();
    command.reason = schema::EnumNameHoldReason(event.reason());
    out.send(std::move(command));
  }
}

void on(const Cause& cause, const schema::OrderHoldReleased& event, Outgoing& out) {
  reserve_credit(cause, text_of(event.customer_id()), event.credit(), out);
  reserve_stock(cause, event.reservations(), true, out);
  if (event.shipment_ids() == nullptr) return;
  for (const auto* id : *event.shipment_ids()) {
    schema::ResumeShipmentT command;
    command.shipment_id = id->str();
    out.send(std::move(command));
  }
}

void withdraw_approval(const flatbuffers::String* approval_id, const std::string& reason,
                       Outgoing& out) {
  if (!has_text(approval_id)) return;
  schema::WithdrawApprovalT command;
  command.approval_id = approval_id->str();
  command.reason = reason;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::OrderApprovalRequired& event, Outgoing& out) {
  withdraw_approval(event.superseded_approval_id(), "the order has changed", out);
  schema::RequestApprovalT command;
  command.approval_id = text_of(event.approval_id());
  command.subject = schema::ApprovalSubject::Order;
  command.subject_id = cause.aggregate_id;
  command.subject_version = event.version();
  if (event.tiers() != nullptr) {
    for (const auto tier : *event.tiers()) command.tiers.push_back(static_cast<schema::Role>(tier));
  }
  command.requested_by = text_of(event.requested_by());
  command.amount = money_of(event.amount());
  command.customer_id = text_of(event.customer_id());
  command.reason = text_of(event.reason());
  out.send(std::move(command));
}

// Rejected and cancelled orders give everything back.
template <class Event>
void give_back(const Cause& cause, const Event& event, Outgoing& out) {
  const std::string customer_id = text_of(event.customer_id());
  if (event.credit_reserved()) release_credit(cause, customer_id, nullptr, out);
  withdraw_approval(event.approval_id(), text_of(event.reason()), out);
  if (!has_text(event.external_reference())) return;
  schema::ReleaseOrderReferenceT command;
  command.reference_id = reference_id(customer_id, text_of(event.external_reference()));
  command.order_id = cause.aggregate_id;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::OrderAmended& event, Outgoing& out) {
  const std::string customer_id = customer_of(event.dimensions());
  if (event.releases() != nullptr) {
    for (const auto* release : *event.releases()) release_stock(release, "amended", out);
  }
  reserve_stock(cause, event.reservations(), true, out);
  reserve_credit(cause, customer_id, event.credit(), out);
  if (event.credit_released() != nullptr) {
    release_credit(cause, customer_id, event.credit_released(), out);
  }
}

void on(const Cause& cause, const schema::OrderLineCancelled& event, Outgoing& out) {
  release_stock(event.release(), text_of(event.reason()), out);
  if (event.credit_released() != nullptr) {
    release_credit(cause, customer_of(event.dimensions()), event.credit_released(), out);
  }
}

void on(const Cause& cause, const schema::OrderShortClosed& event, Outgoing& out) {
  if (event.releases() != nullptr) {
    for (const auto* release : *event.releases()) {
      release_stock(release, text_of(event.reason()), out);
    }
  }
  if (event.credit_released() != nullptr) {
    release_credit(cause, text_of(event.customer_id()), event.credit_released(), out);
  }
}

void on(const Cause& cause, const schema::OrderShipmentRequested& event, Outgoing& out) {
  if (event.recorded()) return;
  schema::PlanShipmentT command;
  command.shipment_id = text_of(event.shipment_id());
  command.order_id = cause.aggregate_id;
  command.customer_id = text_of(event.customer_id());
  command.carrier = text_of(event.carrier());
  command.ship_by = event.ship_by();
  command.promised_date = event.promised_date();
  command.time_zone = text_of(event.time_zone());
  if (event.ship_to() != nullptr) command.ship_to.reset(event.ship_to()->UnPack());
  if (event.lines() != nullptr) {
    for (const auto* planned : *event.lines()) {
      auto line = std::make_unique<schema::ShipmentLineT>();
      line->line = planned->line();
      line->product_id = text_of(planned->product_id());
      line->stock_item_id = text_of(planned->stock_item_id());
      line->reservation_id = text_of(planned->reservation_id());
      line->quantity = quantity_of(planned->quantity());
      command.lines.push_back(std::move(line));
    }
  }
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::OrderLinesShipped& event, Outgoing& out) {
  const std::string customer_id = text_of(event.customer_id());
  if (minor_of(event.exposure()) > 0) {
    schema::ShiftExposureT shift;
    shift.customer_id = customer_id;
    shift.order_id = cause.aggregate_id;
    shift.from = schema::ExposureBucket::OpenOrder;
    shift.to = schema::ExposureBucket::OpenDelivery;
    shift.amount = money_of(event.exposure());
    out.send(std::move(shift));
  }
  draft_invoice(cause, customer_id, text_of(event.shipment_id()), event.invoice(), out);
}

void on(const Cause& cause, const schema::OrderLinesDelivered& event, Outgoing& out) {
  draft_invoice(cause, text_of(event.customer_id()), text_of(event.shipment_id()), event.invoice(),
                out);
}

void on(const Cause&, const schema::OrderLinesInvoiced& event, Outgoing& out) {
  if (event.allocations() == nullptr) return;
  for (const auto* use : *event.allocations()) {
    schema::AllocatePaymentT command;
    command.payment_id = text_of(use->payment_id());
    command.invoice_id = text_of(event.invoice_id());
    command.amount = money_of(use->amount());
    out.send(std::move(command));
  }
}

}  // namespace

void react_to_order(const Cause& cause, const schema::OrderEvents& event, Outgoing& out) {
  using schema::OrderEvent;
  switch (event.event_type()) {
#define ORDERLOG_ON(Event) \
  case OrderEvent::Event:  \
    return on(cause, *event.event_as_##Event(), out);
    ORDERLOG_ON(OrderSubmitted)
    ORDERLOG_ON(OrderHeld)
    ORDERLOG_ON(OrderHoldReleased)
    ORDERLOG_ON(OrderApprovalRequired)
    ORDERLOG_ON(OrderAmended)
    ORDERLOG_ON(OrderLineCancelled)
    ORDERLOG_ON(OrderShortClosed)
    ORDERLOG_ON(OrderShipmentRequested)
    ORDERLOG_ON(OrderLinesShipped)
    ORDERLOG_ON(OrderLinesDelivered)
    ORDERLOG_ON(OrderLinesInvoiced)
#undef ORDERLOG_ON
    case OrderEvent::OrderApproved:
      return reserve_stock(cause, event.event_as_OrderApproved()->reservations(), false, out);
    case OrderEvent::OrderRejected:
      return give_back(cause, *event.event_as_OrderRejected(), out);
    case OrderEvent::OrderCancelled:
      return give_back(cause, *event.event_as_OrderCancelled(), out);
    case OrderEvent::OrderCancellationRequested: {
      const auto& asked = *event.event_as_OrderCancellationRequested();
      return cancel_shipments(asked.shipment_ids(), text_of(asked.reason()), out);
    }
    case OrderEvent::OrderLineUnreserved:
      return cancel_shipments(event.event_as_OrderLineUnreserved()->shipment_ids(),
                              "its stock is gone", out);
    case OrderEvent::OrderReopened: {
      const auto& reopened = *event.event_as_OrderReopened();
      return reserve_credit(cause, text_of(reopened.customer_id()), reopened.credit(), out);
    }
    case OrderEvent::OrderDrafted:
    case OrderEvent::OrderLineAdded:
    case OrderEvent::OrderLineChanged:
    case OrderEvent::OrderLineRemoved:
    case OrderEvent::OrderCheckPassed:
    case OrderEvent::OrderCheckFailed:
    case OrderEvent::OrderReleased:
    case OrderEvent::OrderPromiseChanged:
    case OrderEvent::OrderCancelRefused:
    case OrderEvent::OrderLineReserved:
    case OrderEvent::OrderLineBackordered:
    case OrderEvent::OrderLinesPicked:
    case OrderEvent::OrderShipmentCancelled:
    case OrderEvent::OrderPaymentRecorded:
    case OrderEvent::OrderCompleted:
    case OrderEvent::DeliveryDelayed:
    case OrderEvent::DelayCleared:
    case OrderEvent::OrderLineStockRecorded:
    case OrderEvent::NONE:
      return;
  }
}

void react_to_reference(const Cause&, const schema::ReferenceEvents& event, Outgoing& out) {
  schema::RecordReferenceOutcomeT answer;
  switch (event.event_type()) {
    case schema::ReferenceEvent::OrderReferenceClaimed:
      answer.order_id = text_of(event.event_as_OrderReferenceClaimed()->order_id());
      answer.claimed = true;
      break;
    case schema::ReferenceEvent::OrderReferenceRefused: {
      const auto& refused = *event.event_as_OrderReferenceRefused();
      answer.order_id = text_of(refused.order_id());
      answer.existing_order_id = text_of(refused.existing_order_id());
      break;
    }
    case schema::ReferenceEvent::OrderReferenceReleased:
    case schema::ReferenceEvent::NONE:
      return;
  }
  out.send(std::move(answer));
}

}  // namespace orderlog::engine::fulfilment
