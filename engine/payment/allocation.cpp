// Money finds its invoices: asked for, answered by the invoice, taken off again. Must hold: 1. the
// amount leaves unapplied when it is asked for, so that it is never given to two invoices; 2. what
// the invoice does not take comes back; 3. answers that come again or too late change nothing.
// Rules: domain.md 3.13.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/payment/decisions.h"
#include "engine/payment/funds.h"
#include "events/base/money.h"

namespace orderlog::engine::payment {

namespace {

PaymentDecision refused(const schema::PaymentStateT& state,
                        const schema::PaymentAllocationT& allocation, std::string reason) {
  schema::PaymentAllocationRefusedT event;
  event.allocation_id = allocation.allocation_id;
  event.invoice_id = allocation.invoice_id;
  event.amount = Money(allocation.minor, state.currency);
  event.unapplied = Money(state.unapplied_minor + allocation.minor, state.currency);
  event.reason = std::move(reason);
  event.customer_id = state.customer_id;
  PaymentDecision decision;
  decision.add(std::move(event));
  return decision;
}

}  // namespace

schema::PaymentAllocationRequestedT allocation_request(const schema::PaymentStateT& state,
                                                       const Context& context,
                                                       std::string invoice_id,
                                                       std::string customer_id, Money amount,
                                                       std::int64_t unapplied_minor,
                                                       const schema::ExchangeRateT* rate) {
  schema::PaymentAllocationRequestedT request;
  request.allocation_id =
      std::string(context.aggregate_id) + "/" + std::to_string(state.next_allocation + 1);
  request.invoice_id = std::move(invoice_id);
  request.amount = amount;
  request.unapplied = Money(unapplied_minor, amount.currency());
  request.customer_id = std::move(customer_id);
  if (rate != nullptr) request.exchange_rate = std::make_unique<schema::ExchangeRateT>(*rate);
  return request;
}

PaymentDecision allocate(const schema::PaymentStateT& state, const schema::AllocatePayment& command,
                         const Context& context) {
  const bool from_engine = context.authority == schema::Authority::System;
  Money amount = *command.amount();
  if (from_engine) {
    // A prepayment finds its invoice: as far as it has not been refunded or charged back since.
    if (!has_captured(state.stage) || state.unapplied_minor == 0) return {};
    amount = Money(std::min(amount.minor(), state.unapplied_minor), amount.currency());
  }
  if (!has_captured(state.stage)) return wrong_stage(state, "allocated");
  if (auto problem = problem_of(state, amount)) return Rejected{std::move(*problem)};
  std::string invoice_id = flatbuffers::GetString(command.invoice_id());
  if (invoice_id.empty()) {
    return reject(RejectionCode::InvalidArgument, "which invoice?", "/invoice_id");
  }
  if (amount.minor() > state.unapplied_minor) {
    return reject(RejectionCode::LimitExceeded,
                  "unapplied: " + to_string(Money(state.unapplied_minor, state.currency)),
                  "/amount");
  }
  if (state.allocations.size() >= allocations_max) {
    return reject(RejectionCode::LimitExceeded, "the payment has too many allocations");
  }
  PaymentDecision decision;
  // Of money that waited, the rate of the last capture that had one.
  decision.add(allocation_request(state, context, std::move(invoice_id), state.customer_id, amount,
                                  state.unapplied_minor - amount.minor(),
                                  state.exchange_rate.get()));
  return decision;
}

PaymentDecision deallocate(const schema::PaymentStateT& state,
                           const schema::DeallocatePayment& command) {
  const auto* allocation =
      find_allocation(state, flatbuffers::GetStringView(command.allocation_id()));
  if (!allocation) {
    return reject(RejectionCode::NotFound, "no such allocation", "/allocation_id");
  }
  if (!allocation->confirmed) {
    return reject(RejectionCode::InvalidTransition, "the invoice has not answered yet");
  }
  PaymentDecision decision;
  if (allocation->releasing) return decision;
  schema::PaymentDeallocationRequestedT requested;
  requested.allocation_id = allocation->allocation_id;
  requested.invoice_id = allocation->invoice_id;
  requested.reason = flatbuffers::GetString(command.reason());
  decision.add(std::move(requested));
  return decision;
}

PaymentDecision confirm_allocation(const schema::PaymentStateT& state,
                                   const schema::ConfirmAllocation& command) {
  const auto* allocation =
      find_allocation(state, flatbuffers::GetStringView(command.allocation_id()));
  if (!allocation || allocation->confirmed) return {};
  const std::int64_t applied = command.applied() ? command.applied()->minor() : 0;
  if (command.refused() || applied == 0) {
    return refused(state, *allocation, flatbuffers::GetString(command.reason()));
  }
  if (applied < 0 || applied > allocation->minor ||
      command.applied()->currency() != state.currency) {
    return reject(RejectionCode::InvalidArgument, "the invoice took what it was not offered",
                  "/applied");
  }
  const std::int64_t returned = allocation->minor - applied;
  schema::PaymentAllocatedT event;
  event.allocation_id = allocation->allocation_id;
  event.invoice_id = allocation->invoice_id;
  event.amount = Money(applied, state.currency);
  event.unapplied = Money(state.unapplied_minor + returned, state.currency);
  event.customer_id = state.customer_id;
  event.returned = Money(returned, state.currency);
  PaymentDecision decision;
  decision.add(std::move(event));
  return decision;
}

PaymentDecision confirm_deallocation(const schema::PaymentStateT& state,
                                     const schema::ConfirmDeallocation& command) {
  const auto* allocation =
      find_allocation(state, flatbuffers::GetStringView(command.allocation_id()));
  if (!allocation || !allocation->releasing) return {};
  schema::PaymentDeallocatedT event;
  event.allocation_id = allocation->allocation_id;
  event.invoice_id = allocation->invoice_id;
  event.amount = Money(allocation->minor, state.currency);
  event.unapplied = Money(state.unapplied_minor + allocation->minor, state.currency);
  event.customer_id = state.customer_id;
  PaymentDecision decision;
  decision.add(std::move(event));
  return decision;
}

}  // namespace orderlog::engine::payment
