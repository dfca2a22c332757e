// How money comes in: initiated, authorized, captured in parts, settled; or not at all. Must hold:
// 1. Σ captured ≤ authorized, except for recorded history; 2. a provider's message counts once;
// 3. nothing captured is voided; 4. what a charge back takes is no longer captured, on invoices or
// unapplied. A final message that comes again is heard and changes nothing. Rules: domain.md 3.13.
#include <string>
#include <utility>

#include "engine/payment/decisions.h"
#include "engine/payment/funds.h"
#include "events/base/currency.h"
#include "events/base/money.h"

namespace orderlog::engine::payment {

namespace {

using schema::PaymentStage;

bool is_import(const Context& context) { return context.authority == schema::Authority::Import; }

Rejected too_much(const char* what, std::int64_t limit, Currency currency) {
  return reject(RejectionCode::LimitExceeded, what + to_string(Money(limit, currency)), "/amount");
}

// A capture on a new id: money that came without earlier steps, such as a bank transfer.
std::optional<Rejection> check_opening(const schema::CapturePayment& command) {
  if (!command.customer_id() || command.customer_id()->size() == 0) {
    return Rejection{RejectionCode::InvalidArgument, "/customer_id", "a payment has a customer"};
  }
  if (!is_known(command.amount()->currency())) {
    return Rejection{RejectionCode::InvalidArgument, "/amount", "unknown currency"};
  }
  return std::nullopt;
}

// A rate that can't be used is refused with the payment, not found out when an invoice is settled.
std::optional<Rejection> check_rate(const schema::CapturePayment& command, const Policy& policy) {
  const auto* rate = command.exchange_rate();
  if (rate == nullptr) return std::nullopt;
  const auto worth = convert(*command.amount(), rate->mantissa(), rate->scale(),
                             policy.base_currency, policy.rounding_of(policy.base_currency));
  if (!worth) return rejection_of(worth.error(), "/exchange_rate");
  return std::nullopt;
}

std::optional<Rejection> check_next_capture(const schema::PaymentStateT& state,
                                            const schema::CapturePayment& command,
                                            const Context& context) {
  const bool authorized =
      state.stage == PaymentStage::Authorized || state.stage == PaymentStage::Captured;
  if (!authorized && !(is_import(context) && state.stage == PaymentStage::Initiated)) {
    return wrong_stage(state, "captured").rejection;
  }
  const auto customer_id = flatbuffers::GetStringView(command.customer_id());
  if (!customer_id.empty() && customer_id != state.customer_id) {
    return Rejection{RejectionCode::InvalidArgument, "/customer_id",
                     "the payment is of customer " + state.customer_id};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Rejection> problem_of(const schema::PaymentStateT& state, const Money& amount) {
  if (state.stage != PaymentStage::None && amount.currency() != state.currency) {
    return Rejection{RejectionCode::CurrencyMismatch, "/amount", "not in the payment's currency"};
  }
  if (amount.minor() <= 0) {
    return Rejection{RejectionCode::InvalidArgument, "/amount", "an amount is above 0"};
  }
  return std::nullopt;
}

Rejected wrong_stage(const schema::PaymentStateT& state, std::string_view what) {
  return reject(RejectionCode::InvalidTransition, std::string("a payment that is ") +
                                                      schema::EnumNamePaymentStage(state.stage) +
                                                      " cannot be " + std::string(what));
}

PaymentDecision initiate(const schema::PaymentStateT& state,
                         const schema::InitiatePayment& command) {
  if (state.stage != PaymentStage::None) {
    return reject(RejectionCode::AlreadyExists, "the payment exists");
  }
  if (auto problem = problem_of(state, *command.amount())) return Rejected{std::move(*problem)};
  if (!is_known(command.amount()->currency())) {
    return reject(RejectionCode::InvalidArgument, "unknown currency", "/amount");
  }
  schema::PaymentInitiatedT initiated;
  initiated.customer_id = flatbuffers::GetString(command.customer_id());
  if (initiated.customer_id.empty()) {
    return reject(RejectionCode::InvalidArgument, "a payment has a customer", "/customer_id");
  }
  initiated.amount = *command.amount();
  initiated.method = flatbuffers::GetString(command.method());
  initiated.order_id = flatbuffers::GetString(command.order_id());
  PaymentDecision decision;
  decision.add(std::move(initiated));
  return decision;
}

PaymentDecision authorize(const schema::PaymentStateT& state,
                          const schema::AuthorizePayment& command, const Context& context) {
  const std::string reference = flatbuffers::GetString(command.provider_reference());
  if (is_known_reference(state, ReferenceKind::Authorization, reference)) return {};
  if (state.stage != PaymentStage::Initiated) return wrong_stage(state, "authorized");
  const Money amount = *command.amount();
  if (auto problem = problem_of(state, amount)) return Rejected{std::move(*problem)};
  if (amount.minor() > state.amount_minor && !is_import(context)) {
    return too_much("the payment was initiated over ", state.amount_minor, state.currency);
  }
  schema::PaymentAuthorizedT authorized;
  authorized.amount = amount;
  authorized.provider_reference = reference;
  PaymentDecision decision;
  decision.add(std::move(authorized));
  return decision;
}

PaymentDecision capture(const schema::PaymentStateT& state, const schema::CapturePayment& command,
                        const Context& context) {
  const std::string reference = flatbuffers::GetString(command.provider_reference());
  if (is_known_reference(state, ReferenceKind::Capture, reference)) return {};
  const bool opens = state.stage == PaymentStage::None;
  if (auto problem = opens ? check_opening(command) : check_next_capture(state, command, context)) {
    return Rejected{std::move(*problem)};
  }
  const Money amount = *command.amount();
  if (auto problem = problem_of(state, amount)) return Rejected{std::move(*problem)};
  if (!opens && !is_import(context) &&
      amount.minor() > state.authorized_minor - state.captured_minor) {
    return too_much("authorized and not captured: ", state.authorized_minor - state.captured_minor,
                    state.currency);
  }
  if (state.provider_references.size() >= provider_references_max) {
    return reject(RejectionCode::LimitExceeded, "the payment has too many captures");
  }
  if (auto problem = check_rate(command, context.policy)) return Rejected{std::move(*problem)};
  const auto captured_now = add(Money(state.captured_minor, amount.currency()), amount);
  if (!captured_now) return Rejected{rejection_of(captured_now.error(), "/amount")};

  schema::PaymentCapturedT captured;
  captured.customer_id = opens ? flatbuffers::GetString(command.customer_id()) : state.customer_id;
  captured.amount = amount;
  captured.captured = *captured_now;
  captured.provider_reference = reference;
  captured.method = flatbuffers::GetString(command.method());
  // Unapplied is at most captured, so this sum fits when that one does.
  captured.unapplied = Money(state.unapplied_minor + amount.minor(), amount.currency());
  if (command.exchange_rate() != nullptr) {
    captured.exchange_rate.reset(command.exchange_rate()->UnPack());
  }

  std::string invoice_id = flatbuffers::GetString(command.invoice_id());
  PaymentDecision decision;
  if (invoice_id.empty()) {
    // A prepayment. What goes to an invoice at once is none, whatever order it was meant for.
    captured.order_id = flatbuffers::GetString(command.order_id());
    if (captured.order_id.empty()) captured.order_id = state.order_id;
    decision.add(std::move(captured));
    return decision;
  }
  if (state.allocations.size() >= allocations_max) {
    return reject(RejectionCode::LimitExceeded, "the payment has too many allocations");
  }
  auto request = allocation_request(state, context, std::move(invoice_id), captured.customer_id,
                                    amount, state.unapplied_minor, captured.exchange_rate.get());
  decision.add(std::move(captured)).add(std::move(request));
  return decision;
}

PaymentDecision settle(const schema::PaymentStateT& state) {
  PaymentDecision decision;
  if (state.stage == PaymentStage::Settled) return decision;
  if (state.stage != PaymentStage::Captured) return wrong_stage(state, "settled");
  schema::PaymentSettledT settled;
  settled.customer_id = state.customer_id;
  settled.amount = Money(state.captured_minor - state.refunded_minor, state.currency);
  decision.add(std::move(settled));
  return decision;
}

namespace {

// Declined, failed, voided: ends that are possible until something has been captured.
template <class EventT>
PaymentDecision end_uncaptured(const schema::PaymentStateT& state, PaymentStage end,
                               std::string_view what, const flatbuffers::String* reason) {
  PaymentDecision decision;
  if (state.stage == end) return decision;
  if (state.stage != PaymentStage::Initiated && state.stage != PaymentStage::Authorized) {
    return wrong_stage(state, what);
  }
  EventT event;
  event.reason = flatbuffers::GetString(reason);
  decision.add(std::move(event));
  return decision;
}

}  // namespace

PaymentDecision decline(const schema::PaymentStateT& state, const schema::DeclinePayment& command) {
  return end_uncaptured<schema::PaymentDeclinedT>(state, PaymentStage::Declined, "declined",
                                                  command.reason());
}

PaymentDecision fail(const schema::PaymentStateT& state, const schema::FailPayment& command) {
  return end_uncaptured<schema::PaymentFailedT>(state, PaymentStage::Failed, "failed",
                                                command.reason());
}

PaymentDecision void_payment(const schema::PaymentStateT& state,
                             const schema::VoidPayment& command) {
  return end_uncaptured<schema::PaymentVoidedT>(state, PaymentStage::Voided, "voided",
                                                command.reason());
}

PaymentDecision charge_back(const schema::PaymentStateT& state, const schema::ChargeBack& command) {
  PaymentDecision decision;
  if (state.stage == PaymentStage::ChargedBack) return decision;
  if (!has_captured(state.stage)) return wrong_stage(state, "charged back");
  const std::int64_t amount = state.captured_minor - state.refunded_minor;
  if (amount == 0) {
    return reject(RejectionCode::InvalidTransition, "everything captured has been refunded");
  }
  schema::PaymentChargedBackT charged_back;
  charged_back.reason = flatbuffers::GetString(command.reason());
  charged_back.customer_id = state.customer_id;
  charged_back.amount = Money(amount, state.currency);
  charged_back.unapplied = Money(0, state.currency);
  for (const auto& allocation : state.allocations) {
    charged_back.allocations.push_back(std::make_unique<schema::PaymentAllocationT>(*allocation));
  }
  decision.add(std::move(charged_back));
  return decision;
}

}  // namespace orderlog::engine::payment
