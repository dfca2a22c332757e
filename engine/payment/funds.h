// Where the money of a payment is. Must hold, at every state that events lead to:
// captured = unapplied + Σ allocated + refunded, each of them ≥ 0 (domain.md 3.13, P12).
// Refunded counts from the request on, until the refund fails. A charge back takes its amount out
// of captured. Minor units of the payment's currency. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/schema/billing_generated.h"

namespace orderlog::engine::payment {

// What allocations hold, asked for or confirmed.
std::int64_t allocated_minor(const schema::PaymentStateT& payment);

// nullptr when there is none.
const schema::PaymentAllocationT* find_allocation(const schema::PaymentStateT& payment,
                                                  std::string_view allocation_id);
const schema::PaymentRefundT* find_refund(const schema::PaymentStateT& payment,
                                          std::string_view refund_id);

// A provider may use one reference for the authorization and the capture, so each kind of message
// has its own; the state keeps them as "kind/reference".
enum class ReferenceKind : std::uint8_t { Authorization, Capture, Refund };
std::string kept_reference(ReferenceKind kind, std::string_view reference);
// False for an empty reference: nothing can be said about it.
bool is_known_reference(const schema::PaymentStateT& payment, ReferenceKind kind,
                        std::string_view reference);

}  // namespace orderlog::engine::payment
