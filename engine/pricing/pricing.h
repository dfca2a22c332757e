// Which price holds, what a line comes to, and who must agree to it (domain.md 4.2 - 4.5, 4.8).
// Must hold: 1. one explained winner, the beaten rules beside it; 2. an amount is rounded once;
// 3. Σ parts = whole. Pure functions over values; rejection pointers are relative to the line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy.h"
#include "engine/pricing/checked.h"
#include "events/base/money.h"
#include "events/base/time.h"
#include "events/schema/product_generated.h"

namespace orderlog::engine {

// What the price of one line may depend on. Empty strings match no rule.
struct PriceRequest {
  std::string_view customer_id;
  // The contract called off. Contract rules also apply by key = customer id (a frame contract).
  std::string_view contract_id;
  schema::Grade grade = schema::Grade::Unrated;
  std::string_view region;
  std::string_view channel;
  schema::Currency currency = schema::Currency::None;
  Quantity quantity;
  Day on = 0;
  // A price asked for by hand; currency None means absent: priced by the rules.
  UnitPrice given;
  std::int32_t manual_discount_ppm = 0;
};

// domain.md 4.5: contract > customer > grade > channel > region > base; within a level the higher
// priority, then the newer, then the smaller id. Then the winner's quantity break, then the manual
// part. A given price beats all levels; list_price then says what the rules would have asked.
// Without a given price list_price is the winner's price before its break. `product` may be null
// only if a price is given. Rejects: NotFound (no rule), CurrencyMismatch (rules only in another
// currency), InvalidArgument (quantity ≤ 0, price < 0, discount outside 0 … 100 %), Overflow.
Checked<schema::PriceExplanationT> resolve_price(const schema::ProductStateT* product,
                                                 const PriceRequest& request);

// Amounts of one line in the price's currency. Where prices include their tax, gross and net are
// what is left of the amounts below without it, and net + tax is the price to the minor unit.
struct LineAmounts {
  Money gross;     // round(price × quantity)
  Money discount;  // gross − net
  Money net;       // round(price × quantity × (1 − discount)), in one step
  Money tax;
  Money cost;  // currency None when unknown: no cost kept, or in a currency without a rate
};

// `unit_cost` may be absent (currency None) or in the base currency, then `rate` (may be null)
// converts it. Tax per line after multiplying or per unit, as policy.tax says (4.2, 4.3).
// Rejects: InvalidArgument, Overflow.
Checked<LineAmounts> price_line(const schema::PriceExplanationT& price, const Quantity& quantity,
                                const UnitPrice& unit_cost, std::int32_t tax_rate_ppm,
                                const schema::ExchangeRateT* rate, const Policy& policy);

// Tax rate of a supply in ppm; 0 when the customer is exempt, the default when nothing is set.
std::int32_t tax_rate_ppm(const TaxPolicy& policy, std::string_view country,
                          std::string_view tax_class, bool exempt);

// Spreads a header discount or freight over lines in proportion to their weights (their net, minor
// units) by largest remainder; equal parts when all weights are 0. Σ parts = total.
Checked<std::vector<Money>> spread(const Money& total, std::span<const std::int64_t> weights);

// What a role may give away by hand: 5 / 15 / 30 % (4.5); 0 for roles outside sales.
std::int64_t discount_limit_ppm(schema::Role role, const PricePolicy& policy);

// The discount that a person gave: the manual one, and a given price below the list price.
std::int64_t given_discount_ppm(const schema::PriceExplanationT& price);

// Why this line needs an approval: discount over the role's limit, or margin (net − cost) / net
// under the minimum; nothing when neither. An unknown cost is no breach.
std::optional<std::string> price_breach(const schema::PriceExplanationT& price, const Money& net,
                                        const Money& cost, schema::Role role,
                                        const PricePolicy& policy);

// The roles that must agree, in order (4.8); each level includes the lower ones. C, Unrated and
// new customers: one tier more. D and E: the credit officer first, always. A breach: at least a
// manager. `base_minor` in minor units of the base currency.
std::vector<schema::Role> approval_tiers(schema::Grade grade, bool new_customer,
                                         std::int64_t base_minor, bool breach,
                                         const ApprovalPolicy& policy);

// Whether the total grew by more than the tolerance, so that an approval must be asked for anew.
bool needs_reapproval(std::int64_t approved_minor, std::int64_t new_minor,
                      const ApprovalPolicy& policy);

struct BaseAmount {
  Money amount;
  // Set when the rate is older than allowed (4.4): the order is held for its price.
  std::optional<std::string> stale;
};

// The amount in the base currency. Rejects: CurrencyMismatch (other currency, no rate),
// InvalidArgument (rate not positive), Overflow.
Checked<BaseAmount> to_base_currency(const Money& amount, const schema::ExchangeRateT* rate,
                                     TimestampUs now, const Policy& policy);

}  // namespace orderlog::engine
