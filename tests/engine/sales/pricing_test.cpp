// Which price wins and what a line comes to (domain.md 4.2 - 4.5).
#include "engine/pricing/pricing.h"

#include <gtest/gtest.h>

#include <numeric>

namespace orderlog::engine {
namespace {

using schema::BreakMode;
using schema::Currency;
using schema::Grade;
using schema::PriceLevel;

UnitPrice eur(std::int64_t mantissa, std::uint8_t digits = 2) {
  return UnitPrice(mantissa, Currency::EUR, digits);
}
Quantity units(std::int64_t count) { return Quantity(count * 1000); }

struct Product {
  schema::ProductStateT state;

  schema::PriceRuleT& rule(std::string id, PriceLevel level, std::string key, UnitPrice price,
                           std::int32_t priority = 0, std::int64_t set_at = 0) {
    auto rule = std::make_unique<schema::PriceRuleT>();
    rule->rule_id = std::move(id);
    rule->level = level;
    rule->key = std::move(key);
    rule->unit_price = price;
    rule->priority = priority;
    rule->set_at = set_at;
    state.prices.push_back(std::move(rule));
    return *state.prices.back();
  }
};

void add_break(schema::PriceRuleT& rule, std::int64_t from_units, UnitPrice price) {
  auto step = std::make_unique<schema::PriceBreakT>();
  step->from = units(from_units);
  step->unit_price = price;
  rule.breaks.push_back(std::move(step));
}

PriceRequest request(Quantity quantity = units(1)) {
  PriceRequest request;
  request.customer_id = "C-1";
  request.grade = Grade::A;
  request.region = "north";
  request.channel = "web";
  request.currency = Currency::EUR;
  request.quantity = quantity;
  request.on = 19'737;
  return request;
}

Product with_all_levels() {
  Product product;
  product.rule("base", PriceLevel::Base, "", eur(1000));
  product.rule("region", PriceLevel::Region, "north", eur(900));
  product.rule("channel", PriceLevel::Channel, "web", eur(1100));
  product.rule("grade", PriceLevel::Grade, "A", eur(800));
  product.rule("customer", PriceLevel::Customer, "C-1", eur(1200));
  product.rule("contract", PriceLevel::Contract, "K-1", eur(700));
  return product;
}

TEST(ResolvePrice, TheMoreSpecificLevelWinsAndNamesWhatItBeat) {
  const Product product = with_all_levels();
  auto wanted = request();
  wanted.contract_id = "K-1";
  const auto price = resolve_price(&product.state, wanted);
  ASSERT_TRUE(price.ok());
  EXPECT_EQ(price->level, PriceLevel::Contract);
  EXPECT_EQ(price->rule_id, "contract");
  EXPECT_EQ(price->unit_price, eur(700));
  EXPECT_EQ(price->list_price, eur(700));
  EXPECT_EQ(price->beaten_rule_ids,
            (std::vector<std::string>{"customer", "grade", "channel", "region", "base"}));
}

TEST(ResolvePrice, EachLevelNeedsItsKey) {
  const Product product = with_all_levels();
  auto wanted = request();
  EXPECT_EQ(resolve_price(&product.state, wanted)->level, PriceLevel::Customer);
  wanted.customer_id = "C-2";
  EXPECT_EQ(resolve_price(&product.state, wanted)->level, PriceLevel::Grade);
  wanted.grade = Grade::B;
  EXPECT_EQ(resolve_price(&product.state, wanted)->level, PriceLevel::Channel);
  wanted.channel = "";
  EXPECT_EQ(resolve_price(&product.state, wanted)->level, PriceLevel::Region);
  wanted.region = "south";
  EXPECT_EQ(resolve_price(&product.state, wanted)->level, PriceLevel::Base);
}

TEST(ResolvePrice, AFrameContractIsKeyedByItsCustomer) {
  Product product = with_all_levels();
  product.rule("frame", PriceLevel::Contract, "C-1", eur(650));
  EXPECT_EQ(resolve_price(&product.state, request())->rule_id, "frame");
}

TEST(ResolvePrice, TiesGoToPriorityThenToTheNewest) {
  Product product;
  product.rule("old", PriceLevel::Base, "", eur(1000), 0, 10);
  product.rule("new", PriceLevel::Base, "", eur(1100), 0, 20);
  EXPECT_EQ(resolve_price(&product.state, request())->rule_id, "new");
  product.rule("urgent", PriceLevel::Base, "", eur(1200), 5, 5);
  const auto price = resolve_price(&product.state, request());
  EXPECT_EQ(price->rule_id, "urgent");
  EXPECT_EQ(price->beaten_rule_ids, (std::vector<std::string>{"new", "old"}));
}

TEST(ResolvePrice, HoldsOnlyBetweenItsDates) {
  Product product;
  product.rule("base", PriceLevel::Base, "", eur(1000));
  auto& sale = product.rule("sale", PriceLevel::Base, "", eur(500), 1);
  sale.valid_from = 100;
  sale.valid_until = 110;
  auto wanted = request();
  for (const auto& [day, rule] : std::vector<std::pair<Day, std::string>>{
           {99, "base"}, {100, "sale"}, {110, "sale"}, {111, "base"}}) {
    wanted.on = day;
    EXPECT_EQ(resolve_price(&product.state, wanted)->rule_id, rule) << day;
  }
}

TEST(ResolvePrice, RefusesWithoutARuleOrInAnotherCurrency) {
  Product product;
  EXPECT_EQ(resolve_price(&product.state, request()).rejection().code, RejectionCode::NotFound);
  EXPECT_EQ(resolve_price(nullptr, request()).rejection().code, RejectionCode::NotFound);
  product.rule("usd", PriceLevel::Customer, "C-1", UnitPrice(1000, Currency::USD, 2));
  EXPECT_EQ(resolve_price(&product.state, request()).rejection().code,
            RejectionCode::CurrencyMismatch);
  product.rule("base", PriceLevel::Base, "", eur(1000));
  EXPECT_EQ(resolve_price(&product.state, request())->rule_id, "base");
}

TEST(ResolvePrice, RefusesBadNumbers) {
  const Product product = with_all_levels();
  const auto code = [&](const PriceRequest& wanted) {
    return resolve_price(&product.state, wanted).rejection().code;
  };
  EXPECT_EQ(code(request(Quantity(0))), RejectionCode::InvalidArgument);
  EXPECT_EQ(code(request(Quantity(-1))), RejectionCode::InvalidArgument);
  for (const std::int32_t ppm : {-1, 1'000'001}) {
    auto wanted = request();
    wanted.manual_discount_ppm = ppm;
    EXPECT_EQ(code(wanted), RejectionCode::InvalidArgument) << ppm;
  }
  auto wanted = request();
  wanted.given = eur(-1);
  EXPECT_EQ(code(wanted), RejectionCode::InvalidArgument);
  wanted.given = eur(1, 9);
  EXPECT_EQ(code(wanted), RejectionCode::InvalidArgument);
  wanted.given = UnitPrice(5, Currency::USD, 2);
  EXPECT_EQ(code(wanted), RejectionCode::CurrencyMismatch);
  wanted.given = UnitPrice(5, Currency::None, 2);
  EXPECT_EQ(code(wanted), RejectionCode::CurrencyMismatch) << "not taken for absent";
  wanted = request();
  wanted.currency = Currency::None;
  EXPECT_EQ(code(wanted), RejectionCode::InvalidArgument);
}

TEST(ResolvePrice, AllUnitsBreakPricesTheWholeQuantity) {
  Product product;
  auto& base = product.rule("base", PriceLevel::Base, "", eur(1000));
  add_break(base, 100, eur(800));
  add_break(base, 10, eur(900));
  const auto at = [&](std::int64_t count) {
    return *resolve_price(&product.state, request(units(count)));
  };
  EXPECT_EQ(at(9).unit_price, eur(1000));
  EXPECT_EQ(at(9).break_from, Quantity(0));
  EXPECT_EQ(at(10).unit_price, eur(900));
  EXPECT_EQ(at(99).unit_price, eur(900));
  EXPECT_EQ(at(100).unit_price, eur(800));
  EXPECT_EQ(at(100).break_from, units(100));
  EXPECT_EQ(at(100).list_price, eur(1000));
}

TEST(ResolvePrice, IncrementalBreakPricesOnlyWhatIsAboveIt) {
  Product product;
  auto& base = product.rule("base", PriceLevel::Base, "", eur(1000));
  base.break_mode = BreakMode::Incremental;
  add_break(base, 10, eur(900));
  add_break(base, 20, eur(700));
  // 10 x 10.00 + 10 x 9.00 + 5 x 7.00 = 225.00
  const auto price = resolve_price(&product.state, request(units(25)));
  EXPECT_EQ(price->unit_price, eur(9, 0));
  EXPECT_EQ(price->break_from, units(20));
  // 10 x 10.00 + 1 x 9.00 = 109.00 over 11: not a whole number of cents a unit, yet the sum is.
  const auto eleven = resolve_price(&product.state, request(units(11)));
  const auto line = price_line(*eleven, units(11), UnitPrice(), 0, nullptr, default_policy());
  EXPECT_EQ(line->gross, Money(10'900, Currency::EUR));
}

TEST(ResolvePrice, AGivenPriceIsMeasuredAgainstTheRules) {
  const Product product = with_all_levels();
  auto wanted = request();
  wanted.given = eur(600);
  wanted.manual_discount_ppm = 100'000;
  const auto price = resolve_price(&product.state, wanted);
  EXPECT_EQ(price->level, PriceLevel::Given);
  EXPECT_EQ(price->unit_price, eur(600));
  EXPECT_EQ(price->list_price, eur(1200));
  EXPECT_EQ(price->beaten_rule_ids.front(), "customer");
  // 6.00 less 10 % is 5.40, which is 55 % below 12.00.
  EXPECT_EQ(given_discount_ppm(*price), 550'000);
  const auto unknown = resolve_price(nullptr, wanted);
  EXPECT_EQ(unknown->unit_price, eur(600));
  EXPECT_EQ(given_discount_ppm(*unknown), 100'000);
  wanted.given = eur(1300);
  wanted.manual_discount_ppm = 0;
  EXPECT_EQ(given_discount_ppm(*resolve_price(&product.state, wanted)), 0);
}

schema::PriceExplanationT explained(UnitPrice price, std::int32_t discount_ppm = 0) {
  schema::PriceExplanationT explanation;
  explanation.level = PriceLevel::Base;
  explanation.unit_price = price;
  explanation.list_price = price;
  explanation.manual_discount_ppm = discount_ppm;
  return explanation;
}

TEST(PriceLine, TaxByLineOrByUnit) {
  Policy policy = default_policy();
  const auto by_line = price_line(explained(eur(108)), units(3), {}, 190'000, nullptr, policy);
  EXPECT_EQ(by_line->net.minor() + by_line->tax.minor(), 386);
  policy.tax.per_unit = true;
  const auto by_unit = price_line(explained(eur(108)), units(3), {}, 190'000, nullptr, policy);
  EXPECT_EQ(by_unit->net.minor() + by_unit->tax.minor(), 387);
}

TEST(PriceLine, TaxInThePrice) {
  Policy policy = default_policy();
  policy.tax.included = true;
  const auto line =
      price_line(explained(eur(129), 100'000), units(3), {}, 190'000, nullptr, policy);
  // 3.87 less 10 % is 3.48, of which 19/119 are tax.
  EXPECT_EQ(line->tax, Money(56, Currency::EUR));
  EXPECT_EQ(line->net, Money(292, Currency::EUR));
  EXPECT_EQ(line->gross, Money(325, Currency::EUR)) << "3.87 without its tax of 0.62";
  EXPECT_EQ(line->discount, Money(33, Currency::EUR));
  policy.tax.per_unit = true;
  const auto by_unit = price_line(explained(eur(129)), units(3), {}, 190'000, nullptr, policy);
  EXPECT_EQ(by_unit->tax, Money(63, Currency::EUR)) << "0.21 a unit";
  EXPECT_EQ(by_unit->net.minor() + by_unit->tax.minor(), 387);
}

TEST(PriceLine, NetIsRoundedOnceFromTheUnroundedProduct) {
  const Policy policy = default_policy();
  // 0.335 less 10 % is 0.3015 -> 0.30; from the rounded gross of 0.34 it would be 0.31.
  const auto line = price_line(explained(eur(335, 3), 100'000), units(1), {}, 0, nullptr, policy);
  EXPECT_EQ(line->gross, Money(34, Currency::EUR));
  EXPECT_EQ(line->net, Money(30, Currency::EUR));
  EXPECT_EQ(line->discount, Money(4, Currency::EUR));
}

TEST(PriceLine, RoundsAsTheCurrencyAsks) {
  Policy policy = default_policy();
  policy.rounding_by_currency[Currency::JPY] = Rounding::Down;
  const UnitPrice yen(999, Currency::JPY, 1);
  const auto line = price_line(explained(yen), units(1), {}, 100'000, nullptr, policy);
  EXPECT_EQ(line->gross, Money(99, Currency::JPY));
  EXPECT_EQ(line->tax, Money(9, Currency::JPY));
}

TEST(PriceLine, CostInTheDocumentsCurrency) {
  Policy policy = default_policy();
  policy.base_currency = Currency::USD;
  const UnitPrice usd_cost(500, Currency::USD, 2);
  schema::ExchangeRateT rate;
  rate.mantissa = 125;  // 1 EUR = 1.25 USD
  rate.scale = 2;
  const auto with = price_line(explained(eur(1000)), units(2), usd_cost, 0, &rate, policy);
  EXPECT_EQ(with->cost, Money(800, Currency::EUR));
  const auto without = price_line(explained(eur(1000)), units(2), usd_cost, 0, nullptr, policy);
  EXPECT_EQ(without->cost.currency(), Currency::None);
  const auto same = price_line(explained(eur(1000)), units(2), eur(400), 0, nullptr, policy);
  EXPECT_EQ(same->cost, Money(800, Currency::EUR));
}

TEST(PriceLine, OverflowIsRefused) {
  const UnitPrice huge(std::numeric_limits<std::int64_t>::max(), Currency::EUR, 0);
  const auto line = price_line(explained(huge), units(1000), {}, 0, nullptr, default_policy());
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.rejection().code, RejectionCode::Overflow);
  const auto bad =
      price_line(explained(eur(1), 1'000'001), units(1), {}, 0, nullptr, default_policy());
  EXPECT_EQ(bad.rejection().code, RejectionCode::InvalidArgument);
}

TEST(TaxRate, ByCountryAndClass) {
  TaxPolicy policy;
  policy.default_rate_ppm = 50'000;
  policy.rates_ppm[{"DE", "standard"}] = 190'000;
  EXPECT_EQ(tax_rate_ppm(policy, "DE", "standard", false), 190'000);
  EXPECT_EQ(tax_rate_ppm(policy, "DE", "reduced", false), 50'000);
  EXPECT_EQ(tax_rate_ppm(policy, "DE", "standard", true), 0);
}

TEST(Spread, EqualPartsWhenNothingHasWeight) {
  const std::vector<std::int64_t> zeros{0, 0, 0};
  const auto parts = spread(Money(100, Currency::EUR), zeros);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ((*parts)[0].minor(), 34);
  EXPECT_EQ((*parts)[1].minor(), 33);
  EXPECT_EQ((*parts)[2].minor(), 33);
  EXPECT_FALSE(spread(Money(100, Currency::EUR), {}).ok()) << "nobody to give it to";
  EXPECT_TRUE(spread(Money(0, Currency::EUR), {}).ok());
}

}  // namespace
}  // namespace orderlog::engine
