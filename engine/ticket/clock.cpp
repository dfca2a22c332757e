// The steps of a ticket that start, stop, move or read its clock. Must hold: 1. a clock on hold
// does not run; 2. a missed deadline is raised once, with an escalation, by the timer or by whoever
// acts first after it; 3. after a check next_deadline lies ahead. Rules: domain.md 3.15, 4.22.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/ticket/decisions.h"
#include "engine/ticket/sla.h"
#include "events/base/calendar.h"

namespace orderlog::engine {

namespace ticket {

namespace {

using schema::SlaKind;
using schema::TicketPriority;
using schema::TicketStage;
using Instant = flatbuffers::Optional<std::int64_t>;

// One half of the clock, as far as raising is concerned.
struct Half {
  SlaKind kind;
  const Instant& due;
  bool breached;
  const Instant& warn;
  bool warned;
};

// Adds what the half has reached; true when it is missed, now or before.
bool raise(const Half& half, TimestampUs reached, std::uint32_t& level, TicketDecision& decision) {
  if (half.breached) return true;
  if (half.due && *half.due <= reached) {
    schema::SlaBreachedT breached;
    breached.kind = half.kind;
    breached.due = *half.due;
    decision.add(std::move(breached));
    schema::TicketEscalatedT escalated;
    escalated.level = ++level;
    escalated.cause = std::string(schema::EnumNameSlaKind(half.kind)) + " deadline missed";
    decision.add(std::move(escalated));
    return true;
  }
  if (half.due && half.warn && *half.warn <= reached && !half.warned) {
    schema::SlaWarningRaisedT warning;
    warning.kind = half.kind;
    warning.due = *half.due;
    decision.add(std::move(warning));
  }
  return false;
}

Missed raise_reached(const schema::TicketStateT& state, TimestampUs reached,
                     TicketDecision& decision) {
  Missed missed{state.response_breached, state.resolution_breached};
  if (!is_running(state.stage) || !state.clock) return missed;
  std::uint32_t level = state.escalation_level;
  const auto& clock = *state.clock;
  if (!state.responded) {
    missed.response = raise({SlaKind::Response, clock.response_due, state.response_breached,
                             clock.response_warn, state.response_warned},
                            reached, level, decision);
  }
  missed.resolution = raise({SlaKind::Resolution, clock.resolution_due, state.resolution_breached,
                             clock.resolution_warn, state.resolution_warned},
                            reached, level, decision);
  return missed;
}

bool is_priority(TicketPriority priority) {
  return priority > TicketPriority::None && priority <= TicketPriority::MAX;
}

Rejected no_priority() {
  return reject(RejectionCode::InvalidArgument, "Low, Medium, High or Urgent", "/priority");
}

schema::SlaClockT clock_of(const schema::TicketStateT& state) {
  return state.clock ? *state.clock : schema::SlaClockT();
}

// The end of the present hold.
Checked<schema::TicketResumedT> resumed(const schema::TicketStateT& state, const Context& context) {
  const TimestampUs from = state.paused_at ? *state.paused_at : context.occurred_at;
  const TimestampUs to = std::max(from, context.occurred_at);
  const auto held = hold_seconds(context.policy, state.tier, from, to);
  if (!held) return rejection_of(held.error());
  auto clock =
      clock_after_hold(context.policy, state.tier, clock_of(state), state.responded, from, to);
  if (!clock) return rejection_of(clock.error());
  schema::TicketResumedT event;
  event.hold_seconds = *held;
  event.clock = std::make_unique<schema::SlaClockT>(*std::move(clock));
  return event;
}

}  // namespace

Missed raise_missed(const schema::TicketStateT& state, TimestampUs now, TicketDecision& decision) {
  // Acting at the very instant of the deadline is in time; only the timer sees it as reached.
  return raise_reached(state, now - 1, decision);
}

TicketDecision open(const schema::TicketStateT& state, const schema::OpenTicket& command,
                    const Context& context) {
  if (state.stage != TicketStage::None) {
    return reject(RejectionCode::AlreadyExists, "the ticket exists");
  }
  schema::TicketOpenedT opened;
  opened.customer_id = flatbuffers::GetString(command.customer_id());
  opened.kind = command.kind();
  opened.priority = command.priority();
  opened.subject = flatbuffers::GetString(command.subject());
  opened.order_id = flatbuffers::GetString(command.order_id());
  opened.tier = flatbuffers::GetString(command.tier());
  if (opened.customer_id.empty()) {
    return reject(RejectionCode::InvalidArgument, "a ticket has a customer", "/customer_id");
  }
  if (opened.subject.empty()) {
    return reject(RejectionCode::InvalidArgument, "what is the ticket about?", "/subject");
  }
  if (opened.kind == schema::TicketKind::None || opened.kind > schema::TicketKind::MAX) {
    return reject(RejectionCode::InvalidArgument, "Service, Complaint, Suggestion or ReturnVisit",
                  "/kind");
  }
  if (!is_priority(opened.priority)) return no_priority();
  if (opened.tier.empty()) {
    const auto* customer = context.reference.customer(opened.customer_id);
    if (customer && customer->profile) opened.tier = customer->profile->value_class;
  }
  auto clock =
      clock_from_opening(context.policy, opened.tier, opened.priority, context.occurred_at, 0);
  if (!clock) return Rejected{rejection_of(clock.error())};
  opened.clock = std::make_unique<schema::SlaClockT>(*std::move(clock));
  TicketDecision decision;
  decision.add(std::move(opened));
  return decision;
}

TicketDecision pause(const schema::TicketStateT& state, const schema::PauseTicket& command,
                     const Context& context) {
  if (state.stage != TicketStage::Assigned && state.stage != TicketStage::InProgress) {
    return wrong_stage(state, "paused");
  }
  if (command.reason() == schema::PauseReason::None ||
      command.reason() > schema::PauseReason::MAX) {
    return reject(RejectionCode::InvalidArgument, "WaitingCustomer or WaitingVendor", "/reason");
  }
  TicketDecision decision;
  raise_missed(state, context.occurred_at, decision);
  schema::TicketPausedT paused;
  paused.reason = command.reason();
  decision.add(std::move(paused));
  return decision;
}

TicketDecision resume(const schema::TicketStateT& state, const Context& context) {
  if (!is_paused(state.stage)) return wrong_stage(state, "resumed");
  auto event = resumed(state, context);
  if (!event) return event.rejected();
  TicketDecision decision;
  decision.add(std::move(*event));
  return decision;
}

TicketDecision change_priority(const schema::TicketStateT& state,
                               const schema::ChangeTicketPriority& command,
                               const Context& context) {
  if (!is_active(state.stage)) return wrong_stage(state, "given another priority");
  if (!is_priority(command.priority())) return no_priority();
  TicketDecision decision;
  if (command.priority() == state.priority) return decision;
  auto clock = clock_from_opening(context.policy, state.tier, command.priority(), state.opened_at,
                                  state.hold_seconds);
  if (!clock) return Rejected{rejection_of(clock.error())};
  // A response that was given was in time or not: that is not decided anew.
  if (state.responded && state.clock) {
    clock->response_due = state.clock->response_due;
    clock->response_warn = state.clock->response_warn;
  }
  schema::TicketPriorityChangedT changed;
  changed.from = state.priority;
  changed.to = command.priority();
  changed.clock = std::make_unique<schema::SlaClockT>(*std::move(clock));
  decision.add(std::move(changed));
  return decision;
}

TicketDecision resolve(const schema::TicketStateT& state, const schema::ResolveTicket& command,
                       const Context& context) {
  if (!is_active(state.stage)) return wrong_stage(state, "resolved");
  if (!state.responded) {
    return reject(RejectionCode::InvalidTransition, "the customer has had no response yet");
  }
  TicketDecision decision;
  // On hold the clock stood still: nothing was missed since.
  const Missed missed = raise_missed(state, context.occurred_at, decision);
  if (is_paused(state.stage)) {
    auto event = resumed(state, context);
    if (!event) return event.rejected();
    decision.add(std::move(*event));
  }
  schema::TicketResolvedT resolved;
  resolved.resolution = flatbuffers::GetString(command.resolution());
  resolved.resolution_met = !missed.resolution;
  decision.add(std::move(resolved));
  return decision;
}

TicketDecision reopen(const schema::TicketStateT& state, const schema::ReopenTicket& command,
                      const Context& context) {
  const bool closed = state.stage == TicketStage::Closed;
  if (!closed && state.stage != TicketStage::Resolved) return wrong_stage(state, "reopened");
  if (closed && state.closed_at) {
    const auto today = local_day(context.occurred_at, context.policy.time_zone);
    const auto then = local_day(*state.closed_at, context.policy.time_zone);
    if (!today) return Rejected{rejection_of(today.error())};
    if (!then) return Rejected{rejection_of(then.error())};
    const std::int32_t days_max = context.policy.sla.reopen_within_days;
    if (*today - *then > days_max) {
      return reject(RejectionCode::Expired,
                    "the ticket was closed more than " + std::to_string(days_max) + " days ago");
    }
  }
  const TimestampUs from = state.resolved_at ? *state.resolved_at : context.occurred_at;
  const TimestampUs to = std::max(from, context.occurred_at);
  const auto held = hold_seconds(context.policy, state.tier, from, to);
  if (!held) return Rejected{rejection_of(held.error())};
  auto clock = clock_after_hold(context.policy, state.tier, clock_of(state), true, from, to);
  if (!clock) return Rejected{rejection_of(clock.error())};
  schema::TicketReopenedT reopened;
  reopened.reason = flatbuffers::GetString(command.reason());
  reopened.clock = std::make_unique<schema::SlaClockT>(*std::move(clock));
  reopened.hold_seconds = *held;
  TicketDecision decision;
  decision.add(std::move(reopened));
  return decision;
}

TicketDecision check_sla(const schema::TicketStateT& state, const Context& context) {
  TicketDecision decision;
  raise_reached(state, context.occurred_at, decision);
  return decision;
}

}  // namespace ticket

std::optional<TimestampUs> next_deadline(const schema::TicketStateT& state, const Policy&) {
  if (!ticket::is_running(state.stage)) return std::nullopt;
  const auto response = ticket::next_response_check(state);
  const auto resolution = ticket::next_resolution_check(state);
  if (!response || !resolution) return response ? response : resolution;
  return std::min(*response, *resolution);
}

}  // namespace orderlog::engine
