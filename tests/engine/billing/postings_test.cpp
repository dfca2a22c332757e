// Which accounts each event posts to, one vector an event; all sums are zero (proof.md 3e).
#include "engine/invoice/postings.h"

#include <map>

#include "engine/payment/postings.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

using Accounts = std::map<Account, std::int64_t>;

template <class Events, class EventT>
Accounts posted(EventT event) {
  typename Events::NativeTableType wrapper;
  wrapper.event.Set(std::move(event));
  const auto buffer = packed<Events>(wrapper);
  Accounts accounts;
  std::int64_t sum = 0;
  for (const auto& posting : postings(*flatbuffers::GetRoot<Events>(buffer.data()))) {
    EXPECT_EQ(posting.amount.currency(), Currency::USD);
    accounts[posting.account] += posting.amount.minor();
    sum += posting.amount.minor();
  }
  EXPECT_EQ(sum, 0);
  return accounts;
}
template <class EventT>
Accounts invoice_posts(EventT event) {
  return posted<schema::InvoiceEvents>(std::move(event));
}
template <class EventT>
Accounts payment_posts(EventT event) {
  return posted<schema::PaymentEvents>(std::move(event));
}
template <class EventT>
EventT of_amount(Money amount) {
  EventT event;
  event.amount = amount;
  return event;
}

TEST(Postings, OfAnInvoice) {
  schema::InvoiceIssuedT issued;
  issued.total = usd(100);
  EXPECT_EQ(invoice_posts(issued), (Accounts{{Account::Receivable, 100}, {Account::Sales, -100}}));

  schema::InvoiceVoidedT voided;
  voided.total = usd(100);
  EXPECT_EQ(invoice_posts(voided), Accounts{});
  voided.issued = true;
  EXPECT_EQ(invoice_posts(voided), (Accounts{{Account::Receivable, -100}, {Account::Sales, 100}}));

  auto credited = of_amount<schema::CreditNoteIssuedT>(usd(50));
  credited.unapplied = usd(30);
  EXPECT_EQ(
      invoice_posts(credited),
      (Accounts{{Account::Sales, 50}, {Account::Receivable, -20}, {Account::CustomerCredit, -30}}));

  EXPECT_EQ(invoice_posts(of_amount<schema::InvoiceWrittenOffT>(usd(9))),
            (Accounts{{Account::WriteOff, 9}, {Account::Receivable, -9}}));

  auto applied = of_amount<schema::InvoicePaymentAppliedT>(usd(98));
  applied.cash_discount = usd(2);
  EXPECT_EQ(invoice_posts(applied), (Accounts{{Account::AllocationClearing, 98},
                                              {Account::CashDiscount, 2},
                                              {Account::Receivable, -100}}));
  auto unapplied = of_amount<schema::InvoicePaymentUnappliedT>(usd(98));
  unapplied.cash_discount = usd(2);
  EXPECT_EQ(invoice_posts(unapplied), (Accounts{{Account::AllocationClearing, -98},
                                                {Account::CashDiscount, -2},
                                                {Account::Receivable, 100}}));

  EXPECT_EQ(invoice_posts(of_amount<schema::InvoicePaymentRefusedT>(usd(5))), Accounts{});
  EXPECT_EQ(invoice_posts(schema::InvoicePaidT{}), Accounts{});
  EXPECT_EQ(invoice_posts(schema::InvoiceDraftedT{}), Accounts{});
}

TEST(Postings, OfAPayment) {
  EXPECT_EQ(payment_posts(of_amount<schema::PaymentCapturedT>(usd(100))),
            (Accounts{{Account::Cash, 100}, {Account::UnappliedCash, -100}}));
  EXPECT_EQ(payment_posts(of_amount<schema::PaymentAllocationRequestedT>(usd(60))),
            (Accounts{{Account::UnappliedCash, 60}, {Account::AllocationClearing, -60}}));
  auto allocated = of_amount<schema::PaymentAllocatedT>(usd(45));
  allocated.returned = usd(15);
  EXPECT_EQ(payment_posts(allocated),
            (Accounts{{Account::AllocationClearing, 15}, {Account::UnappliedCash, -15}}));
  const Accounts comes_back{{Account::AllocationClearing, 60}, {Account::UnappliedCash, -60}};
  EXPECT_EQ(payment_posts(of_amount<schema::PaymentAllocationRefusedT>(usd(60))), comes_back);
  EXPECT_EQ(payment_posts(of_amount<schema::PaymentDeallocatedT>(usd(60))), comes_back);

  EXPECT_EQ(payment_posts(of_amount<schema::RefundRequestedT>(usd(7))),
            (Accounts{{Account::UnappliedCash, 7}, {Account::RefundsPayable, -7}}));
  EXPECT_EQ(payment_posts(of_amount<schema::RefundFailedT>(usd(7))),
            (Accounts{{Account::RefundsPayable, 7}, {Account::UnappliedCash, -7}}));
  EXPECT_EQ(payment_posts(of_amount<schema::RefundSettledT>(usd(7))),
            (Accounts{{Account::RefundsPayable, 7}, {Account::Cash, -7}}));

  auto charged_back = of_amount<schema::PaymentChargedBackT>(usd(80));
  schema::PaymentAllocationT allocation;
  allocation.minor = 50;
  charged_back.allocations.push_back(boxed(allocation));
  EXPECT_EQ(payment_posts(charged_back), (Accounts{{Account::Cash, -80},
                                                   {Account::AllocationClearing, 50},
                                                   {Account::UnappliedCash, 30}}));

  EXPECT_EQ(payment_posts(of_amount<schema::PaymentInitiatedT>(usd(5))), Accounts{});
  EXPECT_EQ(payment_posts(of_amount<schema::PaymentSettledT>(usd(5))), Accounts{});
}

}  // namespace
}  // namespace orderlog::engine::test
