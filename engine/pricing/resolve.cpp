// The search for the one price that holds (domain.md 4.5). The order of precedence is a total
// order over the rules, so the winner does not depend on how they are stored.
#include <algorithm>
#include <limits>

#include "engine/pricing/pricing.h"

namespace orderlog::engine {

namespace {

using schema::PriceBreakT;
using schema::PriceLevel;
using schema::PriceRuleT;
using Wide = __int128;

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

Rejection no(RejectionCode code, std::string detail, std::string pointer) {
  return Rejection{code, std::move(pointer), std::move(detail)};
}

bool matches_contract(std::string_view key, const PriceRequest& request) {
  return !key.empty() && (key == request.contract_id || key == request.customer_id);
}

bool speaks_of(const PriceRuleT& rule, const PriceRequest& request) {
  const std::string_view key = rule.key;
  const auto is = [&](std::string_view value) { return !value.empty() && key == value; };
  switch (rule.level) {
    case PriceLevel::Contract:
      return matches_contract(key, request);
    case PriceLevel::Customer:
      return is(request.customer_id);
    case PriceLevel::Grade:
      return is(schema::EnumNameGrade(request.grade));
    case PriceLevel::Channel:
      return is(request.channel);
    case PriceLevel::Region:
      return is(request.region);
    case PriceLevel::Base:
      return true;
    case PriceLevel::None:
    case PriceLevel::Given:
      return false;
  }
  return false;
}

bool applies(const PriceRuleT& rule, const PriceRequest& request) {
  if (rule.valid_from.has_value() && request.on < rule.valid_from.value()) return false;
  if (rule.valid_until.has_value() && request.on > rule.valid_until.value()) return false;
  return speaks_of(rule, request);
}

// True when `a` beats `b`. PriceLevel is declared in the order of precedence.
bool beats(const PriceRuleT& a, const PriceRuleT& b) {
  if (a.level != b.level) return a.level > b.level;
  if (a.priority != b.priority) return a.priority > b.priority;
  if (a.set_at != b.set_at) return a.set_at > b.set_at;
  return a.rule_id < b.rule_id;
}

std::vector<const PriceBreakT*> breaks_below(const PriceRuleT& rule, const Quantity& quantity) {
  std::vector<const PriceBreakT*> reached;
  for (const auto& step : rule.breaks) {
    if (step->from.milli() <= quantity.milli() &&
        step->unit_price.currency() == rule.unit_price.currency()) {
      reached.push_back(step.get());
    }
  }
  std::stable_sort(reached.begin(), reached.end(),
                   [](const auto* a, const auto* b) { return a->from.milli() < b->from.milli(); });
  return reached;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Σ band quantity × band price, as one unit price with as many digits as fit, rounded half even.
class Blend {
 public:
  bool add(const UnitPrice& price, std::int64_t milli) {
    if (price.digits() > price_digits_max) return false;
    Wide mantissa = 0;
    Wide part = 0;
    return !__builtin_mul_overflow(Wide{price.mantissa()},
                                   Wide{power_of_ten(price_digits_max - price.digits())},
                                   &mantissa) &&
           !__builtin_mul_overflow(mantissa, Wide{milli}, &part) &&
           !__builtin_add_overflow(sum_, part, &sum_);
  }
  std::optional<UnitPrice> over(std::int64_t milli, schema::Currency currency) const {
    Wide mantissa = divide_half_even(sum_, milli);
    int digits = price_digits_max;
    while (digits > 0 && (mantissa > int64_max || mantissa % 10 == 0)) {
      mantissa = divide_half_even(mantissa, 10);
      --digits;
    }
    if (mantissa > int64_max) return std::nullopt;
    return UnitPrice(static_cast<std::int64_t>(mantissa), currency,
                     static_cast<std::uint8_t>(digits));
  }

 private:
  static Wide divide_half_even(Wide numerator, Wide denominator) {
    const Wide quotient = numerator / denominator;
    const Wide doubled = (numerator % denominator) * 2;
    const bool up = doubled > denominator || (doubled == denominator && quotient % 2 != 0);
    return up ? quotient + 1 : quotient;
  }

  Wide sum_ = 0;
};

// The part of the quantity above a threshold costs that break's price, the part below the earlier.
std::optional<UnitPrice> incremental_price(const PriceRuleT& rule, const Quantity& quantity,
                                           const std::vector<const PriceBreakT*>& reached) {
  Blend blend;
  std::int64_t below = 0;
  UnitPrice band = rule.unit_price;
  for (const auto* step : reached) {
    const std::int64_t from = std::max<std::int64_t>(step->from.milli(), 0);
    if (!blend.add(band, from - below)) return std::nullopt;
    below = from;
    band = step->unit_price;
  }
  if (!blend.add(band, quantity.milli() - below)) return std::nullopt;
  return blend.over(quantity.milli(), rule.unit_price.currency());
}

std::optional<Rejection> refuse(const PriceRequest& request) {
  if (request.quantity.milli() <= 0) {
    return no(RejectionCode::InvalidArgument, "the quantity must be above 0", "/quantity");
  }
  if (request.manual_discount_ppm < 0 || request.manual_discount_ppm > ppm_whole) {
    return no(RejectionCode::InvalidArgument, "a discount is 0 to 1,000,000 ppm", "/discount_ppm");
  }
  if (!is_known(request.currency)) {
    return no(RejectionCode::InvalidArgument, "the currency is missing or not known", "/currency");
  }
  return std::nullopt;
}

std::optional<Rejection> refuse_given(const PriceRequest& request) {
  const UnitPrice& given = request.given;
  if (given.currency() != request.currency) {
    return no(RejectionCode::CurrencyMismatch, "the unit price is not in the document's currency",
              "/unit_price/currency");
  }
  if (given.mantissa() < 0 || given.digits() > price_digits_max) {
    return no(RejectionCode::InvalidArgument, "a unit price is not below 0 and has 0 to 8 digits",
              "/unit_price");
  }
  return std::nullopt;
}

struct Search {
  const PriceRuleT* winner = nullptr;
  std::vector<const PriceRuleT*> beaten;  // best first
  bool other_currency = false;
};

Search search_rules(const schema::ProductStateT* product, const PriceRequest& request) {
  Search search;
  if (product == nullptr) return search;
  for (const auto& rule : product->prices) {
    if (!applies(*rule, request)) continue;
    if (rule->unit_price.currency() != request.currency) {
      search.other_currency = true;
      continue;
    }
    search.beaten.push_back(rule.get());
  }
  std::sort(search.beaten.begin(), search.beaten.end(),
            [](const auto* a, const auto* b) { return beats(*a, *b); });
  if (!search.beaten.empty()) {
    search.winner = search.beaten.front();
    search.beaten.erase(search.beaten.begin());
  }
  return search;
}

// Sets unit_price and break_from from the rule. False when the blended price does not fit.
bool apply_breaks(const PriceRuleT& rule, const Quantity& quantity,
                  schema::PriceExplanationT& price) {
  price.unit_price = rule.unit_price;
  const auto reached = breaks_below(rule, quantity);
  if (reached.empty()) return true;
  price.break_from = reached.back()->from;
  switch (rule.break_mode) {
    case schema::BreakMode::AllUnits:
      price.unit_price = reached.back()->unit_price;
      return true;
    case schema::BreakMode::Incremental:
      break;
  }
  const auto blended = incremental_price(rule, quantity, reached);
  if (blended) price.unit_price = *blended;
  return blended.has_value();
}

}  // namespace

Checked<schema::PriceExplanationT> resolve_price(const schema::ProductStateT* product,
                                                 const PriceRequest& request) {
  if (auto refusal = refuse(request)) return *std::move(refusal);
  const bool by_hand =
      request.given.currency() != schema::Currency::None || request.given.mantissa() != 0;
  if (by_hand) {
    if (auto refusal = refuse_given(request)) return *std::move(refusal);
  }
  schema::PriceExplanationT price;
  price.manual_discount_ppm = request.manual_discount_ppm;
  const Search search = search_rules(product, request);
  if (search.winner != nullptr) {
    if (!apply_breaks(*search.winner, request.quantity, price)) {
      return no(RejectionCode::Overflow, "the price of the quantity breaks is out of range",
                "/quantity");
    }
    price.level = search.winner->level;
    price.rule_id = search.winner->rule_id;
    price.list_price = search.winner->unit_price;
    for (const auto* rule : search.beaten) price.beaten_rule_ids.push_back(rule->rule_id);
  }
  if (by_hand) {
    // The rules' answer for this quantity is what the given price is measured against.
    if (search.winner != nullptr) {
      price.list_price = price.unit_price;
      price.beaten_rule_ids.insert(price.beaten_rule_ids.begin(), price.rule_id);
    }
    price.level = PriceLevel::Given;
    price.rule_id.clear();
    price.unit_price = request.given;
    return price;
  }
  if (search.winner == nullptr) {
    if (search.other_currency) {
      return no(RejectionCode::CurrencyMismatch, "the product has prices in other currencies only",
                "/product_id");
    }
    return no(RejectionCode::NotFound, "the product has no price that applies", "/product_id");
  }
  return price;
}

}  // namespace orderlog::engine
