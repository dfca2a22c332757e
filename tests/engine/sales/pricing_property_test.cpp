// What must hold for any prices (domain.md 4.2, 4.5): precedence is an order, parts sum to the
// whole.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "engine/pricing/pricing.h"

namespace orderlog::engine {
namespace {

using schema::Currency;
using schema::PriceLevel;

std::unique_ptr<schema::PriceRuleT> any_rule(int index) {
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = "R" + std::to_string(index);
  rule->level = *rc::gen::element(PriceLevel::Base, PriceLevel::Region, PriceLevel::Channel,
                                  PriceLevel::Grade, PriceLevel::Customer, PriceLevel::Contract);
  switch (rule->level) {
    case PriceLevel::Region:
      rule->key = *rc::gen::element<std::string>("north", "south");
      break;
    case PriceLevel::Channel:
      rule->key = *rc::gen::element<std::string>("web", "shop");
      break;
    case PriceLevel::Grade:
      rule->key = *rc::gen::element<std::string>("A", "B");
      break;
    case PriceLevel::Customer:
    case PriceLevel::Contract:
      rule->key = *rc::gen::element<std::string>("C-1", "C-2");
      break;
    case PriceLevel::None:
    case PriceLevel::Base:
    case PriceLevel::Given:
      break;
  }
  rule->priority = *rc::gen::inRange(0, 3);
  rule->set_at = *rc::gen::inRange(0, 3);
  rule->unit_price = UnitPrice(*rc::gen::inRange<std::int64_t>(0, 100'000), Currency::EUR, 2);
  return rule;
}

PriceRequest request_of(std::int64_t milli) {
  PriceRequest request;
  request.customer_id = "C-1";
  request.grade = schema::Grade::A;
  request.region = "north";
  request.channel = "web";
  request.currency = Currency::EUR;
  request.quantity = Quantity(milli);
  return request;
}

bool applies(const schema::PriceRuleT& rule) {
  switch (rule.level) {
    case PriceLevel::Base:
      return true;
    case PriceLevel::Region:
      return rule.key == "north";
    case PriceLevel::Channel:
      return rule.key == "web";
    case PriceLevel::Grade:
      return rule.key == "A";
    case PriceLevel::Customer:
    case PriceLevel::Contract:
      return rule.key == "C-1";
    case PriceLevel::None:
    case PriceLevel::Given:
      return false;
  }
  return false;
}

RC_GTEST_PROP(PricingProperty, TheWinnerIsTheGreatestWhateverTheOrderOfStorage, ()) {
  schema::ProductStateT product;
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) product.prices.push_back(any_rule(i));
  const auto request = request_of(1000);
  // The naive twin: the maximum of (level, priority, newest), the smallest id last.
  const schema::PriceRuleT* best = nullptr;
  std::size_t candidates = 0;
  const auto rank = [](const schema::PriceRuleT& rule) {
    return std::tuple(static_cast<int>(rule.level), rule.priority, rule.set_at);
  };
  for (const auto& rule : product.prices) {
    if (!applies(*rule)) continue;
    ++candidates;
    if (best == nullptr || rank(*rule) > rank(*best) ||
        (rank(*rule) == rank(*best) && rule->rule_id < best->rule_id)) {
      best = rule.get();
    }
  }
  const auto first = resolve_price(&product, request);
  RC_ASSERT(first.ok() == (best != nullptr));
  if (best == nullptr) return;
  RC_ASSERT(first->rule_id == best->rule_id);
  RC_ASSERT(first->unit_price == best->unit_price);
  RC_ASSERT(first->beaten_rule_ids.size() == candidates - 1);
  const std::string winner = best->rule_id;
  std::reverse(product.prices.begin(), product.prices.end());
  const auto second = resolve_price(&product, request);
  RC_ASSERT(second->rule_id == winner);
  RC_ASSERT(second->beaten_rule_ids == first->beaten_rule_ids);
}

RC_GTEST_PROP(PricingProperty, LinePartsSumToTheLine, ()) {
  Policy policy = default_policy();
  policy.rounding =
      *rc::gen::element(Rounding::HalfEven, Rounding::HalfUp, Rounding::HalfDown, Rounding::Down);
  schema::PriceExplanationT price;
  const auto currency =
      *rc::gen::element(Currency::EUR, Currency::JPY, Currency::KWD, Currency::CLF);
  price.unit_price = UnitPrice(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000), currency,
                               static_cast<std::uint8_t>(*rc::gen::inRange(0, 9)));
  price.manual_discount_ppm = *rc::gen::inRange(0, 1'000'001);
  const Quantity quantity(*rc::gen::inRange<std::int64_t>(1, 10'000'000));
  const auto line =
      price_line(price, quantity, UnitPrice(), *rc::gen::inRange(0, 300'000), nullptr, policy);
  RC_ASSERT(line.ok());
  RC_ASSERT(line->net.minor() + line->discount.minor() == line->gross.minor());
  RC_ASSERT(line->net.minor() >= 0 && line->net.minor() <= line->gross.minor());
  RC_ASSERT(line->tax.minor() >= 0);
  RC_ASSERT(line->gross == *line_amount(price.unit_price, quantity, policy.rounding));
  if (price.manual_discount_ppm == 0) RC_ASSERT(line->discount.minor() == 0);
  if (price.manual_discount_ppm == 1'000'000) RC_ASSERT(line->net.minor() == 0);
}

RC_GTEST_PROP(PricingProperty, SpreadSumsToTheWhole, ()) {
  const auto weights = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000'000)));
  const Money total(*rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000), Currency::EUR);
  const auto parts = spread(total, weights);
  RC_ASSERT(parts.ok());
  RC_ASSERT(parts->size() == weights.size());
  const auto sum =
      std::accumulate(parts->begin(), parts->end(), std::int64_t{0},
                      [](std::int64_t before, const Money& part) { return before + part.minor(); });
  RC_ASSERT(sum == total.minor());
}

RC_GTEST_PROP(PricingProperty, IncrementalBreaksComeToTheSumOfTheirBands, ()) {
  schema::ProductStateT product;
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = "R";
  rule->level = PriceLevel::Base;
  rule->unit_price = UnitPrice(*rc::gen::inRange<std::int64_t>(1, 100'000), Currency::EUR, 2);
  rule->break_mode = schema::BreakMode::Incremental;
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    auto step = std::make_unique<schema::PriceBreakT>();
    step->from = Quantity((i + 1) * 1000 * *rc::gen::inRange<std::int64_t>(1, 50));
    step->unit_price = UnitPrice(*rc::gen::inRange<std::int64_t>(1, 100'000), Currency::EUR, 2);
    rule->breaks.push_back(std::move(step));
  }
  const std::int64_t whole = *rc::gen::inRange<std::int64_t>(1, 300);
  // Unit by unit, each at the price of the last threshold that lies below it.
  std::vector<const schema::PriceBreakT*> sorted;
  for (const auto& step : rule->breaks) sorted.push_back(step.get());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->from.milli() < b->from.milli(); });
  std::int64_t expected = 0;
  for (std::int64_t unit = 0; unit < whole; ++unit) {
    std::int64_t cents = rule->unit_price.mantissa();
    for (const auto* step : sorted) {
      if (step->from.milli() <= unit * 1000) cents = step->unit_price.mantissa();
    }
    expected += cents;
  }
  product.prices.push_back(std::move(rule));
  const auto price = resolve_price(&product, request_of(whole * 1000));
  RC_ASSERT(price.ok());
  const auto line =
      price_line(*price, Quantity(whole * 1000), UnitPrice(), 0, nullptr, default_policy());
  RC_ASSERT(line->gross.minor() == expected);
}

RC_GTEST_PROP(PricingProperty, MoreMoneyOrWorseGradesNeverNeedFewerApprovals, ()) {
  const ApprovalPolicy policy;
  const auto small = *rc::gen::inRange<std::int64_t>(0, 200'000'000);
  const auto large = small + *rc::gen::inRange<std::int64_t>(0, 200'000'000);
  const auto grade = *rc::gen::element(schema::Grade::Unrated, schema::Grade::A, schema::Grade::B,
                                       schema::Grade::C, schema::Grade::D, schema::Grade::E);
  const bool is_new = *rc::gen::arbitrary<bool>();
  const bool breach = *rc::gen::arbitrary<bool>();
  const auto few = approval_tiers(grade, is_new, small, breach, policy);
  const auto many = approval_tiers(grade, is_new, large, breach, policy);
  RC_ASSERT(few.size() <= many.size());
  RC_ASSERT(std::equal(few.begin(), few.end(), many.begin()));
  RC_ASSERT(approval_tiers(schema::Grade::A, false, small, false, policy).size() <= few.size());
}

}  // namespace
}  // namespace orderlog::engine
