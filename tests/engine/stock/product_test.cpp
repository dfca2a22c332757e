// Product master data and price rules (domain.md 4.1, 4.5).
#include "engine/product/checks.h"
#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

using schema::Currency;
using schema::PriceLevel;
using schema::UnitPrice;

schema::DefineProductT define() {
  schema::DefineProductT command;
  command.product_id = "widget";
  command.profile = std::make_unique<schema::ProductProfileT>();
  command.profile->name = "Widget";
  return command;
}

schema::SetPriceT price(std::string rule_id, PriceLevel level, std::string key,
                        UnitPrice unit_price) {
  schema::SetPriceT command;
  command.product_id = "widget";
  command.rule = std::make_unique<schema::PriceRuleT>();
  command.rule->rule_id = std::move(rule_id);
  command.rule->level = level;
  command.rule->key = std::move(key);
  command.rule->unit_price = unit_price;
  return command;
}

void add_break(schema::SetPriceT& command, std::int64_t units, UnitPrice unit_price) {
  command.rule->breaks.push_back(std::make_unique<schema::PriceBreakT>());
  command.rule->breaks.back()->from = Quantity(units * unit);
  command.rule->breaks.back()->unit_price = unit_price;
}

const UnitPrice ten(1'000, Currency::EUR, 2);

class Product : public Scenario<ProductAggregate>, public ::testing::Test {
 protected:
  Product() : Scenario("widget") {}
  Product& defined() {
    when(define()).then_ignore();
    return *this;
  }
  void expect_invalid(const schema::SetPriceT& command, const std::string& pointer) {
    when(command).then_rejected(RejectionCode::InvalidArgument, pointer);
  }
};

TEST_F(Product, IsDefinedOnceWithItsBasePrice) {
  auto command = define();
  command.base_price = ten;
  when(command).then<schema::ProductDefinedT>();
  EXPECT_EQ(state().status, schema::ProductStatus::Active);
  ASSERT_EQ(state().prices.size(), 1u);
  EXPECT_EQ(state().prices[0]->rule_id, "base");
  EXPECT_EQ(state().prices[0]->level, PriceLevel::Base);
  EXPECT_EQ(state().prices[0]->unit_price, ten);
  EXPECT_EQ(state().prices[0]->set_at, scenario_start);
  when(command).then_rejected(RejectionCode::AlreadyExists, "/product_id");
}

TEST_F(Product, MayBeDefinedWithoutAPrice) {
  defined();
  EXPECT_TRUE(state().prices.empty());
}

TEST_F(Product, RefusesWhatIsNoProduct) {
  auto command = define();
  command.profile->name.clear();
  when(command).then_rejected(RejectionCode::InvalidArgument, "/profile/name");
  command = define();
  command.profile->pick_pack_days = 366;
  when(command).then_rejected(RejectionCode::InvalidArgument, "/profile/pick_pack_days");
  command = define();
  command.profile->unit_cost = UnitPrice(-1, Currency::EUR, 2);
  when(command).then_rejected(RejectionCode::InvalidArgument, "/profile/unit_cost");
  command = define();
  command.base_price = UnitPrice(0, Currency::EUR, 2);
  when(command).then_rejected(RejectionCode::InvalidArgument, "/base_price");
  command.base_price = UnitPrice(1, Currency::EUR, 9);
  when(command).then_rejected(RejectionCode::InvalidArgument, "/base_price/digits");
  command.base_price = UnitPrice(1, Currency::None, 2);
  when(command).then_rejected(RejectionCode::InvalidArgument, "/base_price/currency");
  Scenario<ProductAggregate> odd("wid@get");
  odd.when(define()).then_rejected(RejectionCode::InvalidArgument, "/product_id");
}

TEST_F(Product, Changes) {
  schema::ChangeProductT change;
  change.product_id = "widget";
  change.profile = std::make_unique<schema::ProductProfileT>();
  change.profile->name = "Better widget";
  when(change).then_rejected(RejectionCode::NotFound);
  defined().when(change).then<schema::ProductChangedT>();
  EXPECT_EQ(state().profile->name, "Better widget");
  EXPECT_EQ(state().home_version, 2u);
}

TEST_F(Product, ARuleIsSetReplacedAndRemoved) {
  const auto command = price("r", PriceLevel::Region, "EMEA", ten);
  when(command).then_rejected(RejectionCode::NotFound);
  defined().when(command).then<schema::PriceSetT>();
  EXPECT_EQ(state().prices[0]->set_at, scenario_start);
  at(scenario_start + 5);
  when(price("r", PriceLevel::Region, "EMEA", UnitPrice(900, Currency::EUR, 2))).then_ignore();
  ASSERT_EQ(state().prices.size(), 1u);
  EXPECT_EQ(state().prices[0]->unit_price.mantissa(), 900);
  EXPECT_EQ(state().prices[0]->set_at, scenario_start + 5);
  schema::RemovePriceT remove;
  remove.product_id = "widget";
  remove.rule_id = "r";
  when(remove).then<schema::PriceRemovedT>();
  when(remove).then_rejected(RejectionCode::NotFound, "/rule_id");
}

TEST_F(Product, OnlyThePastSaysItselfWhenARuleWasSet) {
  defined();
  auto command = price("r", PriceLevel::Base, "", ten);
  command.rule->set_at = 42;
  when(command).then_ignore();
  EXPECT_EQ(state().prices[0]->set_at, scenario_start);
  as_import().when(command).then_ignore();
  EXPECT_EQ(state().prices[0]->set_at, 42);
}

TEST_F(Product, ARulesKeySaysWhomItIsFor) {
  defined();
  expect_invalid(price("", PriceLevel::Base, "", ten), "/rule/rule_id");
  expect_invalid(price("r", PriceLevel::Base, "EMEA", ten), "/rule/key");
  expect_invalid(price("r", PriceLevel::None, "x", ten), "/rule/level");
  expect_invalid(price("r", PriceLevel::Given, "x", ten), "/rule/level");
  for (const auto level : {PriceLevel::Region, PriceLevel::Channel, PriceLevel::Grade,
                           PriceLevel::Customer, PriceLevel::Contract}) {
    expect_invalid(price("r", level, "", ten), "/rule/key");
  }
  expect_invalid(price("r", PriceLevel::Grade, "Z", ten), "/rule/key");
  when(price("r", PriceLevel::Grade, "A", ten)).then<schema::PriceSetT>();
}

TEST_F(Product, ARulesPricesArePositiveAndInOneCurrency) {
  defined();
  expect_invalid(price("r", PriceLevel::Base, "", UnitPrice(0, Currency::EUR, 2)),
                 "/rule/unit_price");
  expect_invalid(price("r", PriceLevel::Base, "", UnitPrice(1, Currency::EUR, 9)),
                 "/rule/unit_price/digits");
  auto command = price("r", PriceLevel::Base, "", ten);
  command.rule->valid_from = start_day;
  command.rule->valid_until = start_day - 1;
  expect_invalid(command, "/rule/valid_until");
  command.rule->valid_until = start_day;
  add_break(command, 10, UnitPrice(900, Currency::USD, 2));
  when(command).then_rejected(RejectionCode::CurrencyMismatch, "/rule/breaks/0/unit_price");
}

TEST_F(Product, BreaksAscend) {
  defined();
  auto command = price("r", PriceLevel::Base, "", ten);
  add_break(command, 0, ten);
  expect_invalid(command, "/rule/breaks/0/from");
  command.rule->breaks.clear();
  add_break(command, 10, ten);
  add_break(command, 10, ten);
  expect_invalid(command, "/rule/breaks/1/from");
  command.rule->breaks[1]->from = Quantity(11 * unit);
  command.rule->breaks[1]->unit_price = UnitPrice(-1, Currency::EUR, 2);
  expect_invalid(command, "/rule/breaks/1/unit_price");
  command.rule->breaks[1]->unit_price = ten;
  when(command).then<schema::PriceSetT>();
  while (command.rule->breaks.size() <= product::price_breaks_max) {
    add_break(command, 100 + static_cast<std::int64_t>(command.rule->breaks.size()), ten);
  }
  when(command).then_rejected(RejectionCode::LimitExceeded, "/rule/breaks");
}

TEST_F(Product, HasALimitOfRules) {
  Runner<ProductAggregate> many("widget");
  many.run(define());
  for (std::size_t i = 0; i < product::price_rules_max; ++i) {
    many.run(price("r" + std::to_string(i), PriceLevel::Base, "", ten));
  }
  const auto refused = many.run(price("one more", PriceLevel::Base, "", ten));
  ASSERT_TRUE(refused.rejected());
  EXPECT_EQ(refused.rejection().code, RejectionCode::LimitExceeded);
  EXPECT_FALSE(many.run(price("r0", PriceLevel::Base, "", ten)).rejected());
}

TEST_F(Product, ADiscontinuedProductNoLongerChanges) {
  schema::DiscontinueProductT discontinue;
  discontinue.product_id = "widget";
  when(discontinue).then_rejected(RejectionCode::NotFound);
  defined().when(discontinue).then<schema::ProductDiscontinuedT>();
  when(discontinue).then_rejected(RejectionCode::InvalidTransition);
  when(price("r", PriceLevel::Base, "", ten)).then_rejected(RejectionCode::InvalidTransition);
  when(define()).then_rejected(RejectionCode::AlreadyExists);
}

TEST_F(Product, ACopyFollowsItsOriginalAndNeverGoesBack) {
  schema::CopyProductT copy;
  copy.product_id = "widget";
  copy.state = std::make_unique<schema::ProductStateT>();
  copy.state->status = schema::ProductStatus::Active;
  copy.state->home_version = 3;
  when(copy).then_rejected(RejectionCode::EngineOnly);
  as_system().when(copy).then<schema::ProductCopiedT>();
  EXPECT_EQ(state().home_version, 3u);
  when(copy).then_nothing();
}

}  // namespace
}  // namespace orderlog::engine::test
