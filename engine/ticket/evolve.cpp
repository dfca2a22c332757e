// The state of a ticket after each of its events. Total: takes what the event says, checks nothing.
#include <string>

#include "engine/aggregates.h"

namespace orderlog::engine {

namespace ticket {

namespace {

using schema::TicketStage;
using schema::TicketStateT;
using Instant = flatbuffers::Optional<std::int64_t>;

bool lies_ahead(const Instant& instant, TimestampUs now) { return instant && *instant > now; }

// A clock that was set anew: what now lies ahead has not been warned of or missed.
void set_clock(TicketStateT& state, const schema::SlaClock* clock, TimestampUs now) {
  state.clock.reset(clock ? clock->UnPack() : new schema::SlaClockT());
  if (!state.responded) {
    if (lies_ahead(state.clock->response_due, now)) state.response_breached = false;
    if (lies_ahead(state.clock->response_warn, now)) state.response_warned = false;
  }
  if (lies_ahead(state.clock->resolution_due, now)) state.resolution_breached = false;
  if (lies_ahead(state.clock->resolution_warn, now)) state.resolution_warned = false;
}

void on(TicketStateT& state, const schema::TicketOpened& event, TimestampUs now) {
  state.stage = TicketStage::New;
  state.customer_id = flatbuffers::GetString(event.customer_id());
  state.kind = event.kind();
  state.priority = event.priority();
  state.order_id = flatbuffers::GetString(event.order_id());
  state.tier = flatbuffers::GetString(event.tier());
  state.opened_at = now;
  set_clock(state, event.clock(), now);
}

void on(TicketStateT& state, const schema::TicketAssigned& event) {
  state.owner = flatbuffers::GetString(event.owner());
  if (state.stage == TicketStage::New) state.stage = TicketStage::Assigned;
}

void on(TicketStateT& state, const schema::TicketFirstResponded& event) {
  state.responded = true;
  state.response_met = event.response_met();
  const bool waits_for_it = state.stage == TicketStage::New || state.stage == TicketStage::Assigned;
  if (waits_for_it) state.stage = TicketStage::InProgress;
}

void on(TicketStateT& state, const schema::TicketPaused& event, TimestampUs now) {
  state.paused_at = now;
  state.stage = event.reason() == schema::PauseReason::WaitingVendor ? TicketStage::WaitingVendor
                                                                     : TicketStage::WaitingCustomer;
}

void on(TicketStateT& state, const schema::TicketResumed& event, TimestampUs now) {
  state.stage = state.responded ? TicketStage::InProgress : TicketStage::Assigned;
  state.hold_seconds += event.hold_seconds();
  state.paused_at = flatbuffers::nullopt;
  set_clock(state, event.clock(), now);
}

void on(TicketStateT& state, const schema::TicketPriorityChanged& event, TimestampUs now) {
  state.priority = event.to();
  // On hold the clock shows the instant at which it was stopped.
  set_clock(state, event.clock(), state.paused_at ? *state.paused_at : now);
}

void on(TicketStateT& state, const schema::TicketReopened& event, TimestampUs now) {
  state.stage = TicketStage::InProgress;
  ++state.reopened;
  state.hold_seconds += event.hold_seconds();
  state.resolved_at = flatbuffers::nullopt;
  state.closed_at = flatbuffers::nullopt;
  set_clock(state, event.clock(), now);
}

void on(TicketStateT& state, const schema::SlaWarningRaised& event) {
  if (event.kind() == schema::SlaKind::Response) state.response_warned = true;
  if (event.kind() == schema::SlaKind::Resolution) state.resolution_warned = true;
}

void on(TicketStateT& state, const schema::SlaBreached& event) {
  if (event.kind() == schema::SlaKind::Response) state.response_breached = true;
  if (event.kind() == schema::SlaKind::Resolution) state.resolution_breached = true;
}

}  // namespace

}  // namespace ticket

void evolve(schema::TicketStateT& state, const schema::TicketEvents& event, const EventMeta& meta) {
  using schema::TicketEvent;
  using schema::TicketStage;
  switch (event.event_type()) {
    case TicketEvent::TicketOpened:
      return ticket::on(state, *event.event_as_TicketOpened(), meta.occurred_at);
    case TicketEvent::TicketAssigned:
      return ticket::on(state, *event.event_as_TicketAssigned());
    case TicketEvent::TicketFirstResponded:
      return ticket::on(state, *event.event_as_TicketFirstResponded());
    case TicketEvent::TicketPaused:
      return ticket::on(state, *event.event_as_TicketPaused(), meta.occurred_at);
    case TicketEvent::TicketResumed:
      return ticket::on(state, *event.event_as_TicketResumed(), meta.occurred_at);
    case TicketEvent::TicketEscalated:
      state.escalation_level = event.event_as_TicketEscalated()->level();
      return;
    case TicketEvent::TicketPriorityChanged:
      return ticket::on(state, *event.event_as_TicketPriorityChanged(), meta.occurred_at);
    case TicketEvent::TicketResolved:
      state.stage = TicketStage::Resolved;
      state.resolved_at = meta.occurred_at;
      return;
    case TicketEvent::TicketClosed:
      state.stage = TicketStage::Closed;
      state.closed_at = meta.occurred_at;
      return;
    case TicketEvent::TicketReopened:
      return ticket::on(state, *event.event_as_TicketReopened(), meta.occurred_at);
    case TicketEvent::TicketMerged:
      state.stage = TicketStage::Merged;
      return;
    case TicketEvent::TicketCancelled:
      state.stage = TicketStage::Cancelled;
      return;
    case TicketEvent::SlaWarningRaised:
      return ticket::on(state, *event.event_as_SlaWarningRaised());
    case TicketEvent::SlaBreached:
      return ticket::on(state, *event.event_as_SlaBreached());
    case TicketEvent::TicketReplied:
    case TicketEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine
