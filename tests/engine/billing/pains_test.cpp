// What users of other systems complain about (domain.md section 6, P10 to P12), as vectors.
#include "engine/invoice/balance.h"
#include "engine/payment/funds.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

// P10: partial payments and a credit note in a foreign currency leave no rest in base currency.
TEST(P10, BaseAmountsOfASettledInvoiceSumToItsBaseTotal) {
  Invoice invoice("INV-1");
  auto draft = draft_of(eur(10'000));
  draft.content->base_total = usd(10'825);
  issue(invoice, std::move(draft));
  invoice.as_system().when(apply("A", eur(3'333)));
  std::int64_t base = invoice.then<schema::InvoicePaymentAppliedT>().base_amount.minor();
  EXPECT_EQ(base, 3'608);  // 3607.97
  invoice.when(apply("B", eur(3'333)));
  base += invoice.then<schema::InvoicePaymentAppliedT>().base_amount.minor();
  invoice.when(credit("CN-1", eur(1)));
  base += invoice.then<schema::CreditNoteIssuedT>().base_amount.minor();
  invoice.when(apply("C", eur(9'999)));
  const auto& last = invoice.then<schema::InvoicePaymentAppliedT>();
  EXPECT_EQ(last.base_amount.currency(), Currency::USD);
  base += last.base_amount.minor();
  invoice.then<schema::InvoicePaidT>();
  EXPECT_EQ(base, 10'825);
  EXPECT_EQ(invoice.state().base_settled_minor, 10'825);
}

// P10: taking a payment off gives back its base amount, whatever came in between.
TEST(P10, TheBaseAmountOfAPaymentTakenOffComesBack) {
  Invoice invoice("INV-1");
  auto draft = draft_of(eur(3));
  draft.content->base_total = usd(100);
  issue(invoice, std::move(draft));
  invoice.as_system().when(apply("A", eur(1))).then_ignore();
  invoice.when(apply("B", eur(1))).then_ignore();
  invoice.when(unapply("A")).then_ignore();
  EXPECT_EQ(invoice.state().base_settled_minor, 33);
  invoice.when(unapply("B")).then_ignore();
  EXPECT_EQ(invoice.state().base_settled_minor, 0);
}

// P10, erpnext#16355: a credit note does not stay open beside the invoice that it settles.
TEST(P10, ACreditNoteReducesTheBalanceAndTheOldestStep) {
  Invoice invoice("INV-1");
  auto draft = draft_of(usd(300));
  draft.content->payment_terms = boxed(terms_of({{500'000, 10}, {500'000, 40}}));
  issue(invoice, std::move(draft));
  invoice.when(credit("CN-1", usd(150))).then_ignore();
  EXPECT_EQ(open_minor(invoice.state()), 150);
  EXPECT_EQ(invoice.deadline(), day("2024-02-25") * us_per_day);
}

// P11: currencies without and with three decimals go through unscaled.
TEST(P11, MinorUnitsAreTheCurrencysOwn) {
  for (const Currency currency : {Currency::JPY, Currency::KWD}) {
    Invoice invoice("INV-1");
    auto draft = draft_of(Money(1'001, currency));
    draft.content->base_total = usd(700);
    draft.content->payment_terms = boxed(terms_of({{500'000, 10}, {500'000, 40}}));
    issue(invoice, std::move(draft));
    EXPECT_EQ(invoice.state().due[0]->amount.minor() + invoice.state().due[1]->amount.minor(),
              1'001);
    invoice.as_system().when(apply("A", Money(1'001, currency))).then_ignore();
    EXPECT_EQ(settlement(invoice.state()), Settlement::Paid);
    EXPECT_EQ(invoice.state().base_settled_minor, 700);
  }
  // JPY 1,000 at 0.0067 is USD 6.70.
  Invoice invoice("INV-1");
  auto draft = draft_of(Money(1'000, Currency::JPY));
  draft.content->exchange_rate = std::make_unique<schema::ExchangeRateT>();
  draft.content->exchange_rate->mantissa = 67;
  draft.content->exchange_rate->scale = 4;
  invoice.when(std::move(draft));
  EXPECT_EQ(invoice.then<schema::InvoiceDraftedT>().content->base_total, usd(670));
}

// P12, killbill#334: refunds never exceed what was captured and not refunded yet.
TEST(P12, RefundsAreLimitedByWhatIsLeft) {
  Payment payment("PAY-1");
  payment.when(capture(usd(100))).then_ignore();
  payment.when(request_refund("R-1", usd(101)))
      .then_rejected(RejectionCode::LimitExceeded, "/amount");
  payment.when(request_refund("R-1", usd(60))).then_ignore();
  payment.when(request_refund("R-2", usd(41)))
      .then_rejected(RejectionCode::LimitExceeded, "/amount");
  payment.when(request_refund("R-2", usd(40))).then_ignore();
  payment.when(request_refund("R-3", usd(1)))
      .then_rejected(RejectionCode::LimitExceeded, "/amount");
}

// P12: what lies on an invoice is not refunded beneath it.
TEST(P12, MoneyOnAnInvoiceMustComeOffBeforeItIsRefunded) {
  Payment payment("PAY-1");
  payment.when(capture(usd(100), "", "INV-1")).then_ignore();
  payment.when(request_refund("R-1", usd(1)))
      .then_rejected(RejectionCode::LimitExceeded, "/amount");
  payment.as_system().when(confirm("PAY-1/1", usd(100))).then_ignore();
  payment.when(deallocate("PAY-1/1")).then_ignore();
  payment.when(confirm_release("PAY-1/1")).then_ignore();
  payment.when(request_refund("R-1", usd(100))).then_ignore();
}

// P12, polar#5422: a failed refund gives the balance back, at whatever step it fails.
TEST(P12, AFailedRefundGivesTheBalanceBack) {
  for (int steps = 0; steps < 3; ++steps) {
    Payment payment("PAY-1");
    payment.when(capture(usd(100))).then_ignore();
    payment.when(request_refund("R-1", usd(70))).then_ignore();
    if (steps > 0) payment.when(refund_step<schema::ApproveRefundT>("R-1")).then_ignore();
    if (steps > 1) payment.when(refund_step<schema::SendRefundT>("R-1")).then_ignore();
    payment.when(refund_step<schema::FailRefundT>("R-1"));
    const auto& failed = payment.then<schema::RefundFailedT>();
    EXPECT_EQ(failed.amount, usd(70));
    EXPECT_EQ(failed.unapplied, usd(100));
    payment.when(refund_step<schema::FailRefundT>("R-1")).then_nothing();
    EXPECT_EQ(payment.state().refunded_minor, 0);
    payment.when(refund_step<schema::SendRefundT>("R-1"))
        .then_rejected(RejectionCode::InvalidTransition);
    payment.when(request_refund("R-2", usd(100))).then_ignore();
  }
}

// P12, saleor#14279: what is paid too much stays visible as unapplied.
TEST(P12, OverpaymentIsUnapplied) {
  Payment payment("PAY-1");
  payment.when(capture(usd(120), "", "INV-1")).then_ignore();
  payment.as_system().when(confirm("PAY-1/1", usd(100)));
  EXPECT_EQ(payment.then<schema::PaymentAllocatedT>().unapplied, usd(20));
  EXPECT_EQ(payment::allocated_minor(payment.state()), 100);
}

}  // namespace
}  // namespace orderlog::engine::test
