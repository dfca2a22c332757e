// One function a command of the ticket, for ticket.cpp to choose from. All are pure; the ticket
// exists (stage is not None) unless said otherwise.
#pragma once

#include "engine/aggregates.h"
#include "engine/pricing/checked.h"

namespace orderlog::engine::ticket {

using TicketDecision = Decision<schema::TicketEventUnion>;

inline constexpr unsigned satisfaction_max = 5;  // 1 … 5; 0 is "not asked"

// Of a ticket that does not exist yet.
TicketDecision open(const schema::TicketStateT& state, const schema::OpenTicket& command,
                    const Context& context);

TicketDecision assign(const schema::TicketStateT& state, const schema::AssignTicket& command);
TicketDecision respond(const schema::TicketStateT& state, const schema::Respond& command,
                       const Context& context);
TicketDecision escalate(const schema::TicketStateT& state, const schema::EscalateTicket& command);
TicketDecision close(const schema::TicketStateT& state, const schema::CloseTicket& command);
TicketDecision merge(const schema::TicketStateT& state, const schema::MergeTicket& command,
                     const Context& context);
TicketDecision cancel(const schema::TicketStateT& state, const schema::CancelTicket& command);

TicketDecision pause(const schema::TicketStateT& state, const schema::PauseTicket& command,
                     const Context& context);
TicketDecision resume(const schema::TicketStateT& state, const Context& context);
TicketDecision change_priority(const schema::TicketStateT& state,
                               const schema::ChangeTicketPriority& command, const Context& context);
TicketDecision resolve(const schema::TicketStateT& state, const schema::ResolveTicket& command,
                       const Context& context);
TicketDecision reopen(const schema::TicketStateT& state, const schema::ReopenTicket& command,
                      const Context& context);
TicketDecision check_sla(const schema::TicketStateT& state, const Context& context);

// What of a half of the clock has been missed once raise_missed has had its say.
struct Missed {
  bool response = false;
  bool resolution = false;
};

// Adds the warnings and breaches that `now` has reached and nobody has raised, each breach with its
// escalation. A ticket on hold misses nothing.
Missed raise_missed(const schema::TicketStateT& state, TimestampUs now, TicketDecision& decision);

// "a Closed ticket cannot be <what>".
Rejected wrong_stage(const schema::TicketStateT& state, std::string_view what);

}  // namespace orderlog::engine::ticket
