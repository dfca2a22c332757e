// What a product's profile and its price rules must say (domain.md 4.1, 4.5). Internal to the room.
#pragma once

#include <optional>

#include "engine/context.h"
#include "engine/decision.h"

namespace orderlog::engine::product {

// Price rules of one product, and quantity breaks of one rule.
inline constexpr std::size_t price_rules_max = 1'000;
inline constexpr std::size_t price_breaks_max = 50;
inline constexpr std::int32_t pick_pack_days_max = 365;

// The rule that DefineProduct's base price becomes.
inline constexpr const char* base_rule_id = "base";

using Fault = std::optional<Rejection>;

// The first thing that is wrong, with its pointer below /profile, /base_price or /rule.
Fault check_profile(const schema::ProductProfile* profile);
Fault check_price(const schema::UnitPrice& price, const std::string& pointer);
Fault check_rule(const schema::PriceRule* rule);

}  // namespace orderlog::engine::product
