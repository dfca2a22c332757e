#include "engine/invoice/balance.h"

#include <algorithm>

#include "events/base/ensure.h"
#include "events/base/money.h"

namespace orderlog::engine {

namespace {

std::int64_t discounts_minor(const schema::InvoiceStateT& invoice) {
  std::int64_t sum = 0;
  for (const auto& allocation : invoice.allocations) sum += allocation->discount_minor;
  return sum;
}

// whole × part / total for 0 ≤ part ≤ total, so the result lies between 0 and `whole`.
std::int64_t share_minor(std::int64_t whole, std::int64_t part, std::int64_t total) {
  if (total == 0 || part == 0) return 0;
  const Money amount(whole, schema::Currency::None);
  const auto share = fraction_of(amount, part, total, Rounding::HalfEven);
  ORDERLOG_ENSURE(share.ok(), "a share of an amount is larger than the amount");
  return share->minor();
}

// What is still offered for payment in time; shrinks with what was credited.
std::int64_t discount_on_offer(const schema::InvoiceStateT& invoice, Day today) {
  if (!invoice.discount_until || today > *invoice.discount_until) return 0;
  const std::int64_t total = total_minor(invoice);
  const std::int64_t left = total - invoice.credited_minor;
  const std::int64_t offered =
      share_minor(invoice.discount_minor, std::max<std::int64_t>(left, 0), total);
  return std::max<std::int64_t>(0, offered - discounts_minor(invoice));
}

bool is_small(std::int64_t difference, std::int64_t total, const BillingPolicy& policy) {
  if (difference > policy.small_difference_max_minor) return false;
  const auto limit = basis_points_of(Money(total, schema::Currency::None),
                                     policy.small_difference_ppm, Rounding::Down);
  return limit.ok() && difference <= limit->minor();
}

}  // namespace

schema::Currency currency_of(const schema::InvoiceStateT& invoice) {
  return invoice.content ? invoice.content->total.currency() : schema::Currency::None;
}

std::int64_t total_minor(const schema::InvoiceStateT& invoice) {
  return invoice.content ? invoice.content->total.minor() : 0;
}

std::int64_t open_minor(const schema::InvoiceStateT& invoice) {
  if (invoice.stage == schema::InvoiceStage::None ||
      invoice.stage == schema::InvoiceStage::Voided) {
    return 0;
  }
  return total_minor(invoice) + invoice.credit_returned_minor - invoice.credited_minor -
         invoice.paid_minor - discounts_minor(invoice) - invoice.written_off_minor;
}

std::int64_t settled_minor(const schema::InvoiceStateT& invoice) {
  return total_minor(invoice) - open_minor(invoice);
}

std::int64_t credit_rest_minor(const schema::InvoiceStateT& invoice) {
  return total_minor(invoice) - invoice.credited_minor - invoice.written_off_minor -
         discounts_minor(invoice);
}

Settlement settlement(const schema::InvoiceStateT& invoice) {
  if (invoice.stage == schema::InvoiceStage::Draft || open_minor(invoice) > 0) {
    return invoice.paid_minor > 0 ? Settlement::PartiallyPaid : Settlement::Open;
  }
  return invoice.credit_returned_minor > 0 ? Settlement::Overpaid : Settlement::Paid;
}

std::int64_t base_moved_minor(const schema::InvoiceStateT& invoice, std::int64_t settled_after) {
  if (!invoice.content) return 0;
  const std::int64_t base_total = invoice.content->base_total.minor();
  return share_minor(base_total, settled_after, total_minor(invoice)) - invoice.base_settled_minor;
}

std::int64_t net_of_credit_minor(const schema::InvoiceStateT& invoice, std::int64_t amount_minor) {
  if (!invoice.content) return amount_minor;
  std::int64_t tax = 0;
  for (const auto& line : invoice.content->lines) tax += line->tax.minor();
  const std::int64_t total = total_minor(invoice);
  const std::int64_t before = share_minor(tax, invoice.credited_minor, total);
  const std::int64_t after = share_minor(tax, invoice.credited_minor + amount_minor, total);
  return amount_minor - (after - before);
}

Taken take_payment(const schema::InvoiceStateT& invoice, std::int64_t offered, Day today,
                   const BillingPolicy& policy) {
  const std::int64_t open = open_minor(invoice);
  Taken taken;
  taken.amount = std::min(offered, open);
  const std::int64_t missing = open - taken.amount;
  if (missing == 0) return taken;
  // The discount is for paying all of it in time: granted only if nothing (or nothing that
  // matters) stays open with it.
  const std::int64_t discount = std::min(discount_on_offer(invoice, today), missing);
  const std::int64_t left = missing - discount;
  if (left == 0 || is_small(left, total_minor(invoice), policy)) {
    taken.cash_discount = discount;
    taken.small_difference = left;
  }
  return taken;
}

}  // namespace orderlog::engine
