#include "engine/ticket/sla.h"

#include <algorithm>

#include "events/base/calendar.h"
#include "events/base/money.h"

namespace orderlog::engine::ticket {

namespace {

using Instant = flatbuffers::Optional<std::int64_t>;

std::int64_t budget(const std::array<std::int64_t, 5>& seconds, schema::TicketPriority priority) {
  return seconds[std::min<std::size_t>(static_cast<std::size_t>(priority), seconds.size() - 1)];
}

std::int64_t warn_after(std::int64_t seconds, const SlaPolicy& policy) {
  return seconds / ppm_whole * policy.warn_ppm + seconds % ppm_whole * policy.warn_ppm / ppm_whole;
}

// Moves `instant` by a hold, if it lay ahead when the hold began.
Status shift(const WorkingCalendar& calendar, TimestampUs from, TimestampUs to, Instant& instant) {
  if (!instant || *instant <= from) return {};
  const auto left = working_seconds_between(calendar, from, *instant);
  if (!left) return left.error();
  const auto moved = add_working_seconds(calendar, to, *left);
  if (!moved) return moved.error();
  instant = *moved;
  return {};
}

std::optional<TimestampUs> next_check(const Instant& warn, bool warned, const Instant& due,
                                      bool breached) {
  if (breached || !due) return std::nullopt;
  if (!warned && warn) return std::min(*warn, *due);
  return *due;
}

}  // namespace

const WorkingCalendar& calendar_of(const Policy& policy, std::string_view tier) {
  const auto& calendars = policy.sla.calendars;
  if (const auto found = calendars.find(tier); found != calendars.end()) return found->second;
  if (const auto found = calendars.find(std::string_view()); found != calendars.end()) {
    return found->second;
  }
  return policy.office_calendar;
}

TimestampUs tick(TimestampUs at) {
  const std::int64_t rest = at % us_per_second;
  return at - (rest < 0 ? rest + us_per_second : rest);
}

Result<schema::SlaClockT> clock_from_opening(const Policy& policy, std::string_view tier,
                                             schema::TicketPriority priority, TimestampUs opened_at,
                                             std::int64_t hold_seconds) {
  const WorkingCalendar& calendar = calendar_of(policy, tier);
  const std::int64_t response = budget(policy.sla.response_seconds, priority);
  const std::int64_t resolution = budget(policy.sla.resolution_seconds, priority);
  schema::SlaClockT clock;
  const std::pair<Instant*, std::int64_t> wanted[] = {
      {&clock.response_due, response},
      {&clock.resolution_due, resolution},
      {&clock.response_warn, warn_after(response, policy.sla)},
      {&clock.resolution_warn, warn_after(resolution, policy.sla)}};
  for (const auto& [instant, seconds] : wanted) {
    const auto at = add_working_seconds(calendar, tick(opened_at), seconds + hold_seconds);
    if (!at) return at.error();
    *instant = *at;
  }
  return clock;
}

Result<schema::SlaClockT> clock_after_hold(const Policy& policy, std::string_view tier,
                                           const schema::SlaClockT& clock, bool responded,
                                           TimestampUs from, TimestampUs to) {
  const WorkingCalendar& calendar = calendar_of(policy, tier);
  schema::SlaClockT moved = clock;
  for (Instant* instant : {&moved.resolution_due, &moved.resolution_warn}) {
    if (auto status = shift(calendar, tick(from), tick(to), *instant); !status) {
      return status.error();
    }
  }
  if (responded) return moved;
  for (Instant* instant : {&moved.response_due, &moved.response_warn}) {
    if (auto status = shift(calendar, tick(from), tick(to), *instant); !status) {
      return status.error();
    }
  }
  return moved;
}

Result<std::int64_t> hold_seconds(const Policy& policy, std::string_view tier, TimestampUs from,
                                  TimestampUs to) {
  const auto seconds = working_seconds_between(calendar_of(policy, tier), tick(from), tick(to));
  if (!seconds) return seconds.error();
  return std::max<std::int64_t>(0, *seconds);
}

std::optional<TimestampUs> next_response_check(const schema::TicketStateT& state) {
  if (!state.clock || state.responded) return std::nullopt;
  return next_check(state.clock->response_warn, state.response_warned, state.clock->response_due,
                    state.response_breached);
}

std::optional<TimestampUs> next_resolution_check(const schema::TicketStateT& state) {
  if (!state.clock) return std::nullopt;
  return next_check(state.clock->resolution_warn, state.resolution_warned,
                    state.clock->resolution_due, state.resolution_breached);
}

bool is_running(schema::TicketStage stage) {
  return stage == schema::TicketStage::New || stage == schema::TicketStage::Assigned ||
         stage == schema::TicketStage::InProgress;
}

bool is_paused(schema::TicketStage stage) {
  return stage == schema::TicketStage::WaitingCustomer ||
         stage == schema::TicketStage::WaitingVendor;
}

bool is_active(schema::TicketStage stage) { return is_running(stage) || is_paused(stage); }

}  // namespace orderlog::engine::ticket
