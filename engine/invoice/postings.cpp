#include "engine/invoice/postings.h"

namespace orderlog::engine {

namespace {

using Postings = std::vector<Posting>;

Money amount_of(const schema::Money* amount) { return amount ? *amount : Money(); }

Postings of(const schema::CreditNoteIssued& event) {
  const Money amount = amount_of(event.amount());
  const Money returned = amount_of(event.unapplied());
  Postings result;
  post(result, Account::Sales, Account::Receivable,
       Money(amount.minor() - returned.minor(), amount.currency()));
  post(result, Account::Sales, Account::CustomerCredit, returned);
  return result;
}

Postings of(const schema::InvoicePaymentApplied& event) {
  Postings result;
  post(result, Account::AllocationClearing, Account::Receivable, amount_of(event.amount()));
  post(result, Account::CashDiscount, Account::Receivable, amount_of(event.cash_discount()));
  return result;
}

Postings of(const schema::InvoicePaymentUnapplied& event) {
  Postings result;
  post(result, Account::Receivable, Account::AllocationClearing, amount_of(event.amount()));
  post(result, Account::Receivable, Account::CashDiscount, amount_of(event.cash_discount()));
  return result;
}

Postings one(Account debit, Account credit, Money amount) {
  Postings result;
  post(result, debit, credit, amount);
  return result;
}

}  // namespace

std::vector<Posting> postings(const schema::InvoiceEvents& event) {
  switch (event.event_type()) {
    case schema::InvoiceEvent::InvoiceIssued:
      return one(Account::Receivable, Account::Sales,
                 amount_of(event.event_as_InvoiceIssued()->total()));
    case schema::InvoiceEvent::InvoiceVoided: {
      const auto& voided = *event.event_as_InvoiceVoided();
      if (!voided.issued()) return {};
      return one(Account::Sales, Account::Receivable, amount_of(voided.total()));
    }
    case schema::InvoiceEvent::CreditNoteIssued:
      return of(*event.event_as_CreditNoteIssued());
    case schema::InvoiceEvent::InvoiceWrittenOff:
      return one(Account::WriteOff, Account::Receivable,
                 amount_of(event.event_as_InvoiceWrittenOff()->amount()));
    case schema::InvoiceEvent::InvoicePaymentApplied:
      return of(*event.event_as_InvoicePaymentApplied());
    case schema::InvoiceEvent::InvoicePaymentUnapplied:
      return of(*event.event_as_InvoicePaymentUnapplied());
    case schema::InvoiceEvent::ExchangeDifferenceRecorded:
      return one(Account::CashRevaluation, Account::ExchangeGain,
                 amount_of(event.event_as_ExchangeDifferenceRecorded()->gain()));
    case schema::InvoiceEvent::InvoiceDrafted:
    case schema::InvoiceEvent::InvoiceIssueRequested:
    case schema::InvoiceEvent::InvoiceDisputed:
    case schema::InvoiceEvent::DisputeResolved:
    case schema::InvoiceEvent::InvoiceReminderSent:
    case schema::InvoiceEvent::InvoicePaymentRefused:
    case schema::InvoiceEvent::InvoicePaid:
    case schema::InvoiceEvent::InvoiceOverdue:
    case schema::InvoiceEvent::WriteOffRequested:
    case schema::InvoiceEvent::WriteOffRefused:
    case schema::InvoiceEvent::NONE:
      break;
  }
  return {};
}

}  // namespace orderlog::engine
