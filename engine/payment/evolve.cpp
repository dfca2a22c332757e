// The state of a payment after each of its events. Total: takes what the event says, checks
// nothing.
#include <algorithm>
#include <string>

#include "engine/aggregates.h"
#include "engine/payment/funds.h"

namespace orderlog::engine {

namespace payment {

namespace {

using schema::PaymentStage;
using schema::PaymentStateT;
using schema::RefundStage;

std::int64_t minor_of(const schema::Money* amount) { return amount ? amount->minor() : 0; }

void remember(PaymentStateT& state, ReferenceKind kind, const flatbuffers::String* reference) {
  if (!reference || reference->size() == 0) return;
  state.provider_references.push_back(kept_reference(kind, reference->string_view()));
}

schema::PaymentAllocationT* allocation_of(PaymentStateT& state, const flatbuffers::String* id) {
  return const_cast<schema::PaymentAllocationT*>(
      find_allocation(state, flatbuffers::GetStringView(id)));
}

void drop_allocation(PaymentStateT& state, const flatbuffers::String* id) {
  const auto wanted = flatbuffers::GetStringView(id);
  std::erase_if(state.allocations,
                [&](const auto& allocation) { return allocation->allocation_id == wanted; });
}

void set_stage(PaymentStateT& state, const flatbuffers::String* refund_id, RefundStage stage) {
  const auto wanted = flatbuffers::GetStringView(refund_id);
  for (auto& refund : state.refunds) {
    if (refund->refund_id == wanted) refund->stage = stage;
  }
}

void on(PaymentStateT& state, const schema::PaymentInitiated& event) {
  state.stage = PaymentStage::Initiated;
  state.customer_id = flatbuffers::GetString(event.customer_id());
  state.currency = event.amount() ? event.amount()->currency() : schema::Currency::None;
  state.amount_minor = minor_of(event.amount());
  state.order_id = flatbuffers::GetString(event.order_id());
}

void on(PaymentStateT& state, const schema::PaymentAuthorized& event) {
  state.stage = PaymentStage::Authorized;
  state.authorized_minor = minor_of(event.amount());
  remember(state, ReferenceKind::Authorization, event.provider_reference());
}

void on(PaymentStateT& state, const schema::PaymentCaptured& event) {
  if (state.stage == PaymentStage::None) {
    state.customer_id = flatbuffers::GetString(event.customer_id());
    state.currency = event.amount() ? event.amount()->currency() : schema::Currency::None;
    state.amount_minor = minor_of(event.amount());
    state.order_id = flatbuffers::GetString(event.order_id());
  }
  state.stage = PaymentStage::Captured;
  state.captured_minor = minor_of(event.captured());
  // Money that came without an authorization, or above it, is all there was to authorize.
  state.authorized_minor = std::max(state.authorized_minor, state.captured_minor);
  state.unapplied_minor = minor_of(event.unapplied());
  if (event.exchange_rate() != nullptr) state.exchange_rate.reset(event.exchange_rate()->UnPack());
  remember(state, ReferenceKind::Capture, event.provider_reference());
}

void on(PaymentStateT& state, const schema::PaymentChargedBack& event) {
  state.stage = PaymentStage::ChargedBack;
  state.captured_minor -= minor_of(event.amount());
  state.unapplied_minor = minor_of(event.unapplied());
  state.allocations.clear();
}

void on(PaymentStateT& state, const schema::PaymentAllocationRequested& event) {
  auto allocation = std::make_unique<schema::PaymentAllocationT>();
  allocation->allocation_id = flatbuffers::GetString(event.allocation_id());
  allocation->invoice_id = flatbuffers::GetString(event.invoice_id());
  allocation->minor = minor_of(event.amount());
  state.allocations.push_back(std::move(allocation));
  state.unapplied_minor = minor_of(event.unapplied());
  ++state.next_allocation;
}

void on(PaymentStateT& state, const schema::PaymentAllocated& event) {
  state.unapplied_minor = minor_of(event.unapplied());
  auto* allocation = allocation_of(state, event.allocation_id());
  if (!allocation) return;
  allocation->minor = minor_of(event.amount());
  allocation->confirmed = true;
}

void on(PaymentStateT& state, const schema::RefundRequested& event) {
  auto refund = std::make_unique<schema::PaymentRefundT>();
  refund->refund_id = flatbuffers::GetString(event.refund_id());
  refund->minor = minor_of(event.amount());
  refund->stage = RefundStage::Requested;
  state.refunds.push_back(std::move(refund));
  state.refunded_minor += minor_of(event.amount());
  state.unapplied_minor = minor_of(event.unapplied());
}

void on(PaymentStateT& state, const schema::RefundSent& event) {
  set_stage(state, event.refund_id(), RefundStage::Sent);
  remember(state, ReferenceKind::Refund, event.provider_reference());
}

void on(PaymentStateT& state, const schema::RefundFailed& event) {
  set_stage(state, event.refund_id(), RefundStage::Failed);
  state.refunded_minor -= minor_of(event.amount());
  state.unapplied_minor = minor_of(event.unapplied());
}

// The allocation is gone and what it held is unapplied again.
template <class EventT>
void on_returned(PaymentStateT& state, const EventT& event) {
  drop_allocation(state, event.allocation_id());
  state.unapplied_minor = minor_of(event.unapplied());
}

}  // namespace

}  // namespace payment

void evolve(schema::PaymentStateT& state, const schema::PaymentEvents& event, const EventMeta&) {
  using schema::PaymentEvent;
  using schema::PaymentStage;
  using schema::RefundStage;
  switch (event.event_type()) {
    case PaymentEvent::PaymentInitiated:
      return payment::on(state, *event.event_as_PaymentInitiated());
    case PaymentEvent::PaymentAuthorized:
      return payment::on(state, *event.event_as_PaymentAuthorized());
    case PaymentEvent::PaymentCaptured:
      return payment::on(state, *event.event_as_PaymentCaptured());
    case PaymentEvent::PaymentSettled:
      state.stage = PaymentStage::Settled;
      return;
    case PaymentEvent::PaymentDeclined:
      state.stage = PaymentStage::Declined;
      return;
    case PaymentEvent::PaymentFailed:
      state.stage = PaymentStage::Failed;
      return;
    case PaymentEvent::PaymentVoided:
      state.stage = PaymentStage::Voided;
      return;
    case PaymentEvent::PaymentChargedBack:
      return payment::on(state, *event.event_as_PaymentChargedBack());
    case PaymentEvent::PaymentAllocationRequested:
      return payment::on(state, *event.event_as_PaymentAllocationRequested());
    case PaymentEvent::PaymentAllocated:
      return payment::on(state, *event.event_as_PaymentAllocated());
    case PaymentEvent::PaymentAllocationRefused:
      return payment::on_returned(state, *event.event_as_PaymentAllocationRefused());
    case PaymentEvent::PaymentDeallocationRequested: {
      const auto* id = event.event_as_PaymentDeallocationRequested()->allocation_id();
      if (auto* allocation = payment::allocation_of(state, id)) allocation->releasing = true;
      return;
    }
    case PaymentEvent::PaymentDeallocated:
      return payment::on_returned(state, *event.event_as_PaymentDeallocated());
    case PaymentEvent::RefundRequested:
      return payment::on(state, *event.event_as_RefundRequested());
    case PaymentEvent::RefundApproved:
      return payment::set_stage(state, event.event_as_RefundApproved()->refund_id(),
                                RefundStage::Approved);
    case PaymentEvent::RefundSent:
      return payment::on(state, *event.event_as_RefundSent());
    case PaymentEvent::RefundSettled:
      return payment::set_stage(state, event.event_as_RefundSettled()->refund_id(),
                                RefundStage::Settled);
    case PaymentEvent::RefundFailed:
      return payment::on(state, *event.event_as_RefundFailed());
    case PaymentEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine
