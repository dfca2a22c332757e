// The service clock of a ticket (domain.md 3.15, 4.22, P14). It counts working seconds of the
// customer tier's calendar in whole seconds. Must hold: 1. due − start, in working seconds, is the
// priority's budget plus the time on hold; 2. hold moves what is left of the budget, never the
// start; 3. a deadline that has passed stays where it is. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/policy.h"
#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog::engine::ticket {

// The calendar of the tier, else the default entry "", else the office's.
const WorkingCalendar& calendar_of(const Policy& policy, std::string_view tier);

// The clock ticks in whole seconds; instants are cut to them.
TimestampUs tick(TimestampUs at);

// Deadlines and warnings of a ticket opened at `opened_at` that has been on hold for
// `hold_seconds` ≥ 0 of working time. Errors: InvalidArgument (calendar, time out of range).
Result<schema::SlaClockT> clock_from_opening(const Policy& policy, std::string_view tier,
                                             schema::TicketPriority priority, TimestampUs opened_at,
                                             std::int64_t hold_seconds);

// The clock after a hold from `from` to `to`. Each instant that lay ahead at `from` lies as much
// working time ahead at `to`; the others stay. The response's half stays too once it was given.
// Errors as above.
Result<schema::SlaClockT> clock_after_hold(const Policy& policy, std::string_view tier,
                                           const schema::SlaClockT& clock, bool responded,
                                           TimestampUs from, TimestampUs to);

// Working seconds of a hold. Errors as above.
Result<std::int64_t> hold_seconds(const Policy& policy, std::string_view tier, TimestampUs from,
                                  TimestampUs to);

// When each half of the clock next wants to be looked at: its warning, then its deadline; nothing
// once both were raised, or the half is fulfilled.
std::optional<TimestampUs> next_response_check(const schema::TicketStateT& state);
std::optional<TimestampUs> next_resolution_check(const schema::TicketStateT& state);

// Open and not on hold.
bool is_running(schema::TicketStage stage);
bool is_paused(schema::TicketStage stage);
// Running or paused.
bool is_active(schema::TicketStage stage);

}  // namespace orderlog::engine::ticket
