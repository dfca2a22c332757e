// Who may give which discount, and who must agree to a document (domain.md 4.5, 4.8).
#include <algorithm>
#include <array>

#include "engine/pricing/pricing.h"

namespace orderlog::engine {

namespace {

using schema::Role;
using Wide = __int128;

constexpr std::array<Role, 3> ladder{Role::Manager, Role::Director, Role::Board};

// 0 … 3: how many rungs of the ladder the amount alone asks for.
std::size_t rungs_of(std::int64_t base_minor, const ApprovalPolicy& policy) {
  if (base_minor < policy.no_approval_below_minor) return 0;
  if (base_minor < policy.manager_below_minor) return 1;
  if (base_minor < policy.director_below_minor) return 2;
  return 3;
}

std::string percent(std::int64_t ppm) {
  std::string text = std::to_string(ppm / 10'000);
  const std::int64_t hundredths = ppm / 100 % 100;
  if (hundredths != 0) {
    text += '.';
    text += static_cast<char>('0' + hundredths / 10);
    if (hundredths % 10 != 0) text += static_cast<char>('0' + hundredths % 10);
  }
  return text + " %";
}

}  // namespace

std::int64_t discount_limit_ppm(Role role, const PricePolicy& policy) {
  switch (role) {
    case Role::Sales:
      return policy.discount_max_sales_ppm;
    case Role::SeniorSales:
      return policy.discount_max_senior_ppm;
    case Role::SalesManager:
    case Role::Manager:
    case Role::Director:
    case Role::Board:
    case Role::Admin:
      return policy.discount_max_manager_ppm;
    case Role::None:
    case Role::CreditOfficer:
    case Role::Warehouse:
    case Role::Finance:
    case Role::Service:
      return 0;
  }
  return 0;
}

std::int64_t given_discount_ppm(const schema::PriceExplanationT& price) {
  if (price.level != schema::PriceLevel::Given ||
      price.list_price.currency() != price.unit_price.currency() ||
      price.list_price.mantissa() <= 0) {
    return price.manual_discount_ppm;
  }
  // 1 − unit × (1 − manual) / list, both prices at 8 digits.
  Wide unit = price.unit_price.mantissa();
  Wide list = price.list_price.mantissa();
  for (int i = price.unit_price.digits(); i < price_digits_max; ++i) unit *= 10;
  for (int i = price.list_price.digits(); i < price_digits_max; ++i) list *= 10;
  const Wide asked = unit * (ppm_whole - price.manual_discount_ppm);
  // Rounded up against the giver: any part of a ppm above the limit is above the limit.
  const Wide given = list * ppm_whole - asked;
  if (given <= 0) return 0;
  return static_cast<std::int64_t>((given + list - 1) / list);
}

std::optional<std::string> price_breach(const schema::PriceExplanationT& price, const Money& net,
                                        const Money& cost, Role role, const PricePolicy& policy) {
  const std::int64_t discount = given_discount_ppm(price);
  const std::int64_t limit = discount_limit_ppm(role, policy);
  if (discount > limit) {
    return "discount of " + percent(discount) + " above the " + percent(limit) + " that " +
           schema::EnumNameRole(role) + " may give";
  }
  if (cost.currency() == schema::Currency::None || cost.currency() != net.currency()) {
    return std::nullopt;
  }
  const Wide margin = (Wide{net.minor()} - cost.minor()) * ppm_whole;
  if (margin < Wide{net.minor()} * policy.minimum_margin_ppm) {
    return "margin below the minimum of " + percent(policy.minimum_margin_ppm);
  }
  return std::nullopt;
}

std::vector<Role> approval_tiers(schema::Grade grade, bool new_customer, std::int64_t base_minor,
                                 bool breach, const ApprovalPolicy& policy) {
  std::size_t rungs = rungs_of(base_minor, policy);
  bool credit_officer = false;
  bool one_more = new_customer;
  switch (grade) {
    case schema::Grade::A:
    case schema::Grade::B:
      break;
    case schema::Grade::Unrated:
    case schema::Grade::C:
      one_more = true;
      break;
    case schema::Grade::D:
    case schema::Grade::E:
      credit_officer = true;
      break;
  }
  if (one_more) rungs = std::min(rungs + 1, ladder.size());
  if (breach) rungs = std::max<std::size_t>(rungs, 1);
  std::vector<Role> tiers;
  if (credit_officer) tiers.push_back(Role::CreditOfficer);
  tiers.insert(tiers.end(), ladder.begin(), ladder.begin() + static_cast<std::ptrdiff_t>(rungs));
  return tiers;
}

bool needs_reapproval(std::int64_t approved_minor, std::int64_t new_minor,
                      const ApprovalPolicy& policy) {
  const Wide growth = (Wide{new_minor} - approved_minor) * ppm_whole;
  return growth > Wide{approved_minor} * policy.reapproval_growth_ppm && new_minor > approved_minor;
}

}  // namespace orderlog::engine
