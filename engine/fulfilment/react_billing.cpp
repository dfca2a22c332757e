// What follows from invoices, their numbers and payments: exposure moves on, the order hears of it,
// payment and invoice answer each other, the customer's unapplied credit is kept (domain.md 3.12,
// 3.13, 3.16). An invoice without an order counts under its own id.
#include "engine/fulfilment/reactions.h"

namespace orderlog::engine::fulfilment {

namespace {

using schema::ExposureBucket;

template <class Event>
void shift(const Cause& cause, const Event& event, ExposureBucket from, ExposureBucket to,
           const Money& amount, flatbuffers::Optional<std::int32_t> due_date, Outgoing& out) {
  if (amount.minor() <= 0) return;
  schema::ShiftExposureT command;
  command.customer_id = text_of(event.customer_id());
  command.order_id = has_text(event.order_id()) ? event.order_id()->str() : cause.aggregate_id;
  command.from = from;
  command.to = to;
  command.amount = amount;
  command.invoice_id = cause.aggregate_id;
  command.due_date = due_date;
  out.send(std::move(command));
}

template <class Event>
void settle(const Cause& cause, const Event& event, const Money& base, Outgoing& out) {
  shift(cause, event, ExposureBucket::OpenInvoice, ExposureBucket::None, base, flatbuffers::nullopt,
        out);
}

void change_credit(const flatbuffers::String* customer_id, const Money& delta,
                   const std::string& payment_id, Outgoing& out) {
  if (delta.minor() == 0 || !has_text(customer_id)) return;
  schema::ChangeCreditBalanceT command;
  command.customer_id = customer_id->str();
  command.delta = delta;
  command.payment_id = payment_id;
  out.send(std::move(command));
}

Money negative(const Money& amount) { return Money(-amount.minor(), amount.currency()); }

template <class Event>
void invoiced(const Cause& cause, const Event& event, const Money& total, bool credited,
              bool with_lines, Outgoing& out) {
  if (!has_text(event.order_id())) return;
  schema::RecordInvoicedT command;
  command.order_id = event.order_id()->str();
  command.invoice_id = cause.aggregate_id;
  command.total = total;
  command.credited = credited;
  if (with_lines && event.lines() != nullptr) {
    for (const auto* line : *event.lines()) command.lines.emplace_back(line->UnPack());
  }
  out.send(std::move(command));
}

template <class Event>
void paid(const Cause& cause, const Event& event, std::int64_t minor, Outgoing& out) {
  if (!has_text(event.order_id()) || minor == 0) return;
  schema::RecordOrderPaymentT command;
  command.order_id = event.order_id()->str();
  command.invoice_id = cause.aggregate_id;
  command.delta = Money(minor, money_of(event.amount()).currency());
  command.payment_id = text_of(event.payment_id());
  out.send(std::move(command));
}

// ---- invoice

void on(const Cause& cause, const schema::InvoiceIssueRequested& event, Outgoing& out) {
  schema::AssignNumberT command;
  command.series_id = text_of(event.series_id());
  command.document_id = cause.aggregate_id;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::InvoiceIssued& event, Outgoing& out) {
  flatbuffers::Optional<std::int32_t> due;
  if (event.due() != nullptr && event.due()->size() > 0) due = event.due()->Get(0)->due_date();
  const bool ordered = has_text(event.order_id());
  shift(cause, event, ordered ? ExposureBucket::OpenDelivery : ExposureBucket::None,
        ExposureBucket::OpenInvoice, money_of(event.base_total()), due, out);
  invoiced(cause, event, money_of(event.total()), false, true, out);
}

void on(const Cause& cause, const schema::InvoiceVoided& event, Outgoing& out) {
  if (!event.issued()) return;
  settle(cause, event, money_of(event.base_total()), out);
  invoiced(cause, event, money_of(event.total()), true, true, out);
}

void on(const Cause& cause, const schema::CreditNoteIssued& event, Outgoing& out) {
  settle(cause, event, money_of(event.base_amount()), out);
  change_credit(event.customer_id(), money_of(event.unapplied()), {}, out);
  // Goods that were invoiced stay invoiced: the credit note is a document of its own.
  invoiced(cause, event, money_of(event.amount()), true, false, out);
}

void on(const Cause& cause, const schema::WriteOffRequested& event, Outgoing& out) {
  schema::RequestApprovalT command;
  command.approval_id = text_of(event.approval_id());
  command.subject = schema::ApprovalSubject::WriteOff;
  command.subject_id = cause.aggregate_id;
  command.subject_version = event.version();
  if (event.tiers() != nullptr) {
    for (const auto tier : *event.tiers()) command.tiers.push_back(static_cast<schema::Role>(tier));
  }
  command.requested_by = text_of(event.requested_by());
  command.amount = money_of(event.base_amount());
  command.customer_id = text_of(event.customer_id());
  command.reason = text_of(event.reason());
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::InvoiceWrittenOff& event, Outgoing& out) {
  settle(cause, event, money_of(event.base_amount()), out);
}

// How far a customer has been dunned counts in his credit checks (domain.md 4.7).
void on(const Cause& cause, const schema::InvoiceReminderSent& event, Outgoing& out) {
  if (!has_text(event.customer_id())) return;
  schema::RecordDunningT command;
  command.customer_id = event.customer_id()->str();
  command.order_id = has_text(event.order_id()) ? event.order_id()->str() : cause.aggregate_id;
  command.invoice_id = cause.aggregate_id;
  command.level = event.level();
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::InvoicePaymentApplied& event, Outgoing& out) {
  schema::ConfirmAllocationT confirm;
  confirm.payment_id = text_of(event.payment_id());
  confirm.allocation_id = text_of(event.allocation_id());
  confirm.applied = money_of(event.amount());
  out.send(std::move(confirm));
  settle(cause, event, money_of(event.base_amount()), out);
  // The discount for paying in time settles as money does.
  paid(cause, event, minor_of(event.amount()) + minor_of(event.cash_discount()), out);
}

void on(const Cause&, const schema::InvoicePaymentRefused& event, Outgoing& out) {
  schema::ConfirmAllocationT confirm;
  confirm.payment_id = text_of(event.payment_id());
  confirm.allocation_id = text_of(event.allocation_id());
  confirm.refused = true;
  confirm.reason = text_of(event.reason());
  out.send(std::move(confirm));
}

void on(const Cause& cause, const schema::InvoicePaymentUnapplied& event, Outgoing& out) {
  schema::ConfirmDeallocationT confirm;
  confirm.payment_id = text_of(event.payment_id());
  confirm.allocation_id = text_of(event.allocation_id());
  out.send(std::move(confirm));
  shift(cause, event, ExposureBucket::None, ExposureBucket::OpenInvoice,
        money_of(event.base_amount()), flatbuffers::nullopt, out);
  paid(cause, event, -(minor_of(event.amount()) + minor_of(event.cash_discount())), out);
}

// ---- payment

void on(const Cause& cause, const schema::PaymentCaptured& event, Outgoing& out) {
  change_credit(event.customer_id(), money_of(event.amount()), cause.aggregate_id, out);
  if (!has_text(event.order_id())) return;
  schema::RecordOrderPaymentT command;
  command.order_id = event.order_id()->str();
  command.delta = money_of(event.amount());
  command.prepayment = true;
  command.payment_id = cause.aggregate_id;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::PaymentAllocationRequested& event, Outgoing& out) {
  change_credit(event.customer_id(), negative(money_of(event.amount())), cause.aggregate_id, out);
  schema::ApplyPaymentT command;
  command.invoice_id = text_of(event.invoice_id());
  command.payment_id = cause.aggregate_id;
  command.allocation_id = text_of(event.allocation_id());
  command.amount = money_of(event.amount());
  if (event.exchange_rate() != nullptr)
    command.exchange_rate.reset(event.exchange_rate()->UnPack());
  out.send(std::move(command));
}

void unapply(const Cause& cause, const std::string& invoice_id, const std::string& allocation_id,
             Outgoing& out) {
  schema::UnapplyPaymentT command;
  command.invoice_id = invoice_id;
  command.payment_id = cause.aggregate_id;
  command.allocation_id = allocation_id;
  out.send(std::move(command));
}

void on(const Cause& cause, const schema::PaymentDeallocationRequested& event, Outgoing& out) {
  unapply(cause, text_of(event.invoice_id()), text_of(event.allocation_id()), out);
}

// What lies on invoices is taken off them; the rest was unapplied and is gone.
void on(const Cause& cause, const schema::PaymentChargedBack& event, Outgoing& out) {
  std::int64_t unapplied = minor_of(event.amount());
  if (event.allocations() != nullptr) {
    for (const auto* allocation : *event.allocations()) {
      unapplied -= allocation->minor();
      unapply(cause, text_of(allocation->invoice_id()), text_of(allocation->allocation_id()), out);
    }
  }
  change_credit(event.customer_id(), Money(-unapplied, money_of(event.amount()).currency()),
                cause.aggregate_id, out);
}

}  // namespace

void react_to_invoice(const Cause& cause, const schema::InvoiceEvents& event, Outgoing& out) {
  using schema::InvoiceEvent;
  switch (event.event_type()) {
#define ORDERLOG_ON(Event)  \
  case InvoiceEvent::Event: \
    return on(cause, *event.event_as_##Event(), out);
    ORDERLOG_ON(InvoiceIssueRequested)
    ORDERLOG_ON(InvoiceIssued)
    ORDERLOG_ON(InvoiceVoided)
    ORDERLOG_ON(CreditNoteIssued)
    ORDERLOG_ON(WriteOffRequested)
    ORDERLOG_ON(InvoiceWrittenOff)
    ORDERLOG_ON(InvoicePaymentApplied)
    ORDERLOG_ON(InvoicePaymentRefused)
    ORDERLOG_ON(InvoicePaymentUnapplied)
    ORDERLOG_ON(InvoiceReminderSent)
#undef ORDERLOG_ON
    case InvoiceEvent::InvoiceDrafted:
    case InvoiceEvent::InvoiceDisputed:
    case InvoiceEvent::DisputeResolved:
    case InvoiceEvent::InvoicePaid:
    case InvoiceEvent::InvoiceOverdue:
    case InvoiceEvent::ExchangeDifferenceRecorded:
    case InvoiceEvent::WriteOffRefused:
    case InvoiceEvent::NONE:
      return;
  }
}

void react_to_series(const Cause&, const schema::SeriesEvents& event, Outgoing& out) {
  switch (event.event_type()) {
    case schema::SeriesEvent::NumberAssigned: {
      const auto& assigned = *event.event_as_NumberAssigned();
      schema::CompleteIssueT command;
      command.invoice_id = text_of(assigned.document_id());
      command.number = assigned.number();
      return out.send(std::move(command));
    }
    case schema::SeriesEvent::NONE:
      return;
  }
}

void react_to_payment(const Cause& cause, const schema::PaymentEvents& event, Outgoing& out) {
  using schema::PaymentEvent;
  const std::string& id = cause.aggregate_id;
  switch (event.event_type()) {
    case PaymentEvent::PaymentCaptured:
      return on(cause, *event.event_as_PaymentCaptured(), out);
    case PaymentEvent::PaymentAllocationRequested:
      return on(cause, *event.event_as_PaymentAllocationRequested(), out);
    case PaymentEvent::PaymentDeallocationRequested:
      return on(cause, *event.event_as_PaymentDeallocationRequested(), out);
    case PaymentEvent::PaymentChargedBack:
      return on(cause, *event.event_as_PaymentChargedBack(), out);
    case PaymentEvent::PaymentAllocated: {
      const auto& allocated = *event.event_as_PaymentAllocated();
      return change_credit(allocated.customer_id(), money_of(allocated.returned()), id, out);
    }
    case PaymentEvent::PaymentAllocationRefused: {
      const auto& refused = *event.event_as_PaymentAllocationRefused();
      return change_credit(refused.customer_id(), money_of(refused.amount()), id, out);
    }
    case PaymentEvent::PaymentDeallocated: {
      const auto& back = *event.event_as_PaymentDeallocated();
      return change_credit(back.customer_id(), money_of(back.amount()), id, out);
    }
    case PaymentEvent::RefundRequested: {
      const auto& requested = *event.event_as_RefundRequested();
      return change_credit(requested.customer_id(), negative(money_of(requested.amount())), id,
                           out);
    }
    case PaymentEvent::RefundFailed: {
      const auto& failed = *event.event_as_RefundFailed();
      return change_credit(failed.customer_id(), money_of(failed.amount()), id, out);
    }
    case PaymentEvent::PaymentInitiated:
    case PaymentEvent::PaymentAuthorized:
    case PaymentEvent::PaymentSettled:
    case PaymentEvent::PaymentDeclined:
    case PaymentEvent::PaymentFailed:
    case PaymentEvent::PaymentVoided:
    case PaymentEvent::RefundApproved:
    case PaymentEvent::RefundSent:
    case PaymentEvent::RefundSettled:
    case PaymentEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine::fulfilment
