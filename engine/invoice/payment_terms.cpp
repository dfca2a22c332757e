#include "engine/invoice/payment_terms.h"

#include <map>
#include <string>

#include "events/base/money.h"

namespace orderlog::engine {

namespace {

bool is_share(std::int32_t ppm) { return ppm >= 0 && ppm <= ppm_whole; }
bool is_day_count(std::int32_t days) { return days >= 0 && days <= terms_days_max; }

Rejection invalid(std::string detail, std::string pointer) {
  return Rejection{RejectionCode::InvalidArgument, std::move(pointer), std::move(detail)};
}

// The day from which the terms count.
Result<Day> base_day(const schema::PaymentTermsT* terms, Day issued_on) {
  if (!terms || terms->base == schema::TermsBase::InvoiceDate) return issued_on;
  return month_end(issued_on);
}

struct Share {
  std::int64_t weight;
  Day due_date;
};

// The prepaid share is due at once; the instalments divide what it leaves.
std::vector<Share> shares_of(const schema::PaymentTermsT* terms, Day issued_on, Day base,
                             std::int32_t net_days) {
  std::vector<Share> shares;
  std::int64_t later = ppm_whole;
  if (terms && terms->prepayment_ppm > 0) {
    shares.push_back({terms->prepayment_ppm * ppm_whole, issued_on});
    later -= terms->prepayment_ppm;
  }
  if (!terms || terms->instalments.empty()) {
    shares.push_back({later * ppm_whole, base + net_days});
    return shares;
  }
  for (const auto& instalment : terms->instalments) {
    shares.push_back({later * instalment->share_ppm, base + instalment->days});
  }
  return shares;
}

}  // namespace

Result<Day> month_end(Day day) {
  CivilDate date = civil_from_day(day);
  date.day_of_month = 1;
  if (++date.month > 12) {
    date.month = 1;
    ++date.year;
  }
  const auto next_month = day_from_civil(date);
  if (!next_month) return next_month.error();
  return *next_month - 1;
}

std::optional<Rejection> problem_of(const schema::PaymentTermsT* terms) {
  if (!terms) return std::nullopt;
  if (terms->base > schema::TermsBase::MAX) return invalid("unknown base of the terms", "/base");
  if (!is_share(terms->discount_ppm)) {
    return invalid("a cash discount is 0 to 100 %", "/discount_ppm");
  }
  if (!is_day_count(terms->discount_days)) {
    return invalid("days of the cash discount are out of range", "/discount_days");
  }
  if (!is_share(terms->prepayment_ppm)) {
    return invalid("a prepayment is 0 to 100 %", "/prepayment_ppm");
  }
  if (terms->instalments.size() > instalments_max) {
    return Rejection{RejectionCode::LimitExceeded, "/instalments",
                     "more than " + std::to_string(instalments_max) + " instalments"};
  }
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < terms->instalments.size(); ++i) {
    const auto& instalment = *terms->instalments[i];
    const std::string pointer = "/instalments/" + std::to_string(i);
    if (!is_share(instalment.share_ppm)) {
      return invalid("an instalment is 0 to 100 %", pointer + "/share_ppm");
    }
    if (!is_day_count(instalment.days)) {
      return invalid("days of an instalment are out of range", pointer + "/days");
    }
    sum += instalment.share_ppm;
  }
  if (!terms->instalments.empty() && sum != ppm_whole) {
    return invalid("instalments sum to " + std::to_string(sum) + " ppm, not to the whole",
                   "/instalments");
  }
  return std::nullopt;
}

Checked<Payable> payable(const Money& total, const schema::PaymentTermsT* terms, Day issued_on,
                         const BillingPolicy& policy) {
  const auto base = base_day(terms, issued_on);
  if (!base) return rejection_of(base.error());
  const auto shares = shares_of(terms, issued_on, *base, policy.net_days);
  std::vector<std::int64_t> weights;
  for (const auto& share : shares) weights.push_back(share.weight);
  const auto amounts = allocate(total, weights);
  if (!amounts) return rejection_of(amounts.error());

  std::map<Day, std::int64_t> by_date;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].due_date > day_max) {
      return Rejection{RejectionCode::InvalidArgument, {}, "a due date leaves the calendar"};
    }
    by_date[shares[i].due_date] += (*amounts)[i].minor();
  }
  Payable result;
  for (const auto& [due_date, minor] : by_date) {
    if (minor == 0) continue;
    schema::DueAmountT due;
    due.due_date = due_date;
    due.amount = Money(minor, total.currency());
    result.due.push_back(std::move(due));
  }
  if (terms && terms->discount_ppm > 0) {
    const auto discount = basis_points_of(total, terms->discount_ppm, Rounding::HalfEven);
    if (!discount) return rejection_of(discount.error());
    result.discount_until = *base + terms->discount_days;
    result.discount = *discount;
  }
  return result;
}

}  // namespace orderlog::engine
