// The header: what the customer said, completed from the customer's profile and the policy.
#include "engine/invoice/payment_terms.h"
#include "engine/order/entry.h"
#include "events/base/calendar.h"
#include "events/base/currency.h"

namespace orderlog::engine::order {

namespace {

using schema::Authority;
using schema::CustomerProfileT;
using schema::OrderHeaderT;

Rejection invalid(std::string detail, std::string pointer) {
  return Rejection{RejectionCode::InvalidArgument, std::move(pointer), std::move(detail)};
}

void default_to(std::string& field, const std::string& fallback) {
  if (field.empty()) field = fallback;
}

void complete_from_profile(OrderHeaderT& header, const CustomerProfileT& profile) {
  if (header.currency == schema::Currency::None) header.currency = profile.currency;
  default_to(header.time_zone, profile.time_zone);
  default_to(header.salesperson, profile.salesperson);
  if (!header.ship_to && profile.address) {
    header.ship_to = std::make_unique<schema::AddressT>(*profile.address);
  }
  if (!header.payment_terms && profile.payment_terms) {
    header.payment_terms = std::make_unique<schema::PaymentTermsT>(*profile.payment_terms);
  }
  default_to(header.region, profile.region);
}

std::optional<Rejection> check_amount(Money& amount, schema::Currency currency,
                                      const std::string& pointer) {
  if (amount.currency() == schema::Currency::None && amount.minor() == 0) {
    amount = Money(0, currency);
  }
  if (amount.currency() != currency) {
    return Rejection{RejectionCode::CurrencyMismatch, pointer, "not in the order's currency"};
  }
  if (amount.minor() < 0) return invalid("an amount is negative", pointer);
  return std::nullopt;
}

std::optional<Rejection> check_requested(const OrderHeaderT& header, const Context& context) {
  if (header.promised_date.has_value() &&
      (header.promised_date.value() < day_min || header.promised_date.value() >= day_max)) {
    return invalid("there is no such day", "/header/promised_date");
  }
  if (!header.requested_date.has_value()) return std::nullopt;
  const Day requested = header.requested_date.value();
  const Day today = local_today(header, context);
  if (requested > today + requested_days_ahead_max) {
    return invalid("the requested date is too far ahead", "/header/requested_date");
  }
  if (requested < day_min) return invalid("there is no such day", "/header/requested_date");
  if (requested < today && context.authority != Authority::Import) {
    return invalid("the requested date is in the past", "/header/requested_date");
  }
  return std::nullopt;
}

std::optional<Rejection> check_header(OrderHeaderT& header, const Context& context) {
  if (!is_known(header.currency)) return invalid("the currency is missing", "/header/currency");
  if (!is_known_zone(header.time_zone)) {
    return invalid("unknown time zone " + quote_input(header.time_zone), "/header/time_zone");
  }
  if (auto problem = check_amount(header.freight, header.currency, "/header/freight")) {
    return problem;
  }
  if (auto problem =
          check_amount(header.header_discount, header.currency, "/header/header_discount")) {
    return problem;
  }
  if (auto problem = engine::problem_of(header.payment_terms.get())) {
    problem->pointer = "/header/payment_terms" + problem->pointer;
    return problem;
  }
  return check_requested(header, context);
}

}  // namespace

std::optional<Rejection> problem_of_customer(const OrderHeaderT& header, const Context& context) {
  if (context.authority == Authority::Import) return std::nullopt;
  const auto* customer = context.reference.customer(header.customer_id);
  if (customer == nullptr) {
    return Rejection{RejectionCode::NotFound, "/header/customer_id", "no such customer"};
  }
  if (customer->status != schema::CustomerStatus::Active) {
    return Rejection{RejectionCode::InvalidTransition, "/header/customer_id",
                     "the customer is not active"};
  }
  const bool addressed =
      header.ship_to && !(header.ship_to->street.empty() && header.ship_to->city.empty() &&
                          header.ship_to->country.empty());
  if (!addressed) return invalid("the order has no address", "/header/ship_to");
  return std::nullopt;
}

Checked<HeaderPtr> complete_header(const schema::OrderHeader& header, bool draft,
                                   const Context& context) {
  HeaderPtr complete(header.UnPack());
  if (complete->customer_id.empty()) {
    return invalid("the order has no customer", "/header/customer_id");
  }
  if (const auto* customer = context.reference.customer(complete->customer_id)) {
    if (customer->profile) complete_from_profile(*complete, *customer->profile);
    if (complete->customer_grade == schema::Grade::Unrated) {
      complete->customer_grade = customer->grade;
    }
  }
  if (complete->region.empty() && complete->ship_to) complete->region = complete->ship_to->country;
  default_to(complete->time_zone, context.policy.time_zone);
  if (auto problem = check_header(*complete, context)) return std::move(*problem);
  if (!draft) {
    if (auto problem = problem_of_customer(*complete, context)) return std::move(*problem);
  }
  return complete;
}

}  // namespace orderlog::engine::order
