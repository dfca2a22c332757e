// A quote in the customer's hands (domain.md 3.3, 4.6): validity, answer, rounds, the one order.
#include "tests/engine/sales/quote_scenario.h"

namespace orderlog::engine::test::quotes {
namespace {

TEST(Quote, IssuesWithADefaultValidity) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Approved);
  auto past = issue;
  past.valid_until = start_day - 1;
  quote.when(past).then_rejected(RejectionCode::InvalidArgument, "/valid_until");
  quote.when(issue);
  const auto& issued = quote.then<schema::QuoteIssuedT>();
  EXPECT_EQ(issued.valid_until, start_day + 30);
  EXPECT_EQ(issued.revision, 1);
  EXPECT_EQ(issued.total, Money(20'000, Currency::USD));
  quote.when(issue).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Quote, ValidityEndsWithTheDayInTheCustomersZone) {
  // 12:00 UTC on the 15th is already the 16th in Auckland (UTC+13): its last day here.
  QuoteScenario quote(Grade::A, "Pacific/Auckland");
  quote.when(draft()).then_ignore();
  quote.when(submit).then_ignore();
  auto today = issue;
  today.valid_until = start_day;
  quote.when(today).then_rejected(RejectionCode::InvalidArgument, "/valid_until");
  today.valid_until = start_day + 1;
  quote.when(today).then_ignore();
  ASSERT_TRUE(quote.deadline().has_value());
  EXPECT_EQ(timestamp_to_text(*quote.deadline()), "2024-01-16T11:00:00Z");
  const auto due = *quote.deadline();
  quote.at(due).when(accept).then_rejected(RejectionCode::Expired);
  quote.at(due - 1).when(accept).then<schema::QuoteAcceptedT>();
}

TEST(Quote, ExpiresByTimerAndCanBeExtended) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Issued);
  quote.at(*quote.deadline() - 1).as_system().when(check_expiry).then_nothing();
  quote.as("ann", Role::Sales).when(check_expiry).then_rejected(RejectionCode::EngineOnly);
  quote.when(extend_to(start_day + 60)).then_rejected(RejectionCode::InvalidTransition);
  quote.when_due(check_expiry);
  EXPECT_EQ(quote.then<schema::QuoteExpiredT>().valid_until, start_day + 30);
  // Kept for its days of grace, then withdrawn (4.6).
  ASSERT_TRUE(quote.deadline().has_value());
  EXPECT_EQ(utc_day(*quote.deadline()), start_day + 30 + 30 + 1);
  quote.as_system().when(check_expiry).then_nothing();
  quote.as("ann", Role::Sales).when(accept).then_rejected(RejectionCode::Expired);
  quote.when(extend_to(start_day + 30))
      .then_rejected(RejectionCode::InvalidArgument, "/valid_until");
  quote.when(extend_to(start_day + 40)).then<schema::QuoteExtendedT>();
  EXPECT_EQ(quote.state().stage, QuoteStage::Issued);
  quote.when(accept).then<schema::QuoteAcceptedT>();
  EXPECT_FALSE(quote.deadline().has_value()) << "an accepted quote does not expire";
}

TEST(Quote, WithoutDaysOfGraceItIsWithdrawnWithItsExpiry) {
  QuoteScenario quote;
  quote.policy.quote.auto_cancel_days = 0;
  bring_to(quote, QuoteStage::Issued);
  quote.when_due(check_expiry);
  quote.then<schema::QuoteExpiredT>();
  quote.then<schema::QuoteWithdrawnT>();
  EXPECT_EQ(quote.state().stage, QuoteStage::Withdrawn);
  EXPECT_FALSE(quote.deadline().has_value());
}

TEST(Quote, HistoryMayBeAcceptedLate) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Issued);
  quote.at(*quote.deadline()).as_import().when(accept).then<schema::QuoteAcceptedT>();
}

TEST(Quote, IsRejectedWithAReason) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Issued);
  quote.when(reject_because("")).then_rejected(RejectionCode::InvalidArgument, "/reason");
  quote.when(reject_because("price"));
  EXPECT_EQ(quote.then<schema::QuoteRejectedT>().reason, "price");
}

TEST(Quote, IsWithdrawnUntilAccepted) {
  for (const auto stage : all_stages) {
    QuoteScenario quote;
    bring_to(quote, stage);
    const std::string approval_id = quote.state().approval_id;
    quote.when(withdraw);
    switch (stage) {
      case QuoteStage::Draft:
      case QuoteStage::PendingApproval:
      case QuoteStage::Approved:
      case QuoteStage::Issued:
        EXPECT_EQ(quote.then<schema::QuoteWithdrawnT>().approval_id,
                  stage == QuoteStage::PendingApproval ? approval_id : "");
        break;
      default:
        quote.then_rejected(RejectionCode::InvalidTransition);
    }
  }
}

TEST(Quote, ARevisionIsANewQuote) {
  for (const auto stage : {QuoteStage::Issued, QuoteStage::Rejected, QuoteStage::Expired}) {
    QuoteScenario quote;
    bring_to(quote, stage);
    quote.when(revise("")).then_rejected(RejectionCode::InvalidArgument, "/new_quote_id");
    quote.when(revise("Q-1")).then_rejected(RejectionCode::InvalidArgument, "/new_quote_id");
    quote.when(revise("Q-2"));
    const auto& revised = quote.then<schema::QuoteRevisedT>();
    EXPECT_EQ(revised.revision, 2);
    EXPECT_EQ(revised.customer_id, "C-1");
    ASSERT_EQ(revised.lines.size(), 1u);
    EXPECT_EQ(revised.lines[0]->quantity, Quantity(10'000));
    EXPECT_EQ(revised.lines[0]->unit_price.currency(), Currency::None) << "priced anew";
    EXPECT_EQ(quote.state().stage, QuoteStage::Superseded);
    quote.when(revise("Q-3")).then_rejected(RejectionCode::InvalidTransition);
    quote.when(accept).then_rejected(RejectionCode::InvalidTransition);
  }
}

TEST(Quote, ARevisionOfBadLinesLeavesTheQuoteStanding) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Issued);
  auto command = revise("Q-2");
  command.lines.push_back(line(1, 0, "UNKNOWN"));
  quote.when(command).then_rejected(RejectionCode::NotFound, "/lines/0/product_id");
  EXPECT_EQ(quote.state().stage, QuoteStage::Issued);
}

schema::DraftRevisionT revision(std::int32_t number) {
  auto command = of_quote<schema::DraftRevisionT>();
  command.previous_quote_id = "Q-0";
  command.customer_id = "C-1";
  command.currency = Currency::USD;
  command.lines.push_back(line(9));
  command.salesperson = "ann";
  command.revision = number;
  return command;
}

TEST(Quote, TheNextRoundIsDraftedByTheEngine) {
  QuoteScenario quote;
  quote.when(revision(2)).then_rejected(RejectionCode::EngineOnly);
  quote.as_system().when(revision(2));
  const auto& drafted = quote.then<schema::QuoteDraftedT>();
  EXPECT_EQ(drafted.revision, 2);
  EXPECT_EQ(drafted.previous_quote_id, "Q-0");
  EXPECT_EQ(drafted.salesperson, "ann");
  EXPECT_EQ(drafted.total, Money(18'000, Currency::USD));
  quote.when(revision(2)).then_nothing();
  quote.when(revision(3)).then_rejected(RejectionCode::AlreadyExists);
}

TEST(Quote, RoundsAreLimited) {
  for (const std::int32_t round : {4, 5}) {
    QuoteScenario quote;
    quote.as_system().when(revision(round)).then_ignore();
    quote.as("ann", Role::Sales).when(submit).then_ignore();
    quote.when(issue).then_ignore();
    quote.when(revise("Q-9"));
    if (round < 5) {
      quote.then<schema::QuoteRevisedT>();
    } else {
      quote.then_rejected(RejectionCode::LimitExceeded);
    }
  }
}

TEST(Quote, IsOrderedExactlyOnce) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Accepted);
  quote.when(order("")).then_rejected(RejectionCode::InvalidArgument, "/order_id");
  auto command = order("O-1");
  command.requested_date = start_day - 1;
  quote.when(command).then_rejected(RejectionCode::InvalidArgument, "/requested_date");
  command.requested_date = start_day;
  command.external_reference = "PO 4711";
  quote.when(command);
  const auto& ordered = quote.then<schema::QuoteOrderedT>();
  EXPECT_EQ(ordered.order_id, "O-1");
  EXPECT_EQ(ordered.customer_id, "C-1");
  ASSERT_EQ(ordered.lines.size(), 1u);
  EXPECT_EQ(ordered.lines[0]->net, Money(20'000, Currency::USD));
  EXPECT_EQ(ordered.requested_date.value(), start_day);
  EXPECT_EQ(ordered.ship_to->city, "Dresden") << "the customer's address unless told";
  EXPECT_EQ(ordered.external_reference, "PO 4711");
  quote.when(command).then_nothing();
  quote.when(order("O-2")).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Quote, IsOrderedOnlyWhenAccepted) {
  for (const auto stage : all_stages) {
    if (stage == QuoteStage::Accepted || stage == QuoteStage::Ordered) continue;
    QuoteScenario quote;
    bring_to(quote, stage);
    quote.when(order("O-1")).then_rejected(RejectionCode::InvalidTransition);
  }
  QuoteScenario none;
  none.when(order("O-1")).then_rejected(RejectionCode::NotFound);
}

TEST(Quote, OnlyAnIssuedQuoteIsAnswered) {
  for (const auto stage : all_stages) {
    if (stage == QuoteStage::Issued) continue;
    QuoteScenario quote;
    bring_to(quote, stage);
    quote.when(reject_because("x")).then_rejected(RejectionCode::InvalidTransition);
    quote.when(accept).then_rejected(
        stage == QuoteStage::Expired ? RejectionCode::Expired : RejectionCode::InvalidTransition);
  }
}

}  // namespace
}  // namespace orderlog::engine::test::quotes
