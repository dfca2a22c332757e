// Money goes back: requested, approved, sent, settled; a failed refund gives the balance back
// (polar#5422). Must hold: 1. Σ refunds ≤ captured − earlier refunds (killbill#334): a refund comes
// out of unapplied, at once; 2. a refund id counts once; 3. large refunds are approved by someone
// with the right to do so. A step that is done already is heard and changes nothing.
// Rules: domain.md 3.13.
#include <string>
#include <utility>

#include "engine/payment/decisions.h"
#include "engine/payment/funds.h"
#include "events/base/money.h"

namespace orderlog::engine::payment {

namespace {

using schema::RefundStage;

bool may_approve(const Context& context, std::int64_t minor) {
  return minor <= context.policy.billing.refund_approval_above_minor ||
         context.authority != schema::Authority::Normal || context.role == schema::Role::Finance ||
         context.role == schema::Role::Director || context.role == schema::Role::Admin;
}

Rejected no_such_refund() {
  return reject(RejectionCode::NotFound, "no such refund", "/refund_id");
}

Rejected wrong_refund_stage(const schema::PaymentRefundT& refund, const char* what) {
  return reject(RejectionCode::InvalidTransition, std::string("a refund that is ") +
                                                      schema::EnumNameRefundStage(refund.stage) +
                                                      " cannot be " + what);
}

}  // namespace

PaymentDecision request_refund(const schema::PaymentStateT& state,
                               const schema::RequestRefund& command) {
  std::string id = flatbuffers::GetString(command.refund_id());
  const Money amount = *command.amount();
  PaymentDecision decision;
  if (const auto* known = find_refund(state, id)) {
    if (known->minor == amount.minor() && amount.currency() == state.currency) return decision;
    return reject(RejectionCode::Duplicate, "the refund was requested with another amount",
                  "/refund_id");
  }
  if (id.empty()) return reject(RejectionCode::InvalidArgument, "a refund has an id", "/refund_id");
  if (auto problem = problem_of(state, amount)) return Rejected{std::move(*problem)};
  if (amount.minor() > state.unapplied_minor) {
    return reject(RejectionCode::LimitExceeded,
                  "only " + to_string(Money(state.unapplied_minor, state.currency)) +
                      " are neither on invoices nor refunded",
                  "/amount");
  }
  if (state.refunds.size() >= refunds_max) {
    return reject(RejectionCode::LimitExceeded, "the payment has too many refunds");
  }
  schema::RefundRequestedT requested;
  requested.refund_id = std::move(id);
  requested.amount = amount;
  requested.reason = flatbuffers::GetString(command.reason());
  requested.unapplied = Money(state.unapplied_minor - amount.minor(), state.currency);
  requested.customer_id = state.customer_id;
  decision.add(std::move(requested));
  return decision;
}

PaymentDecision approve_refund(const schema::PaymentStateT& state,
                               const schema::ApproveRefund& command, const Context& context) {
  const auto* refund = find_refund(state, flatbuffers::GetStringView(command.refund_id()));
  if (!refund) return no_such_refund();
  PaymentDecision decision;
  if (refund->stage == RefundStage::Approved) return decision;
  if (refund->stage != RefundStage::Requested) return wrong_refund_stage(*refund, "approved");
  if (!may_approve(context, refund->minor)) {
    return reject(
        RejectionCode::Forbidden,
        "refunds above " +
            to_string(Money(context.policy.billing.refund_approval_above_minor, state.currency)) +
            " need finance, a director or an admin");
  }
  schema::RefundApprovedT approved;
  approved.refund_id = refund->refund_id;
  decision.add(std::move(approved));
  return decision;
}

PaymentDecision send_refund(const schema::PaymentStateT& state, const schema::SendRefund& command) {
  const auto* refund = find_refund(state, flatbuffers::GetStringView(command.refund_id()));
  if (!refund) return no_such_refund();
  const std::string reference = flatbuffers::GetString(command.provider_reference());
  PaymentDecision decision;
  if (refund->stage == RefundStage::Sent) return decision;
  if (refund->stage != RefundStage::Approved) return wrong_refund_stage(*refund, "sent");
  if (is_known_reference(state, ReferenceKind::Refund, reference)) {
    return reject(RejectionCode::Duplicate, "the reference belongs to another refund",
                  "/provider_reference");
  }
  schema::RefundSentT sent;
  sent.refund_id = refund->refund_id;
  sent.provider_reference = reference;
  decision.add(std::move(sent));
  return decision;
}

PaymentDecision settle_refund(const schema::PaymentStateT& state,
                              const schema::SettleRefund& command) {
  const auto* refund = find_refund(state, flatbuffers::GetStringView(command.refund_id()));
  if (!refund) return no_such_refund();
  PaymentDecision decision;
  if (refund->stage == RefundStage::Settled) return decision;
  if (refund->stage != RefundStage::Sent) return wrong_refund_stage(*refund, "settled");
  schema::RefundSettledT settled;
  settled.refund_id = refund->refund_id;
  settled.amount = Money(refund->minor, state.currency);
  settled.customer_id = state.customer_id;
  decision.add(std::move(settled));
  return decision;
}

PaymentDecision fail_refund(const schema::PaymentStateT& state, const schema::FailRefund& command) {
  const auto* refund = find_refund(state, flatbuffers::GetStringView(command.refund_id()));
  if (!refund) return no_such_refund();
  PaymentDecision decision;
  if (refund->stage == RefundStage::Failed) return decision;
  if (refund->stage == RefundStage::Settled) return wrong_refund_stage(*refund, "failed");
  schema::RefundFailedT failed;
  failed.refund_id = refund->refund_id;
  failed.amount = Money(refund->minor, state.currency);
  failed.reason = flatbuffers::GetString(command.reason());
  failed.unapplied = Money(state.unapplied_minor + refund->minor, state.currency);
  failed.customer_id = state.customer_id;
  decision.add(std::move(failed));
  return decision;
}

}  // namespace orderlog::engine::payment
