// An invoice comes about: content that adds up, one number, due dates; and how it is voided.
#include "tests/engine/billing/billing_builders.h"

namespace orderlog::engine::test {
namespace {

TEST(InvoiceDraft, KeepsTheContentAndKnowsItsBaseTotal) {
  Invoice invoice("INV-1");
  auto draft = draft_of(usd(11'900));
  draft.content->lines.clear();
  draft.content->lines.push_back(boxed(share(1, 8'000, 1'520)));
  draft.content->lines.push_back(boxed(share(2, 1'000, 190)));
  draft.content->freight = usd(1'190);
  invoice.when(std::move(draft));
  const auto& drafted = invoice.then<schema::InvoiceDraftedT>();
  EXPECT_EQ(drafted.customer_id, "C-1");
  EXPECT_EQ(drafted.content->total, usd(11'900));
  EXPECT_EQ(drafted.content->base_total, usd(11'900));
  EXPECT_EQ(invoice.state().stage, schema::InvoiceStage::Draft);
  EXPECT_FALSE(invoice.deadline());
}

TEST(InvoiceDraft, RefusesContentThatDoesNotAddUp) {
  Invoice invoice("INV-1");
  auto off_by_one = draft_of(usd(11'900));
  off_by_one.content->lines[0]->net = usd(11'899);
  invoice.when(std::move(off_by_one))
      .then_rejected(RejectionCode::InvalidArgument, "/content/total");

  auto mixed = draft_of(usd(100));
  mixed.content->lines[0]->tax = eur(0);
  mixed.content->freight = eur(5);
  invoice.when(std::move(mixed)).then_rejected(RejectionCode::CurrencyMismatch);

  auto negative = draft_of(usd(100));
  negative.content->lines.push_back(boxed(share(2, -50, 50)));
  invoice.when(std::move(negative))
      .then_rejected(RejectionCode::InvalidArgument, "/content/lines/1/net");

  auto nothing_sold = draft_of(usd(100));
  nothing_sold.content->lines[0]->quantity = Quantity(0);
  invoice.when(std::move(nothing_sold))
      .then_rejected(RejectionCode::InvalidArgument, "/content/lines/0/quantity");

  auto huge = draft_of(usd(INT64_MAX));
  huge.content->lines.push_back(boxed(share(2, 1, 0)));
  invoice.when(std::move(huge)).then_rejected(RejectionCode::Overflow);

  invoice.when(draft_of(usd(-1))).then_rejected(RejectionCode::InvalidArgument, "/content/total");
  invoice.when(draft_of(Money(100, Currency::None)))
      .then_rejected(RejectionCode::InvalidArgument, "/content/total");

  auto nobody = draft_of(usd(100));
  nobody.customer_id.clear();
  invoice.when(std::move(nobody)).then_rejected(RejectionCode::InvalidArgument, "/customer_id");
  EXPECT_EQ(invoice.version(), 0U);
}

TEST(InvoiceDraft, AnotherCurrencyNeedsARateOrABaseTotal) {
  Invoice without("INV-1");
  without.when(draft_of(eur(10'000))).then_rejected(RejectionCode::CurrencyMismatch);

  Invoice by_rate("INV-1");
  auto draft = draft_of(eur(10'000));
  draft.content->exchange_rate = std::make_unique<schema::ExchangeRateT>();
  draft.content->exchange_rate->mantissa = 10'825;
  draft.content->exchange_rate->scale = 4;
  by_rate.when(std::move(draft));
  EXPECT_EQ(by_rate.then<schema::InvoiceDraftedT>().content->base_total, usd(10'825));

  Invoice given("INV-1");
  auto with_base = draft_of(eur(10'000));
  with_base.content->base_total = usd(10'801);
  given.when(std::move(with_base));
  EXPECT_EQ(given.then<schema::InvoiceDraftedT>().content->base_total, usd(10'801));

  Invoice wrong("INV-1");
  auto other_base = draft_of(usd(10'000));
  other_base.content->base_total = usd(9'999);
  wrong.when(std::move(other_base))
      .then_rejected(RejectionCode::InvalidArgument, "/content/base_total");
}

TEST(InvoiceDraft, IsDoneOnceAndOrdersAreInvoicedFromShipmentsOnly) {
  Invoice invoice("INV-1");
  auto of_order = draft_of(usd(100));
  of_order.order_id = "O-1";
  invoice.when(of_order).then_rejected(RejectionCode::EngineOnly, "/order_id");
  invoice.as_system().when(of_order).then_ignore();
  // The process manager may say it twice; a person may not change what is there.
  invoice.when(of_order).then_nothing();
  invoice.as("ann", Role::Finance).when(draft_of(usd(200)));
  invoice.then_rejected(RejectionCode::AlreadyExists);
  EXPECT_EQ(invoice.state().content->total, usd(100));
}

TEST(InvoiceIssue, AsksForANumberOnceAndTakesTheFirstAnswer) {
  Invoice invoice("INV-1");
  invoice.when(issue_command()).then_rejected(RejectionCode::NotFound);
  invoice.when(draft_of(usd(5'000))).then_ignore();
  invoice.as_system().when(complete(7)).then_nothing();  // not asked for yet
  invoice.as("ann", Role::Finance).when(issue_command());
  EXPECT_EQ(invoice.then<schema::InvoiceIssueRequestedT>().series_id, "INV");
  invoice.when(issue_command()).then_nothing();
  invoice.when(complete(7)).then_rejected(RejectionCode::EngineOnly);
  invoice.as_system().when(complete(0)).then_rejected(RejectionCode::InvalidArgument, "/number");

  invoice.when(complete(7));
  const auto& issued = invoice.then<schema::InvoiceIssuedT>();
  EXPECT_EQ(issued.number, 7U);
  EXPECT_EQ(issued.total, usd(5'000));
  EXPECT_EQ(issued.issued_on, day("2024-01-15"));
  ASSERT_EQ(issued.due.size(), 1U);
  EXPECT_EQ(issued.due[0]->due_date, day("2024-02-14"));  // NET 30
  EXPECT_EQ(issued.due[0]->amount, usd(5'000));
  ASSERT_EQ(issued.lines.size(), 1U);
  EXPECT_EQ(issued.lines[0]->quantity.milli(), 2'000);

  invoice.when(complete(8)).then_nothing();
  invoice.when(issue_command()).then_nothing();
  EXPECT_EQ(invoice.state().number, 7U);
  invoice.as("ann", Role::Finance).when(issue_command());
  invoice.then_rejected(RejectionCode::InvalidTransition);
}

TEST(InvoiceIssue, IsDatedInTheCompanysZone) {
  Invoice invoice("INV-1");
  invoice.policy.time_zone = "Asia/Shanghai";
  invoice.at(day("2024-01-15") * us_per_day + 17 * us_per_hour);
  issue(invoice, draft_of(usd(100)));
  EXPECT_EQ(invoice.state().issued_on, day("2024-01-16"));
}

TEST(InvoiceIssue, NothingToPayIsPaid) {
  Invoice invoice("INV-1");
  invoice.as_system().when(draft_of(usd(0))).then_ignore();
  invoice.when(issue_command()).then_ignore();
  invoice.when(complete(1));
  EXPECT_TRUE(invoice.then<schema::InvoiceIssuedT>().due.empty());
  EXPECT_TRUE(invoice.then<schema::InvoicePaidT>().on_time);
  EXPECT_FALSE(invoice.deadline());
}

TEST(InvoiceVoid, OnlyWhileTheBooksOfItsMonthAreOpen) {
  Invoice invoice("INV-1");
  issue(invoice, draft_of(usd(100)));  // 2024-01-15
  invoice.at(noon("2024-02-11")).when(void_invoice());
  invoice.then_rejected(RejectionCode::InvalidTransition);
  invoice.at(noon("2024-02-10")).when(void_invoice()).then<schema::InvoiceVoidedT>();

  Invoice history("INV-1");
  issue(history, draft_of(usd(100)));
  history.as_import().at(noon("2024-06-01")).when(void_invoice()).then<schema::InvoiceVoidedT>();
}

TEST(InvoiceVoid, DraftOrIssuedWithNothingOnIt) {
  Invoice draft("INV-1");
  draft.when(draft_of(usd(100))).then_ignore();
  draft.when(void_invoice());
  EXPECT_FALSE(draft.then<schema::InvoiceVoidedT>().issued);
  draft.when(void_invoice()).then_rejected(RejectionCode::InvalidTransition);

  Invoice issued("INV-1");
  issue(issued, draft_of(usd(100)));
  issued.when(void_invoice());
  const auto& voided = issued.then<schema::InvoiceVoidedT>();
  EXPECT_TRUE(voided.issued);
  EXPECT_EQ(voided.total, usd(100));
  EXPECT_EQ(voided.lines.size(), 1U);
  EXPECT_FALSE(issued.deadline());
}

TEST(InvoiceVoid, NotWhileItsNumberIsBeingDrawn) {
  Invoice invoice("INV-1");
  invoice.when(draft_of(usd(100))).then_ignore();
  invoice.when(issue_command()).then_ignore();
  invoice.when(void_invoice()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(InvoiceVoid, NotWithPaymentsOrCredits) {
  Invoice paid("INV-1");
  issue(paid, draft_of(usd(100)));
  paid.as_system().when(apply("A", usd(100))).then_ignore();
  paid.as("fin", Role::Finance).when(void_invoice());
  paid.then_rejected(RejectionCode::InvalidTransition);
  // Once the payment is off it may be.
  paid.as_system().when(unapply("A")).then_ignore();
  paid.as("fin", Role::Finance).when(void_invoice()).then_ignore();

  Invoice credited("INV-1");
  issue(credited, draft_of(usd(100)));
  credited.when(credit("CN-1", usd(40))).then_ignore();
  credited.when(void_invoice()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Series, NumbersWithoutAGapOncePerDocument) {
  Scenario<SeriesAggregate> series("INV");
  const auto ask = [](std::string document_id) {
    schema::AssignNumberT command;
    command.series_id = "INV";
    command.document_id = std::move(document_id);
    return command;
  };
  series.when(ask("INV-1")).then_rejected(RejectionCode::EngineOnly);
  series.as_system();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const std::string document_id = "INV-" + std::to_string(n);
    series.when(ask(document_id));
    const auto& assigned = series.then<schema::NumberAssignedT>();
    EXPECT_EQ(assigned.number, n);
    EXPECT_EQ(assigned.document_id, document_id);
    series.when(ask(document_id)).then_nothing();
  }
  series.when(ask("")).then_rejected(RejectionCode::InvalidArgument, "/document_id");
  EXPECT_EQ(series.state().last_number, 5U);
}

}  // namespace
}  // namespace orderlog::engine::test
