#include "engine/product/checks.h"

#include <string>

#include "events/base/currency.h"
#include "events/base/money.h"
#include "events/base/time.h"

namespace orderlog::engine::product {

namespace {

using schema::PriceLevel;

Fault fault(std::string detail, std::string pointer,
            RejectionCode code = RejectionCode::InvalidArgument) {
  return Rejection{code, std::move(pointer), std::move(detail)};
}

bool is_empty(const flatbuffers::String* text) { return text == nullptr || text->size() == 0; }

bool is_grade_name(std::string_view name) {
  for (const schema::Grade grade : schema::EnumValuesGrade()) {
    if (name == schema::EnumNameGrade(grade)) return true;
  }
  return false;
}

// Every level but Base speaks of somebody, and its key says of whom.
Fault check_key(const schema::PriceRule& rule) {
  switch (rule.level()) {
    case PriceLevel::Base:
      if (!is_empty(rule.key())) return fault("a base price holds for everybody", "/rule/key");
      return std::nullopt;
    case PriceLevel::Grade:
      if (is_empty(rule.key()) || !is_grade_name(rule.key()->string_view())) {
        return fault("the key of a grade price is a grade: Unrated, A, B, C, D or E", "/rule/key");
      }
      return std::nullopt;
    case PriceLevel::Region:
    case PriceLevel::Channel:
    case PriceLevel::Customer:
    case PriceLevel::Contract:
      if (is_empty(rule.key())) {
        return fault("this price needs the key of whom it is for", "/rule/key");
      }
      return std::nullopt;
    case PriceLevel::None:
    case PriceLevel::Given:
      break;
  }
  return fault("a price rule is for base, region, channel, grade, customer or contract",
               "/rule/level");
}

Fault check_breaks(const schema::PriceRule& rule) {
  if (rule.break_mode() < schema::BreakMode::MIN || rule.break_mode() > schema::BreakMode::MAX) {
    return fault("no such break mode", "/rule/break_mode");
  }
  if (rule.breaks() == nullptr) return std::nullopt;
  if (rule.breaks()->size() > price_breaks_max) {
    return fault("too many quantity breaks", "/rule/breaks", RejectionCode::LimitExceeded);
  }
  std::int64_t previous = 0;
  for (flatbuffers::uoffset_t i = 0; i < rule.breaks()->size(); ++i) {
    const auto& step = *rule.breaks()->Get(i);
    const std::string at = "/rule/breaks/" + std::to_string(i);
    if (step.from() == nullptr || step.from()->milli() <= previous) {
      return fault("quantity breaks are above zero and ascending", at + "/from");
    }
    previous = step.from()->milli();
    if (step.unit_price() == nullptr) return fault("the price is missing", at + "/unit_price");
    if (auto no = check_price(*step.unit_price(), at + "/unit_price")) return no;
    if (step.unit_price()->currency() != rule.unit_price()->currency()) {
      return fault("a rule's prices are in one currency", at + "/unit_price",
                   RejectionCode::CurrencyMismatch);
    }
  }
  return std::nullopt;
}

}  // namespace

Fault check_price(const schema::UnitPrice& price, const std::string& pointer) {
  if (price.mantissa() <= 0) return fault("a price is above zero", pointer);
  if (price.digits() > price_digits_max) {
    return fault("a price has at most 8 decimals", pointer + "/digits");
  }
  if (!is_known(price.currency())) return fault("a price has a currency", pointer + "/currency");
  return std::nullopt;
}

Fault check_profile(const schema::ProductProfile* profile) {
  if (profile == nullptr) return fault("the profile is missing", "/profile");
  if (is_empty(profile->name())) return fault("a product has a name", "/profile/name");
  if (profile->pick_pack_days() < 0 || profile->pick_pack_days() > pick_pack_days_max) {
    return fault("days are 0 to 365", "/profile/pick_pack_days");
  }
  const auto* cost = profile->unit_cost();
  if (cost == nullptr || cost->mantissa() == 0) return std::nullopt;
  return check_price(*cost, "/profile/unit_cost");
}

Fault check_rule(const schema::PriceRule* rule) {
  if (rule == nullptr || rule->unit_price() == nullptr) {
    return fault("the price is missing", "/rule/unit_price");
  }
  if (is_empty(rule->rule_id())) return fault("a price rule has an id", "/rule/rule_id");
  if (auto no = check_key(*rule)) return no;
  if (auto no = check_price(*rule->unit_price(), "/rule/unit_price")) return no;
  const auto from = rule->valid_from();
  const auto until = rule->valid_until();
  if (from.has_value() && until.has_value() && *until < *from) {
    return fault("the rule ends before it starts", "/rule/valid_until");
  }
  return check_breaks(*rule);
}

}  // namespace orderlog::engine::product
