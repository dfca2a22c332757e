// One function a command of the payment, for payment.cpp to choose from. All are pure; the payment
// exists (stage is not None) unless said otherwise.
#pragma once

#include "engine/aggregates.h"
#include "engine/pricing/checked.h"

namespace orderlog::engine::payment {

using PaymentDecision = Decision<schema::PaymentEventUnion>;

// Of one payment.
inline constexpr std::size_t allocations_max = 1'000;
inline constexpr std::size_t refunds_max = 1'000;
inline constexpr std::size_t provider_references_max = 3'000;

// Of a payment that may not exist yet.
PaymentDecision initiate(const schema::PaymentStateT& state,
                         const schema::InitiatePayment& command);
PaymentDecision capture(const schema::PaymentStateT& state, const schema::CapturePayment& command,
                        const Context& context);

PaymentDecision authorize(const schema::PaymentStateT& state,
                          const schema::AuthorizePayment& command, const Context& context);
PaymentDecision settle(const schema::PaymentStateT& state);
PaymentDecision decline(const schema::PaymentStateT& state, const schema::DeclinePayment& command);
PaymentDecision fail(const schema::PaymentStateT& state, const schema::FailPayment& command);
PaymentDecision void_payment(const schema::PaymentStateT& state,
                             const schema::VoidPayment& command);
PaymentDecision charge_back(const schema::PaymentStateT& state, const schema::ChargeBack& command);

PaymentDecision allocate(const schema::PaymentStateT& state, const schema::AllocatePayment& command,
                         const Context& context);
PaymentDecision deallocate(const schema::PaymentStateT& state,
                           const schema::DeallocatePayment& command);
PaymentDecision confirm_allocation(const schema::PaymentStateT& state,
                                   const schema::ConfirmAllocation& command);
PaymentDecision confirm_deallocation(const schema::PaymentStateT& state,
                                     const schema::ConfirmDeallocation& command);

PaymentDecision request_refund(const schema::PaymentStateT& state,
                               const schema::RequestRefund& command);
PaymentDecision approve_refund(const schema::PaymentStateT& state,
                               const schema::ApproveRefund& command, const Context& context);
PaymentDecision send_refund(const schema::PaymentStateT& state, const schema::SendRefund& command);
PaymentDecision settle_refund(const schema::PaymentStateT& state,
                              const schema::SettleRefund& command);
PaymentDecision fail_refund(const schema::PaymentStateT& state, const schema::FailRefund& command);

// The request for an allocation of `amount`, which leaves `unapplied_minor`; `rate` (or null) is
// what the money was worth in the base currency when it came in.
schema::PaymentAllocationRequestedT allocation_request(const schema::PaymentStateT& state,
                                                       const Context& context,
                                                       std::string invoice_id,
                                                       std::string customer_id, Money amount,
                                                       std::int64_t unapplied_minor,
                                                       const schema::ExchangeRateT* rate);

// Whether money has come in that can be given to invoices.
inline bool has_captured(schema::PaymentStage stage) {
  return stage == schema::PaymentStage::Captured || stage == schema::PaymentStage::Settled;
}

// Above zero and in the payment's currency; nothing if so.
std::optional<Rejection> problem_of(const schema::PaymentStateT& state, const Money& amount);

// "a Voided payment cannot be <what>".
Rejected wrong_stage(const schema::PaymentStateT& state, std::string_view what);

}  // namespace orderlog::engine::payment
