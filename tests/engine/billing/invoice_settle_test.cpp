// Payments, discounts, small differences and credit notes on an invoice.
#include "engine/invoice/balance.h"
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

// 2 % within 10 days, else 30 days; issued 2024-01-15.
schema::DraftInvoiceT discounted(Money total) {
  auto draft = draft_of(total);
  auto terms = terms_of({{1'000'000, 30}});
  terms.discount_ppm = 20'000;
  terms.discount_days = 10;
  draft.content->payment_terms = boxed(std::move(terms));
  return draft;
}

TEST(InvoicePayment, SettlesInPartsAndIsAnnouncedOnce) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(50'000)));
  EXPECT_EQ(settlement(invoice.state()), Settlement::Open);
  invoice.as_system().at(noon("2024-02-01")).when(apply("A", usd(30'000)));
  const auto& first = invoice.then<schema::InvoicePaymentAppliedT>();
  EXPECT_EQ(first.amount, usd(30'000));
  EXPECT_EQ(first.base_amount, usd(30'000));
  EXPECT_EQ(first.balance, usd(20'000));
  EXPECT_EQ(first.payment_id, "PAY-1");
  EXPECT_EQ(settlement(invoice.state()), Settlement::PartiallyPaid);

  invoice.when(apply("B", usd(20'000)));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().balance, usd(0));
  const auto& paid = invoice.then<schema::InvoicePaidT>();
  EXPECT_EQ(paid.total, usd(50'000));
  EXPECT_TRUE(paid.on_time);
  EXPECT_EQ(settlement(invoice.state()), Settlement::Paid);
  EXPECT_FALSE(invoice.deadline());
}

schema::ApplyPaymentT apply_at_rate(std::string allocation_id, Money amount,
                                    std::int64_t rate_mantissa) {
  auto command = apply(std::move(allocation_id), amount);
  schema::ExchangeRateT rate;
  rate.mantissa = rate_mantissa;
  rate.scale = 2;
  command.exchange_rate = boxed(std::move(rate));
  return command;
}

// 100.00 EUR issued at 1.10, so that 110.00 USD are owed.
void issue_in_euro(Invoice& invoice) {
  auto draft = draft_of(eur(10'000));
  schema::ExchangeRateT rate;
  rate.mantissa = 110;
  rate.scale = 2;
  draft.content->exchange_rate = boxed(std::move(rate));
  issue(invoice, std::move(draft));
}

TEST(ExchangeDifference, IsTheBaseWorthOfThePaymentAboveThatOfItsPartOfTheInvoice) {
  Invoice invoice("INV-1");
  issue_in_euro(invoice);
  invoice.as_system().when(apply_at_rate("A", eur(4'000), 115));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().base_amount, usd(4'400));
  const auto& gain = invoice.then<schema::ExchangeDifferenceRecordedT>();
  EXPECT_EQ(gain.gain, usd(200));
  EXPECT_EQ(gain.allocation_id, "A");
  invoice.when(apply_at_rate("B", eur(6'000), 105));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().base_amount, usd(6'600));
  EXPECT_EQ(invoice.then<schema::ExchangeDifferenceRecordedT>().gain, usd(-300)) << "a loss";
  invoice.then<schema::InvoicePaidT>();
  // Taken off again, it takes its difference along.
  invoice.when(unapply("A"));
  EXPECT_EQ(invoice.then<schema::ExchangeDifferenceRecordedT>().gain, usd(-200));
  invoice.then<schema::InvoicePaymentUnappliedT>();
}

TEST(ExchangeDifference, IsNoneAtTheSameRateOrWithout) {
  Invoice invoice("INV-1");
  issue_in_euro(invoice);
  invoice.as_system().when(apply_at_rate("A", eur(4'000), 110));
  invoice.then<schema::InvoicePaymentAppliedT>();
  invoice.then_no_more();
  invoice.when(apply("B", eur(1'000)));
  invoice.then<schema::InvoicePaymentAppliedT>();
  invoice.then_no_more();
}

TEST(InvoicePayment, TakesNoMoreThanIsOpen) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.as_system().when(apply("A", usd(250)));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().amount, usd(100));
  invoice.then<schema::InvoicePaidT>();
}

TEST(InvoicePayment, CountsAnAllocationOnce) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.as_system().when(apply("A", usd(40))).then_ignore();
  invoice.when(apply("A", usd(40))).then_nothing();
  EXPECT_EQ(open_minor(invoice.state()), 60);
  invoice.when(unapply("A")).then_ignore();
  invoice.when(unapply("A")).then_nothing();
  EXPECT_EQ(open_minor(invoice.state()), 100);
}

TEST(InvoicePayment, AnswersEvenWhenItCannotTakeAnything) {
  const auto reason = [](Invoice& invoice, Money amount) {
    invoice.as_system().when(apply("X", amount));
    const auto& refused = invoice.then<schema::InvoicePaymentRefusedT>();
    EXPECT_EQ(refused.allocation_id, "X");
    EXPECT_EQ(refused.payment_id, "PAY-1");
    EXPECT_EQ(refused.amount, amount);
    return refused.reason;
  };
  Invoice unknown("INV-1");
  EXPECT_EQ(reason(unknown, usd(10)), "no such invoice");

  Invoice draft("INV-1");
  draft.when(draft_of(usd(100))).then_ignore();
  EXPECT_EQ(reason(draft, usd(10)), "the invoice is Draft");

  Invoice voided("INV-1");
  issue(voided, draft_of(usd(100)));
  voided.when(void_invoice()).then_ignore();
  EXPECT_EQ(reason(voided, usd(10)), "the invoice is Voided");

  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  EXPECT_EQ(reason(invoice, eur(10)), "the invoice is not in the payment's currency");
  EXPECT_EQ(reason(invoice, usd(0)), "nothing was offered");
  invoice.when(apply("A", usd(100))).then_ignore();
  EXPECT_EQ(reason(invoice, usd(10)), "the invoice is paid");
}

TEST(InvoicePayment, OnlyTheEngineAppliesIt) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.when(apply("A", usd(100))).then_rejected(RejectionCode::EngineOnly);
  invoice.when(unapply("A")).then_rejected(RejectionCode::EngineOnly);
  invoice.when(check_due()).then_rejected(RejectionCode::EngineOnly);
}

TEST(InvoicePayment, TakenOffIsOwedAgainAndMayBePaidAgain) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.as_system().when(apply("A", usd(100))).then_ignore();
  invoice.when(unapply("A"));
  const auto& unapplied = invoice.then<schema::InvoicePaymentUnappliedT>();
  EXPECT_EQ(unapplied.amount, usd(100));
  EXPECT_EQ(unapplied.base_amount, usd(100));
  EXPECT_EQ(unapplied.balance, usd(100));
  EXPECT_TRUE(invoice.deadline());
  invoice.when(apply("B", usd(100)));
  invoice.then<schema::InvoicePaymentAppliedT>();
  invoice.then<schema::InvoicePaidT>();
}

struct DiscountVector {
  const char* name;
  const char* paid_on;
  std::int64_t offered;
  std::int64_t taken;
  std::int64_t discount;
  std::int64_t written_off;
  std::int64_t balance;  // after all of it
};

TEST(InvoicePayment, CashDiscountAndSmallDifference) {
  // 1,000.00 with 20.00 off until the 25th; differences up to 0.10 are small.
  const DiscountVector vectors[] = {
      {"in time, discount taken", "2024-01-25", 98'000, 98'000, 2'000, 0, 0},
      {"a day late", "2024-01-26", 98'000, 98'000, 0, 0, 2'000},
      {"in time, but paid in full", "2024-01-20", 100'000, 100'000, 0, 0, 0},
      {"in time, took only a part of it", "2024-01-20", 99'000, 99'000, 1'000, 0, 0},
      {"in time, too little", "2024-01-20", 97'000, 97'000, 0, 0, 3'000},
      {"in time, 10 cents too little", "2024-01-20", 97'990, 97'990, 2'000, 10, 0},
      {"in time, 11 cents too little", "2024-01-20", 97'989, 97'989, 0, 0, 2'011},
      {"late, 10 cents too little", "2024-01-30", 99'990, 99'990, 0, 10, 0},
      {"late, 11 cents too little", "2024-01-30", 99'989, 99'989, 0, 0, 11},
      {"more than is owed", "2024-01-30", 120'000, 100'000, 0, 0, 0},
  };
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector.name);
    Invoice invoice("INV-1");
    issue(invoice, discounted(usd(100'000)));
    invoice.as_system().at(noon(vector.paid_on)).when(apply("A", usd(vector.offered)));
    const auto& applied = invoice.then<schema::InvoicePaymentAppliedT>();
    EXPECT_EQ(applied.amount, usd(vector.taken));
    EXPECT_EQ(applied.cash_discount, usd(vector.discount));
    if (vector.written_off > 0) {
      const auto& rest = invoice.then<schema::InvoiceWrittenOffT>();
      EXPECT_EQ(rest.amount, usd(vector.written_off));
      EXPECT_TRUE(rest.small_difference);
    }
    if (vector.balance == 0) invoice.then<schema::InvoicePaidT>();
    EXPECT_EQ(open_minor(invoice.state()), vector.balance);
    EXPECT_EQ(invoice.state().stage, schema::InvoiceStage::Issued);
  }
}

TEST(InvoicePayment, SmallIsAlsoLimitedInMinorUnits) {
  // 0.01 % of 10,000.00 is 1.00, more than the 50 cents that may be written off.
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(1'000'000)));
  invoice.as_system().when(apply("A", usd(999'949)));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().balance, usd(51));
  invoice.when(apply("B", usd(1)));
  invoice.then<schema::InvoicePaymentAppliedT>();
  EXPECT_EQ(invoice.then<schema::InvoiceWrittenOffT>().amount, usd(50));
  invoice.then<schema::InvoicePaidT>();
}

TEST(InvoicePayment, TheDiscountGoesWithThePaymentThatEarnedIt) {
  Invoice invoice("INV-1");
  issue(invoice, discounted(usd(100'000)));
  invoice.as_system().at(noon("2024-01-20"));
  invoice.when(apply("A", usd(50'000))).then_ignore();
  invoice.when(apply("B", usd(48'000)));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().cash_discount, usd(2'000));
  invoice.then<schema::InvoicePaidT>();
  invoice.at(noon("2024-02-01")).when(unapply("B"));
  const auto& unapplied = invoice.then<schema::InvoicePaymentUnappliedT>();
  EXPECT_EQ(unapplied.amount, usd(48'000));
  EXPECT_EQ(unapplied.cash_discount, usd(2'000));
  EXPECT_EQ(unapplied.balance, usd(50'000));
}

TEST(InvoicePayment, AnOfferedDiscountShrinksWithACreditNote) {
  Invoice invoice("INV-1");
  issue(invoice, discounted(usd(100'000)));
  invoice.when(credit("CN-1", usd(50'000))).then_ignore();
  invoice.as_system().at(noon("2024-01-20")).when(apply("A", usd(49'000)));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().cash_discount, usd(1'000));
  invoice.then<schema::InvoicePaidT>();
}

TEST(InvoiceCredit, SeveralUpToTheRestThenClosed) {
  Invoice invoice("INV-1");
  auto draft = draft_of(usd(11'900));
  draft.content->lines[0] = boxed(share(1, 10'000, 1'900));
  issue(invoice, std::move(draft));
  invoice.when(credit("CN-1", usd(4'000)));
  const auto& first = invoice.then<schema::CreditNoteIssuedT>();
  EXPECT_EQ(first.balance, usd(7'900));
  EXPECT_EQ(first.unapplied, usd(0));
  EXPECT_EQ(first.base_amount, usd(4'000));
  EXPECT_FALSE(first.closes);
  const std::int64_t first_net = first.net.minor();

  invoice.when(credit("CN-1", usd(4'000))).then_nothing();
  invoice.when(credit("CN-2", usd(7'901))).then_rejected(RejectionCode::LimitExceeded, "/amount");
  invoice.when(credit("CN-2", eur(1))).then_rejected(RejectionCode::CurrencyMismatch, "/amount");
  invoice.when(credit("CN-2", usd(0))).then_rejected(RejectionCode::InvalidArgument, "/amount");
  invoice.when(credit("", usd(1))).then_rejected(RejectionCode::InvalidArgument, "/credit_note_id");

  invoice.when(credit("CN-2", usd(7'900)));
  const auto& second = invoice.then<schema::CreditNoteIssuedT>();
  EXPECT_TRUE(second.closes);
  EXPECT_EQ(first_net + second.net.minor(), 10'000);
  EXPECT_EQ(invoice.state().stage, schema::InvoiceStage::Credited);
  invoice.when(credit("CN-3", usd(1))).then_rejected(RejectionCode::InvalidTransition);
}

TEST(InvoiceCredit, OfPaidGoodsGoesBackToTheCustomer) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.as_system().when(apply("A", usd(80))).then_ignore();
  invoice.as("fin", Role::Finance).when(credit("CN-1", usd(50)));
  const auto& credited = invoice.then<schema::CreditNoteIssuedT>();
  EXPECT_EQ(credited.balance, usd(0));
  EXPECT_EQ(credited.unapplied, usd(30));
  EXPECT_EQ(credited.base_amount, usd(20));  // what it takes from the open balance
  invoice.then<schema::InvoicePaidT>();
  EXPECT_EQ(settlement(invoice.state()), Settlement::Overpaid);
  // Paid already: said once.
  invoice.when(credit("CN-2", usd(50)));
  EXPECT_EQ(invoice.then<schema::CreditNoteIssuedT>().unapplied, usd(50));
  EXPECT_EQ(invoice.state().stage, schema::InvoiceStage::Credited);
  EXPECT_EQ(open_minor(invoice.state()), 0);
}

TEST(InvoiceCredit, DoesNotGiveBackWhatADiscountOrWriteOffCovered) {
  Invoice invoice("INV-1");
  issue(invoice, discounted(usd(100'000)));
  invoice.as_system().at(noon("2024-01-20")).when(apply("A", usd(97'990))).then_ignore();
  invoice.as("fin", Role::Finance).when(credit("CN-1", usd(97'991)));
  invoice.then_rejected(RejectionCode::LimitExceeded, "/amount");
  invoice.when(credit("CN-1", usd(97'990)));
  const auto& credited = invoice.then<schema::CreditNoteIssuedT>();
  EXPECT_EQ(credited.unapplied, usd(97'990));
  EXPECT_TRUE(credited.closes);
}

TEST(InvoiceCredit, AfterThePaymentIsTakenOffTheInvoiceIsOwedAgain) {
  // The customer holds 30 of credit and 100 of cash, and owes 100: the 70 that were sold.
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  invoice.as_system().when(apply("A", usd(100))).then_ignore();
  invoice.when(credit("CN-1", usd(30))).then_ignore();
  invoice.when(unapply("A"));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentUnappliedT>().balance, usd(100));
  // Crediting the rest leaves what was handed out already: that stays payable.
  invoice.when(credit("CN-2", usd(70)));
  const auto& rest = invoice.then<schema::CreditNoteIssuedT>();
  EXPECT_EQ(rest.balance, usd(30));
  EXPECT_FALSE(rest.closes);
  invoice.when(apply("B", usd(100)));
  EXPECT_EQ(invoice.then<schema::InvoicePaymentAppliedT>().amount, usd(30));
  invoice.then<schema::InvoicePaidT>();
}

TEST(InvoiceCredit, LinesMustBeOnTheInvoice) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));
  const auto with_line = [](std::uint32_t line, std::int64_t milli) {
    auto command = credit("CN-1", usd(10));
    schema::ShippedQuantityT quantity;
    quantity.line = line;
    quantity.quantity = Quantity(milli);
    command.lines.push_back(boxed(std::move(quantity)));
    return command;
  };
  invoice.when(with_line(9, 1'000)).then_rejected(RejectionCode::InvalidArgument, "/lines/0");
  invoice.when(with_line(1, 2'001)).then_rejected(RejectionCode::InvalidArgument, "/lines/0");
  invoice.when(with_line(1, 0)).then_rejected(RejectionCode::InvalidArgument, "/lines/0");
  invoice.when(with_line(1, 2'000));
  EXPECT_EQ(invoice.then<schema::CreditNoteIssuedT>().lines.at(0)->quantity.milli(), 2'000);
}

}  // namespace
}  // namespace orderlog::engine::test
