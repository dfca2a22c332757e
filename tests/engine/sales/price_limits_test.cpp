// Who may give which discount and who must agree (domain.md 4.4, 4.5, 4.8); the default policy.
#include <gtest/gtest.h>

#include "engine/pricing/pricing.h"

namespace orderlog::engine {
namespace {

using schema::Currency;
using schema::Grade;
using schema::PriceLevel;
using schema::Role;

UnitPrice eur(std::int64_t mantissa) { return UnitPrice(mantissa, Currency::EUR, 2); }

schema::PriceExplanationT explained(UnitPrice price, std::int32_t discount_ppm = 0) {
  schema::PriceExplanationT explanation;
  explanation.level = PriceLevel::Base;
  explanation.unit_price = price;
  explanation.list_price = price;
  explanation.manual_discount_ppm = discount_ppm;
  return explanation;
}

TEST(PriceBreach, DiscountLimitsByRole) {
  const PricePolicy policy;
  const Money net(1000, Currency::EUR);
  struct Case {
    Role role;
    std::int32_t limit;
  };
  for (const auto& c : {Case{Role::Sales, 50'000}, Case{Role::SeniorSales, 150'000},
                        Case{Role::SalesManager, 300'000}, Case{Role::Director, 300'000},
                        Case{Role::Warehouse, 0}, Case{Role::None, 0}}) {
    EXPECT_FALSE(price_breach(explained(eur(1), c.limit), net, {}, c.role, policy));
    EXPECT_TRUE(price_breach(explained(eur(1), c.limit + 1), net, {}, c.role, policy));
  }
}

TEST(PriceBreach, MinimumMargin) {
  const PricePolicy policy;
  const auto price = explained(eur(1));
  const Money net(1000, Currency::EUR);
  EXPECT_FALSE(price_breach(price, net, Money(900, Currency::EUR), Role::Sales, policy));
  const auto breach = price_breach(price, net, Money(901, Currency::EUR), Role::Sales, policy);
  ASSERT_TRUE(breach);
  EXPECT_NE(breach->find("margin"), std::string::npos);
  EXPECT_FALSE(price_breach(price, net, Money(), Role::Sales, policy)) << "cost unknown";
  EXPECT_TRUE(
      price_breach(price, Money(0, Currency::EUR), Money(1, Currency::EUR), Role::Sales, policy));
}

TEST(ApprovalTiers, ByAmountAndGrade) {
  const ApprovalPolicy policy;
  using Roles = std::vector<Role>;
  const Roles manager{Role::Manager};
  const Roles director{Role::Manager, Role::Director};
  const Roles board{Role::Manager, Role::Director, Role::Board};
  const auto tiers = [&](Grade grade, std::int64_t minor, bool is_new = false,
                         bool breach = false) {
    return approval_tiers(grade, is_new, minor, breach, policy);
  };
  for (const Grade grade : {Grade::A, Grade::B}) {
    EXPECT_EQ(tiers(grade, 999'999), Roles{});
    EXPECT_EQ(tiers(grade, 1'000'000), manager);
    EXPECT_EQ(tiers(grade, 9'999'999), manager);
    EXPECT_EQ(tiers(grade, 10'000'000), director);
    EXPECT_EQ(tiers(grade, 99'999'999), director);
    EXPECT_EQ(tiers(grade, 100'000'000), board);
    EXPECT_EQ(tiers(grade, 1, true), manager) << "a new customer: one tier more";
    EXPECT_EQ(tiers(grade, 1, false, true), manager) << "a breach";
    EXPECT_EQ(tiers(grade, 10'000'000, false, true), director) << "a breach adds nobody here";
  }
  for (const Grade grade : {Grade::C, Grade::Unrated}) {
    EXPECT_EQ(tiers(grade, 1), manager);
    EXPECT_EQ(tiers(grade, 1'000'000), director);
    EXPECT_EQ(tiers(grade, 10'000'000), board);
    EXPECT_EQ(tiers(grade, 100'000'000), board);
  }
  for (const Grade grade : {Grade::D, Grade::E}) {
    EXPECT_EQ(tiers(grade, 1), Roles{Role::CreditOfficer});
    EXPECT_EQ(tiers(grade, 1'000'000), (Roles{Role::CreditOfficer, Role::Manager}));
    EXPECT_EQ(tiers(grade, 1, false, true), (Roles{Role::CreditOfficer, Role::Manager}));
  }
}

TEST(NeedsReapproval, AboveFivePercentGrowth) {
  const ApprovalPolicy policy;
  EXPECT_FALSE(needs_reapproval(1000, 1050, policy));
  EXPECT_TRUE(needs_reapproval(1000, 1051, policy));
  EXPECT_FALSE(needs_reapproval(1000, 1, policy));
  EXPECT_TRUE(needs_reapproval(0, 1, policy));
  EXPECT_FALSE(needs_reapproval(0, 0, policy));
}

TEST(ToBaseCurrency, ConvertsAndTellsAStaleRate) {
  Policy policy = default_policy();
  policy.base_currency = Currency::EUR;
  const TimestampUs now = 1'000'000 * us_per_second;
  EXPECT_EQ(to_base_currency(Money(5, Currency::EUR), nullptr, now, policy)->amount,
            Money(5, Currency::EUR));
  EXPECT_EQ(to_base_currency(Money(5, Currency::JPY), nullptr, now, policy).rejection().code,
            RejectionCode::CurrencyMismatch);
  schema::ExchangeRateT rate;
  rate.mantissa = 65;  // 1 JPY = 0.0065 EUR
  rate.scale = 4;
  rate.at = now - 24 * us_per_hour;
  const auto fresh = to_base_currency(Money(1000, Currency::JPY), &rate, now, policy);
  EXPECT_EQ(fresh->amount, Money(650, Currency::EUR));
  EXPECT_FALSE(fresh->stale);
  rate.at -= 1;
  EXPECT_TRUE(to_base_currency(Money(1000, Currency::JPY), &rate, now, policy)->stale);
  rate.mantissa = 0;
  EXPECT_EQ(to_base_currency(Money(1000, Currency::JPY), &rate, now, policy).rejection().code,
            RejectionCode::InvalidArgument);
}

TEST(DefaultPolicy, CalendarsAreValid) {
  const Policy policy = default_policy();
  EXPECT_TRUE(validate(policy.office_calendar).ok());
  EXPECT_TRUE(validate(policy.site_calendar).ok());
  EXPECT_TRUE(validate(policy.carrier_calendar).ok());
  ASSERT_TRUE(policy.sla.calendars.contains(""));
  EXPECT_TRUE(validate(policy.sla.calendars.at("")).ok());
}

}  // namespace
}  // namespace orderlog::engine
