// Commands, contents and scenarios that the tests of invoices and payments share.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "events/base/money.h"
#include "events/base/time.h"
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {

using schema::Authority;
using schema::Currency;
using schema::Role;

using Invoice = Scenario<InvoiceAggregate>;
using Payment = Scenario<PaymentAggregate>;

inline Money usd(std::int64_t minor) { return Money(minor, Currency::USD); }
inline Money eur(std::int64_t minor) { return Money(minor, Currency::EUR); }
inline Day day(std::string_view text) { return day_from_text(text).value(); }
inline TimestampUs noon(std::string_view date) { return day(date) * us_per_day + 12 * us_per_hour; }

template <class T>
std::unique_ptr<T> boxed(T value) {
  return std::make_unique<T>(std::move(value));
}

// ---- invoices ----
inline schema::InvoiceShareT share(std::uint32_t line, std::int64_t net, std::int64_t tax,
                                   Currency currency = Currency::USD) {
  schema::InvoiceShareT result;
  result.line = line;
  result.product_id = "P" + std::to_string(line);
  result.quantity = Quantity(2'000);
  result.gross = Money(net, currency);
  result.net = Money(net, currency);
  result.tax = Money(tax, currency);
  return result;
}

// One line without tax that comes to `total`.
inline schema::DraftInvoiceT draft_of(Money total) {
  schema::DraftInvoiceT command;
  command.invoice_id = "INV-1";
  command.customer_id = "C-1";
  command.content = std::make_unique<schema::InvoiceRequestT>();
  command.content->total = total;
  command.content->lines.push_back(boxed(share(1, total.minor(), 0, total.currency())));
  return command;
}

inline schema::PaymentTermsT terms_of(std::vector<std::pair<int, int>> shares_and_days,
                                      schema::TermsBase base = schema::TermsBase::InvoiceDate) {
  schema::PaymentTermsT terms;
  terms.base = base;
  for (const auto& [share_ppm, days] : shares_and_days) {
    schema::InstalmentT instalment;
    instalment.share_ppm = share_ppm;
    instalment.days = days;
    terms.instalments.push_back(boxed(std::move(instalment)));
  }
  return terms;
}

inline schema::IssueInvoiceT issue_command() {
  schema::IssueInvoiceT command;
  command.invoice_id = "INV-1";
  return command;
}
inline schema::CompleteIssueT complete(std::uint64_t number) {
  schema::CompleteIssueT command;
  command.invoice_id = "INV-1";
  command.number = number;
  return command;
}

// Drafts and issues as `number` 1, and leaves the scenario as the finance role.
inline void issue(Invoice& invoice, schema::DraftInvoiceT draft) {
  invoice.as_system().when(std::move(draft)).then_ignore();
  invoice.when(issue_command()).then_ignore();
  invoice.when(complete(1)).then_ignore();
  invoice.as("fin", Role::Finance);
}

inline schema::ApplyPaymentT apply(std::string allocation_id, Money amount) {
  schema::ApplyPaymentT command;
  command.invoice_id = "INV-1";
  command.payment_id = "PAY-1";
  command.allocation_id = std::move(allocation_id);
  command.amount = amount;
  return command;
}
inline schema::UnapplyPaymentT unapply(std::string allocation_id) {
  schema::UnapplyPaymentT command;
  command.invoice_id = "INV-1";
  command.payment_id = "PAY-1";
  command.allocation_id = std::move(allocation_id);
  return command;
}
inline schema::IssueCreditNoteT credit(std::string id, Money amount) {
  schema::IssueCreditNoteT command;
  command.invoice_id = "INV-1";
  command.credit_note_id = std::move(id);
  command.amount = amount;
  command.reason = "damaged";
  return command;
}
inline schema::WriteOffBalanceT write_off() {
  schema::WriteOffBalanceT command;
  command.invoice_id = "INV-1";
  command.reason = "insolvent";
  return command;
}
inline schema::VoidInvoiceT void_invoice() {
  schema::VoidInvoiceT command;
  command.invoice_id = "INV-1";
  command.reason = "wrong customer";
  return command;
}
inline schema::CheckInvoiceDueT check_due() {
  schema::CheckInvoiceDueT command;
  command.invoice_id = "INV-1";
  return command;
}

// ---- payments ----
inline schema::InitiatePaymentT initiate(Money amount) {
  schema::InitiatePaymentT command;
  command.payment_id = "PAY-1";
  command.customer_id = "C-1";
  command.amount = amount;
  command.method = "card";
  return command;
}
inline schema::AuthorizePaymentT authorize(Money amount, std::string reference = "") {
  schema::AuthorizePaymentT command;
  command.payment_id = "PAY-1";
  command.amount = amount;
  command.provider_reference = std::move(reference);
  return command;
}
inline schema::CapturePaymentT capture(Money amount, std::string reference = "",
                                       std::string invoice_id = "") {
  schema::CapturePaymentT command;
  command.payment_id = "PAY-1";
  command.customer_id = "C-1";
  command.amount = amount;
  command.provider_reference = std::move(reference);
  command.invoice_id = std::move(invoice_id);
  return command;
}
inline schema::AllocatePaymentT allocate(std::string invoice_id, Money amount) {
  schema::AllocatePaymentT command;
  command.payment_id = "PAY-1";
  command.invoice_id = std::move(invoice_id);
  command.amount = amount;
  return command;
}
inline schema::DeallocatePaymentT deallocate(std::string allocation_id) {
  schema::DeallocatePaymentT command;
  command.payment_id = "PAY-1";
  command.allocation_id = std::move(allocation_id);
  return command;
}
inline schema::ConfirmAllocationT confirm(std::string allocation_id, Money applied) {
  schema::ConfirmAllocationT command;
  command.payment_id = "PAY-1";
  command.allocation_id = std::move(allocation_id);
  command.applied = applied;
  return command;
}
inline schema::ConfirmAllocationT refuse(std::string allocation_id) {
  schema::ConfirmAllocationT command;
  command.payment_id = "PAY-1";
  command.allocation_id = std::move(allocation_id);
  command.refused = true;
  command.reason = "the invoice is paid";
  return command;
}
inline schema::ConfirmDeallocationT confirm_release(std::string allocation_id) {
  schema::ConfirmDeallocationT command;
  command.payment_id = "PAY-1";
  command.allocation_id = std::move(allocation_id);
  return command;
}
inline schema::RequestRefundT request_refund(std::string id, Money amount) {
  schema::RequestRefundT command;
  command.payment_id = "PAY-1";
  command.refund_id = std::move(id);
  command.amount = amount;
  command.reason = "returned";
  return command;
}
// ApproveRefundT, SendRefundT, SettleRefundT, FailRefundT.
template <class CommandT>
CommandT refund_step(std::string id) {
  CommandT command;
  command.payment_id = "PAY-1";
  command.refund_id = std::move(id);
  return command;
}
// SettlePaymentT and the like.
template <class CommandT>
CommandT payment_step() {
  CommandT command;
  command.payment_id = "PAY-1";
  return command;
}

}  // namespace orderlog::engine::test
