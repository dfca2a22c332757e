// What a customer's profile must say. Internal to the room.
#pragma once

#include <memory>
#include <optional>

#include "engine/context.h"
#include "engine/decision.h"

namespace orderlog::engine::customer {

// Parts of one payment plan.
inline constexpr std::size_t instalments_max = 24;
inline constexpr std::int32_t payment_days_max = 3'660;

// The first thing that is wrong, with its pointer below /profile.
std::optional<Rejection> find_fault(const schema::CustomerProfile* profile);

// The profile as it is kept: without a time zone, the customer is in the company's.
std::unique_ptr<schema::CustomerProfileT> kept(const schema::CustomerProfile& profile,
                                               const Policy& policy);

}  // namespace orderlog::engine::customer
