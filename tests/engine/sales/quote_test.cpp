// The quote's life (domain.md 3.3, 4.5, 4.6, 4.8): each transition and each thing it must refuse.
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {
namespace {

using schema::Currency;
using schema::Grade;
using schema::PriceLevel;
using schema::QuoteStage;
using schema::Role;

// 2024-01-15 in UTC, where scenarios start.
constexpr Day start_day = 19'737;

schema::ProductStateT product_of(std::int64_t price_cents, std::int64_t cost_cents) {
  schema::ProductStateT product;
  product.status = schema::ProductStatus::Active;
  product.profile = std::make_unique<schema::ProductProfileT>();
  product.profile->product_class = "tools";
  product.profile->unit_cost = UnitPrice(cost_cents, Currency::USD, 2);
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = "base";
  rule->level = PriceLevel::Base;
  rule->unit_price = UnitPrice(price_cents, Currency::USD, 2);
  product.prices.push_back(std::move(rule));
  return product;
}

schema::CustomerStateT customer_of(Grade grade, std::string zone = "UTC") {
  schema::CustomerStateT customer;
  customer.status = schema::CustomerStatus::Active;
  customer.grade = grade;
  customer.profile = std::make_unique<schema::CustomerProfileT>();
  customer.profile->time_zone = std::move(zone);
  customer.profile->address = std::make_unique<schema::AddressT>();
  customer.profile->address->city = "Dresden";
  return customer;
}

struct QuoteScenario : Scenario<QuoteAggregate> {
  explicit QuoteScenario(Grade grade = Grade::A, std::string zone = "UTC")
      : Scenario<QuoteAggregate>("Q-1") {
    reference.products["HAMMER"] = product_of(2000, 1000);
    reference.customers["C-1"] = customer_of(grade, std::move(zone));
    as("ann", Role::Sales);
  }
};

std::unique_ptr<schema::QuoteLineRequestT> line(std::int64_t units, std::int32_t discount_ppm = 0,
                                                std::string product = "HAMMER") {
  auto request = std::make_unique<schema::QuoteLineRequestT>();
  request->product_id = std::move(product);
  request->quantity = Quantity(units * 1000);
  request->discount_ppm = discount_ppm;
  return request;
}

template <class CommandT>
CommandT of_quote(CommandT command = {}) {
  command.quote_id = "Q-1";
  return command;
}
schema::DraftQuoteT draft(std::int64_t units = 10, std::int32_t discount_ppm = 0) {
  auto command = of_quote<schema::DraftQuoteT>();
  command.customer_id = "C-1";
  command.lines.push_back(line(units, discount_ppm));
  command.channel = "web";
  return command;
}
schema::RecordQuoteApprovalT outcome(std::string approval_id, bool granted) {
  auto command = of_quote<schema::RecordQuoteApprovalT>();
  command.approval_id = std::move(approval_id);
  command.granted = granted;
  command.reason = granted ? "" : "too cheap";
  return command;
}
schema::PlaceOrderFromQuoteT order(std::string order_id) {
  auto command = of_quote<schema::PlaceOrderFromQuoteT>();
  command.order_id = std::move(order_id);
  return command;
}
schema::ReviseQuoteT revise(std::string new_id) {
  auto command = of_quote<schema::ReviseQuoteT>();
  command.new_quote_id = std::move(new_id);
  return command;
}
schema::RejectQuoteT reject_because(std::string reason) {
  auto command = of_quote<schema::RejectQuoteT>();
  command.reason = std::move(reason);
  return command;
}
schema::ExtendQuoteT extend_to(Day day) {
  auto command = of_quote<schema::ExtendQuoteT>();
  command.valid_until = day;
  return command;
}
const auto submit = of_quote<schema::SubmitQuoteT>();
const auto issue = of_quote<schema::IssueQuoteT>();
const auto accept = of_quote<schema::AcceptQuoteT>();
const auto withdraw = of_quote<schema::WithdrawQuoteT>();
const auto check_expiry = of_quote<schema::CheckQuoteExpiryT>();

void bring_to(QuoteScenario& quote, QuoteStage stage) {
  quote.when(draft(10, stage == QuoteStage::PendingApproval ? 60'000 : 0)).then_ignore();
  if (stage == QuoteStage::Draft) return;
  quote.when(submit).then_ignore();
  if (stage == QuoteStage::PendingApproval || stage == QuoteStage::Approved) return;
  quote.when(issue).then_ignore();
  if (stage == QuoteStage::Issued) return;
  if (stage == QuoteStage::Rejected) {
    quote.when(reject_because("price")).then_ignore();
  } else if (stage == QuoteStage::Withdrawn) {
    quote.when(withdraw).then_ignore();
  } else if (stage == QuoteStage::Superseded) {
    quote.when(revise("Q-2")).then_ignore();
  } else if (stage == QuoteStage::Expired) {
    quote.when_due(check_expiry).then_ignore();
  } else {
    quote.when(accept).then_ignore();
    if (stage == QuoteStage::Ordered) quote.when(order("O-1")).then_ignore();
  }
}

const std::vector<QuoteStage> all_stages{
    QuoteStage::Draft,     QuoteStage::PendingApproval, QuoteStage::Approved, QuoteStage::Issued,
    QuoteStage::Accepted,  QuoteStage::Ordered,         QuoteStage::Rejected, QuoteStage::Expired,
    QuoteStage::Withdrawn, QuoteStage::Superseded};

TEST(Quote, EveryStageCanBeReached) {
  for (const auto stage : all_stages) {
    QuoteScenario quote;
    bring_to(quote, stage);
    EXPECT_EQ(quote.state().stage, stage) << schema::EnumNameQuoteStage(stage);
  }
}

TEST(Quote, DraftPricesItsLines) {
  QuoteScenario quote;
  auto command = draft(10, 50'000);
  command.lines.push_back(line(1));
  quote.when(command);
  const auto& event = quote.then<schema::QuoteDraftedT>();
  EXPECT_EQ(event.customer_id, "C-1");
  EXPECT_EQ(event.salesperson, "ann");
  EXPECT_EQ(event.currency, Currency::USD);
  EXPECT_EQ(event.revision, 1);
  ASSERT_EQ(event.lines.size(), 2u);
  EXPECT_EQ(event.lines[0]->line, 1u);
  EXPECT_EQ(event.lines[1]->line, 2u);
  EXPECT_EQ(event.lines[0]->price->rule_id, "base");
  EXPECT_EQ(event.lines[0]->net, Money(19'000, Currency::USD));
  EXPECT_EQ(event.lines[0]->cost, Money(10'000, Currency::USD));
  EXPECT_EQ(event.lines[0]->product_class, "tools");
  EXPECT_EQ(event.total, Money(21'000, Currency::USD));
}

TEST(Quote, DraftRefusesWhatCannotBeSold) {
  QuoteScenario quote;
  auto command = draft();
  command.customer_id = "NOBODY";
  quote.when(command).then_rejected(RejectionCode::NotFound, "/customer_id");
  quote.reference.customers["C-2"] = customer_of(Grade::A);
  quote.reference.customers["C-2"].status = schema::CustomerStatus::Inactive;
  command.customer_id = "C-2";
  quote.when(command).then_rejected(RejectionCode::InvalidArgument, "/customer_id");
  command = draft();
  command.lines.clear();
  quote.when(command).then_rejected(RejectionCode::InvalidArgument, "/lines");
  command.lines.push_back(line(1));
  command.lines.push_back(line(1, 0, "UNKNOWN"));
  quote.when(command).then_rejected(RejectionCode::NotFound, "/lines/1/product_id");
  command.lines.back() = line(0);
  quote.when(command).then_rejected(RejectionCode::InvalidArgument, "/lines/1/quantity");
  command.lines.back() = line(2'000'000'000);
  quote.when(command).then_rejected(RejectionCode::LimitExceeded, "/lines/1/quantity");
  command.lines.back() = line(1);
  command.lines.front()->line = command.lines.back()->line = 5;
  quote.when(command).then_rejected(RejectionCode::InvalidArgument, "/lines/1/line");
  quote.reference.products["HAMMER"].status = schema::ProductStatus::Discontinued;
  quote.when(draft()).then_rejected(RejectionCode::InvalidArgument, "/lines/0/product_id");
  command = draft();
  quote.policy.order.lines_max = 0;
  quote.when(command).then_rejected(RejectionCode::LimitExceeded, "/lines");
  EXPECT_EQ(quote.version(), 0u);
}

TEST(Quote, DraftedOnlyOnce) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Draft);
  quote.when(draft()).then_rejected(RejectionCode::AlreadyExists);
}

TEST(Quote, TheCustomersRulesSetThePrice) {
  QuoteScenario quote(Grade::B);
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = "for-b";
  rule->level = PriceLevel::Grade;
  rule->key = "B";
  rule->unit_price = UnitPrice(1900, Currency::USD, 2);
  quote.reference.products["HAMMER"].prices.push_back(std::move(rule));
  quote.when(draft(1));
  EXPECT_EQ(quote.then<schema::QuoteDraftedT>().lines[0]->price->rule_id, "for-b");
}

TEST(Quote, HistoryMayHoldUnknownCustomersAndProductsIfPriced) {
  QuoteScenario quote;
  quote.reference.customers.clear();
  quote.reference.products.clear();
  auto command = draft();
  quote.as_import().when(command).then_rejected(RejectionCode::NotFound, "/lines/0/product_id");
  command.lines[0]->unit_price = UnitPrice(700, Currency::USD, 2);
  quote.when(command);
  EXPECT_EQ(quote.then<schema::QuoteDraftedT>().lines[0]->price->level, PriceLevel::Given);
  quote.when(submit);
  EXPECT_TRUE(quote.then<schema::QuoteSubmittedT>().tiers.empty());
  quote.then<schema::QuoteApprovedT>();
}

TEST(Quote, EditsOnlyTheDraft) {
  auto edit = of_quote<schema::EditQuoteLinesT>();
  edit.lines.push_back(line(3));
  for (const auto stage : all_stages) {
    QuoteScenario quote;
    bring_to(quote, stage);
    quote.when(edit);
    if (stage == QuoteStage::Draft) {
      EXPECT_EQ(quote.then<schema::QuoteLinesChangedT>().total, Money(6000, Currency::USD));
      EXPECT_EQ(quote.state().total, Money(6000, Currency::USD));
    } else {
      quote.then_rejected(RejectionCode::InvalidTransition);
    }
  }
}

TEST(Quote, ASmallQuoteIsApprovedAtOnce) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::Draft);
  quote.when(submit);
  EXPECT_TRUE(quote.then<schema::QuoteSubmittedT>().tiers.empty());
  quote.then<schema::QuoteApprovedT>();
  EXPECT_EQ(quote.state().stage, QuoteStage::Approved);
  quote.when(submit).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Quote, DiscountMarginAmountAndGradeAskForApproval) {
  struct Case {
    std::int64_t units;
    std::int32_t discount;
    Role role;
    Grade grade;
    std::size_t tiers;
  };
  for (const auto& c :
       {Case{10, 50'000, Role::Sales, Grade::A, 0}, Case{10, 50'001, Role::Sales, Grade::A, 1},
        Case{10, 50'001, Role::SeniorSales, Grade::A, 0},
        // 20.00 less 45 % is 11.00; cost 10.00 leaves less than 10 %.
        Case{10, 450'000, Role::Manager, Grade::A, 1}, Case{499, 0, Role::Sales, Grade::A, 0},
        Case{500, 0, Role::Sales, Grade::A, 1}, Case{5'000, 0, Role::Sales, Grade::A, 2},
        Case{50'000, 0, Role::Sales, Grade::A, 3}, Case{1, 0, Role::Sales, Grade::C, 1},
        Case{1, 0, Role::Sales, Grade::D, 1}}) {
    QuoteScenario quote(c.grade);
    quote.when(draft(c.units, c.discount)).then_ignore();
    quote.as("ann", c.role).when(submit);
    const auto& submitted = quote.then<schema::QuoteSubmittedT>();
    EXPECT_EQ(submitted.tiers.size(), c.tiers) << c.units << " units, discount " << c.discount;
    if (c.tiers == 0) {
      quote.then<schema::QuoteApprovedT>();
    } else {
      EXPECT_FALSE(submitted.approval_id.empty());
      EXPECT_FALSE(submitted.reason.empty());
      EXPECT_EQ(submitted.requested_by, "ann");
      EXPECT_EQ(submitted.version, quote.version());
      EXPECT_EQ(quote.state().stage, QuoteStage::PendingApproval);
    }
  }
}

TEST(Quote, AGivenPriceBelowTheListIsADiscount) {
  QuoteScenario quote;
  auto command = draft();
  command.lines[0]->unit_price = UnitPrice(1500, Currency::USD, 2);
  quote.when(command).then_ignore();
  quote.when(submit);
  EXPECT_EQ(quote.then<schema::QuoteSubmittedT>().tiers, std::vector<Role>{Role::Manager});
}

TEST(Quote, AForeignAmountIsSeenByAManager) {
  QuoteScenario quote;
  quote.policy.base_currency = Currency::EUR;
  quote.when(draft()).then_ignore();
  quote.when(submit);
  EXPECT_EQ(quote.state().currency, Currency::USD) << quote.state().total.minor();
  const auto& submitted = quote.then<schema::QuoteSubmittedT>();
  EXPECT_EQ(submitted.tiers, std::vector<Role>{Role::Manager});
  EXPECT_NE(submitted.reason.find("USD"), std::string::npos);
}

TEST(Quote, TheApprovalsAnswerCountsOnceAndOnlyForItsSubmission) {
  QuoteScenario quote;
  bring_to(quote, QuoteStage::PendingApproval);
  const std::string approval_id = quote.state().approval_id;
  quote.when(outcome(approval_id, true)).then_rejected(RejectionCode::EngineOnly);
  quote.as_system().when(outcome("another", true)).then_nothing();
  quote.when(outcome(approval_id, false));
  EXPECT_EQ(quote.then<schema::QuoteReturnedT>().reason, "too cheap");
  EXPECT_EQ(quote.state().stage, QuoteStage::Draft);
  quote.when(outcome(approval_id, true)).then_nothing();
  quote.as("ann", Role::Sales).when(submit);
  const std::string second = quote.then<schema::QuoteSubmittedT>().approval_id;
  EXPECT_NE(second, approval_id);
  quote.as_system().when(outcome(approval_id, true)).then_nothing();
  quote.when(outcome(second, true)).then<schema::QuoteApprovedT>();
  quote.when(outcome(second, true)).then_nothing();
}

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
  EXPECT_FALSE(quote.deadline().has_value());
  quote.as_system().when(check_expiry).then_nothing();
  quote.as("ann", Role::Sales).when(accept).then_rejected(RejectionCode::Expired);
  quote.when(extend_to(start_day + 30))
      .then_rejected(RejectionCode::InvalidArgument, "/valid_until");
  quote.when(extend_to(start_day + 40)).then<schema::QuoteExtendedT>();
  EXPECT_EQ(quote.state().stage, QuoteStage::Issued);
  quote.when(accept).then<schema::QuoteAcceptedT>();
  EXPECT_FALSE(quote.deadline().has_value()) << "an accepted quote does not expire";
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
}  // namespace orderlog::engine::test
