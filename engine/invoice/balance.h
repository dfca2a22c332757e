// What an invoice still owes. Must hold, at every state that events lead to:
// 1. open = total + credit returned − credited − paid − cash discounts − written off, never below
// 0;
// 2. the base currency follows the settled part of the total, so that the base amounts of all
//    settlements of a closed invoice sum to its base total (domain.md 4.4, P11).
// Amounts in minor units of the invoice's currency. Pure; any thread.
#pragma once

#include <cstdint>

#include "engine/policy.h"
#include "events/base/time.h"
#include "events/schema/billing_generated.h"

namespace orderlog::engine {

// Derived, never stored (domain.md 3.12). Overpaid: settled, and a credit note for goods already
// paid went back to the customer.
enum class Settlement : std::uint8_t { Open, PartiallyPaid, Paid, Overpaid };

schema::Currency currency_of(const schema::InvoiceStateT& invoice);
std::int64_t total_minor(const schema::InvoiceStateT& invoice);
std::int64_t open_minor(const schema::InvoiceStateT& invoice);
// The part of the total that is no longer owed, by whatever means: total − open.
std::int64_t settled_minor(const schema::InvoiceStateT& invoice);
// What may still be credited: more would give back what the customer never paid.
std::int64_t credit_rest_minor(const schema::InvoiceStateT& invoice);
Settlement settlement(const schema::InvoiceStateT& invoice);

// Minor units of the base currency that moving the settled part to `settled_after` is worth;
// negative when it falls. Half-even at every position, so rounding never accumulates.
std::int64_t base_moved_minor(const schema::InvoiceStateT& invoice, std::int64_t settled_after);

// Of an amount credited next: the part that is not tax, Σ over all credit notes = that of the
// total.
std::int64_t net_of_credit_minor(const schema::InvoiceStateT& invoice, std::int64_t amount_minor);

// How a payment of `offered` > 0 settles an open invoice on `today` (domain.md 4.18, 4.20).
struct Taken {
  std::int64_t amount = 0;            // of the payment, at most the open balance
  std::int64_t cash_discount = 0;     // granted when the payment in time falls short by no more
  std::int64_t small_difference = 0;  // left over and too small to dun: to be written off
};
Taken take_payment(const schema::InvoiceStateT& invoice, std::int64_t offered, Day today,
                   const BillingPolicy& policy);

}  // namespace orderlog::engine
