// A quote with one product and one customer, and the commands of its life, for the tests of quotes.
#pragma once

#include "tests/engine/scenario.h"

namespace orderlog::engine::test::quotes {

using schema::Currency;
using schema::Grade;
using schema::PriceLevel;
using schema::QuoteStage;
using schema::Role;

// 2024-01-15 in UTC, where scenarios start.
inline constexpr Day start_day = 19'737;

inline schema::ProductStateT product_of(std::int64_t price_cents, std::int64_t cost_cents) {
  schema::ProductStateT product;
  product.status = schema::ProductStatus::Active;
  product.profile = std::make_unique<schema::ProductProfileT>();
  product.profile->product_class = "tools";
  product.profile->unit_cost = UnitPrice(cost_cents, Currency::USD, 2);
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = "base";
  rule->level = PriceLevel::Base;
  rule->unit_price = UnitPrice(price_cents, Currency::USD, 2);
  product.prices.push_back(std::move(rule));
  return product;
}

inline schema::CustomerStateT customer_of(Grade grade, std::string zone = "UTC") {
  schema::CustomerStateT customer;
  customer.status = schema::CustomerStatus::Active;
  customer.grade = grade;
  customer.profile = std::make_unique<schema::CustomerProfileT>();
  customer.profile->time_zone = std::move(zone);
  customer.profile->address = std::make_unique<schema::AddressT>();
  customer.profile->address->city = "Dresden";
  return customer;
}

struct QuoteScenario : Scenario<QuoteAggregate> {
  explicit QuoteScenario(Grade grade = Grade::A, std::string zone = "UTC")
      : Scenario<QuoteAggregate>("Q-1") {
    reference.products["HAMMER"] = product_of(2000, 1000);
    reference.customers["C-1"] = customer_of(grade, std::move(zone));
    as("ann", Role::Sales);
  }
};

inline std::unique_ptr<schema::QuoteLineRequestT> line(std::int64_t units,
                                                       std::int32_t discount_ppm = 0,
                                                       std::string product = "HAMMER") {
  auto request = std::make_unique<schema::QuoteLineRequestT>();
  request->product_id = std::move(product);
  request->quantity = Quantity(units * 1000);
  request->discount_ppm = discount_ppm;
  return request;
}

template <class CommandT>
CommandT of_quote(CommandT command = {}) {
  command.quote_id = "Q-1";
  return command;
}
inline schema::DraftQuoteT draft(std::int64_t units = 10, std::int32_t discount_ppm = 0) {
  auto command = of_quote<schema::DraftQuoteT>();
  command.customer_id = "C-1";
  command.lines.push_back(line(units, discount_ppm));
  command.channel = "web";
  return command;
}
inline schema::RecordQuoteApprovalT outcome(std::string approval_id, bool granted) {
  auto command = of_quote<schema::RecordQuoteApprovalT>();
  command.approval_id = std::move(approval_id);
  command.granted = granted;
  command.reason = granted ? "" : "too cheap";
  return command;
}
inline schema::PlaceOrderFromQuoteT order(std::string order_id) {
  auto command = of_quote<schema::PlaceOrderFromQuoteT>();
  command.order_id = std::move(order_id);
  return command;
}
inline schema::ReviseQuoteT revise(std::string new_id) {
  auto command = of_quote<schema::ReviseQuoteT>();
  command.new_quote_id = std::move(new_id);
  return command;
}
inline schema::RejectQuoteT reject_because(std::string reason) {
  auto command = of_quote<schema::RejectQuoteT>();
  command.reason = std::move(reason);
  return command;
}
inline schema::ExtendQuoteT extend_to(Day day) {
  auto command = of_quote<schema::ExtendQuoteT>();
  command.valid_until = day;
  return command;
}
inline const auto submit = of_quote<schema::SubmitQuoteT>();
inline const auto issue = of_quote<schema::IssueQuoteT>();
inline const auto accept = of_quote<schema::AcceptQuoteT>();
inline const auto withdraw = of_quote<schema::WithdrawQuoteT>();
inline const auto check_expiry = of_quote<schema::CheckQuoteExpiryT>();

inline void bring_to(QuoteScenario& quote, QuoteStage stage) {
  quote.when(draft(10, stage == QuoteStage::PendingApproval ? 60'000 : 0)).then_ignore();
  if (stage == QuoteStage::Draft) return;
  quote.when(submit).then_ignore();
  if (stage == QuoteStage::PendingApproval || stage == QuoteStage::Approved) return;
  quote.when(issue).then_ignore();
  if (stage == QuoteStage::Issued) return;
  if (stage == QuoteStage::Rejected) {
    quote.when(reject_because("price")).then_ignore();
  } else if (stage == QuoteStage::Withdrawn) {
    quote.when(withdraw).then_ignore();
  } else if (stage == QuoteStage::Superseded) {
    quote.when(revise("Q-2")).then_ignore();
  } else if (stage == QuoteStage::Expired) {
    quote.when_due(check_expiry).then_ignore();
  } else {
    quote.when(accept).then_ignore();
    if (stage == QuoteStage::Ordered) quote.when(order("O-1")).then_ignore();
  }
}

inline const std::vector<QuoteStage> all_stages{
    QuoteStage::Draft,     QuoteStage::PendingApproval, QuoteStage::Approved, QuoteStage::Issued,
    QuoteStage::Accepted,  QuoteStage::Ordered,         QuoteStage::Rejected, QuoteStage::Expired,
    QuoteStage::Withdrawn, QuoteStage::Superseded};

}  // namespace orderlog::engine::test::quotes
