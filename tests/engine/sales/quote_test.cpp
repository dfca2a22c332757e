// A quote until it may be issued (domain.md 3.3, 4.5, 4.8): lines, prices, approval.
#include "tests/engine/sales/quote_scenario.h"

namespace orderlog::engine::test::quotes {
namespace {

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
  auto command = draft();
  command.currency = Currency::USD;
  quote.when(command).then_ignore();
  quote.when(submit);
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

}  // namespace
}  // namespace orderlog::engine::test::quotes
