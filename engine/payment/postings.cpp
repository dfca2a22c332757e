#include "engine/payment/postings.h"

namespace orderlog::engine {

namespace payment {

namespace {

Money amount_of(const schema::Money* amount) { return amount ? *amount : Money(); }

std::vector<Posting> one(Account debit, Account credit, const schema::Money* amount) {
  std::vector<Posting> result;
  post(result, debit, credit, amount_of(amount));
  return result;
}

// What lay on invoices comes off them (each answers with the other half), the rest was unapplied.
std::vector<Posting> of(const schema::PaymentChargedBack& event) {
  const Money amount = amount_of(event.amount());
  std::int64_t allocated = 0;
  if (event.allocations()) {
    for (const auto* allocation : *event.allocations()) allocated += allocation->minor();
  }
  std::vector<Posting> result;
  post(result, Account::AllocationClearing, Account::Cash, Money(allocated, amount.currency()));
  post(result, Account::UnappliedCash, Account::Cash,
       Money(amount.minor() - allocated, amount.currency()));
  return result;
}

}  // namespace

}  // namespace payment

std::vector<Posting> postings(const schema::PaymentEvents& event) {
  using payment::one;
  using schema::PaymentEvent;
  switch (event.event_type()) {
    case PaymentEvent::PaymentCaptured:
      return one(Account::Cash, Account::UnappliedCash, event.event_as_PaymentCaptured()->amount());
    case PaymentEvent::PaymentChargedBack:
      return payment::of(*event.event_as_PaymentChargedBack());
    case PaymentEvent::PaymentAllocationRequested:
      return one(Account::UnappliedCash, Account::AllocationClearing,
                 event.event_as_PaymentAllocationRequested()->amount());
    case PaymentEvent::PaymentAllocated:
      return one(Account::AllocationClearing, Account::UnappliedCash,
                 event.event_as_PaymentAllocated()->returned());
    case PaymentEvent::PaymentAllocationRefused:
      return one(Account::AllocationClearing, Account::UnappliedCash,
                 event.event_as_PaymentAllocationRefused()->amount());
    case PaymentEvent::PaymentDeallocated:
      return one(Account::AllocationClearing, Account::UnappliedCash,
                 event.event_as_PaymentDeallocated()->amount());
    case PaymentEvent::RefundRequested:
      return one(Account::UnappliedCash, Account::RefundsPayable,
                 event.event_as_RefundRequested()->amount());
    case PaymentEvent::RefundSettled:
      return one(Account::RefundsPayable, Account::Cash, event.event_as_RefundSettled()->amount());
    case PaymentEvent::RefundFailed:
      return one(Account::RefundsPayable, Account::UnappliedCash,
                 event.event_as_RefundFailed()->amount());
    case PaymentEvent::PaymentInitiated:
    case PaymentEvent::PaymentAuthorized:
    case PaymentEvent::PaymentSettled:
    case PaymentEvent::PaymentDeclined:
    case PaymentEvent::PaymentFailed:
    case PaymentEvent::PaymentVoided:
    case PaymentEvent::PaymentDeallocationRequested:
    case PaymentEvent::RefundApproved:
    case PaymentEvent::RefundSent:
    case PaymentEvent::NONE:
      break;
  }
  return {};
}

}  // namespace orderlog::engine
