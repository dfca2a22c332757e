// The dates that an order's timer waits for; asked by next_deadline and by the timer's own
// decision, so that both always agree. Pure. Internal to the room.
#pragma once

#include <optional>

#include "engine/policy.h"
#include "events/base/time.h"
#include "events/schema/order_generated.h"

namespace orderlog::engine::order {

// Whether promised dates are watched at all.
bool has_promises(const schema::OrderStateT& order);
// The last good day, while missing it would raise an alarm that is not raised yet.
std::optional<Day> ship_by_day(const schema::OrderLineStateT& line);
std::optional<Day> deliver_by_day(const schema::OrderLineStateT& line, const Policy& policy);
// When an order that waits for its prepayment is given up (domain.md 4.12).
std::optional<TimestampUs> unpaid_deadline(const schema::OrderStateT& order, const Policy& policy);

}  // namespace orderlog::engine::order
