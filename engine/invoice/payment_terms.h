// Payment terms turned into dates and amounts (domain.md 4.18): NET n, EOM n, instalments,
// prepayment, cash discount. Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include "engine/decision.h"
#include "engine/policy.h"
#include "engine/pricing/checked.h"
#include "events/base/time.h"

namespace orderlog::engine {

inline constexpr std::size_t instalments_max = 120;
inline constexpr std::int32_t terms_days_max = 3'650;

// The last day of the month. Errors: the calendar's, at its end.
Result<Day> month_end(Day day);

struct Payable {
  // Ascending by date, one entry a date, no zero amounts; Σ amounts = total.
  std::vector<schema::DueAmountT> due;
  // Last day on which the cash discount is granted, and what it comes to.
  std::optional<Day> discount_until;
  Money discount;
};

// Why these terms cannot be used; nothing if they can. nullptr and no instalments mean NET
// policy.net_days. Shares of instalments sum to 100 %, days are 0 … terms_days_max. The pointer is
// relative to the terms.
std::optional<Rejection> problem_of(const schema::PaymentTermsT* terms);

// The terms must have no problem. Days count from the issue date, or from the end of its month.
// Rejects: InvalidArgument when a date leaves the calendar.
Checked<Payable> payable(const Money& total, const schema::PaymentTermsT* terms, Day issued_on,
                         const BillingPolicy& policy);

}  // namespace orderlog::engine
