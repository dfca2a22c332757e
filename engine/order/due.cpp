#include "engine/order/due.h"

#include <algorithm>

#include "engine/aggregates.h"
#include "engine/order/counters.h"
#include "engine/order/delays.h"
#include "events/base/calendar.h"

namespace orderlog::engine {

namespace order {

using schema::DelayLevel;
using schema::OrderLifecycle;

bool has_promises(const schema::OrderStateT& order) {
  return is_committed(order.lifecycle) || order.lifecycle == OrderLifecycle::ShortClosed;
}

std::optional<Day> ship_by_day(const schema::OrderLineStateT& line) {
  if (line.ship_by_alert != DelayLevel::None || open_of(line) <= 0) return std::nullopt;
  return day_of(line.terms->ship_by);
}

std::optional<Day> deliver_by_day(const schema::OrderLineStateT& line, const Policy& policy) {
  if (line.deliver_by_alert != DelayLevel::None || line.delivered >= live_of(line)) {
    return std::nullopt;
  }
  return deliver_by(*line.terms, policy);
}

std::optional<TimestampUs> unpaid_deadline(const schema::OrderStateT& order, const Policy& policy) {
  const bool waits = order.lifecycle == OrderLifecycle::Submitted &&
                     std::find(order.holds.begin(), order.holds.end(),
                               schema::HoldReason::Payment) != order.holds.end();
  if (!waits) return std::nullopt;
  return order.payment_held_at + policy.order.unpaid_expiry_seconds * us_per_second;
}

}  // namespace order

std::optional<TimestampUs> next_deadline(const schema::OrderStateT& state, const Policy& policy) {
  if (const auto unpaid = order::unpaid_deadline(state, policy)) return unpaid;
  if (!order::has_promises(state) || !state.header) return std::nullopt;
  std::optional<Day> first;
  const auto sooner = [&](const std::optional<Day>& day) {
    if (day && (!first || *day < *first)) first = day;
  };
  for (const auto& line : state.lines) {
    sooner(order::ship_by_day(*line));
    sooner(order::deliver_by_day(*line, policy));
  }
  if (!first || *first >= day_max) return std::nullopt;
  // The day after the last good one has begun at the customer's.
  const auto due = day_start(*first + 1, state.header->time_zone);
  return due ? std::optional<TimestampUs>(*due) : std::nullopt;
}

}  // namespace orderlog::engine
