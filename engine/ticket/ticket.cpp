// Which decision answers which command of a ticket, and the steps that do not touch its clock. Must
// hold: 1. New → Assigned → InProgress ⇄ Waiting → Resolved → Closed, Merged or Cancelled before
// that; 2. a ticket is assigned before it is answered, and closed only when resolved.
// Rules: domain.md 3.15.
#include <string>
#include <utility>

#include "engine/ticket/decisions.h"
#include "engine/ticket/sla.h"

namespace orderlog::engine {

namespace ticket {

using schema::TicketStage;

Rejected wrong_stage(const schema::TicketStateT& state, std::string_view what) {
  return reject(RejectionCode::InvalidTransition, std::string("a ticket that is ") +
                                                      schema::EnumNameTicketStage(state.stage) +
                                                      " cannot be " + std::string(what));
}

TicketDecision assign(const schema::TicketStateT& state, const schema::AssignTicket& command) {
  if (!is_active(state.stage)) return wrong_stage(state, "assigned");
  schema::TicketAssignedT assigned;
  assigned.owner = flatbuffers::GetString(command.owner());
  if (assigned.owner.empty()) {
    return reject(RejectionCode::InvalidArgument, "who shall own the ticket?", "/owner");
  }
  TicketDecision decision;
  if (assigned.owner == state.owner) return decision;
  assigned.service_line = flatbuffers::GetString(command.service_line());
  assigned.reassigned = !state.owner.empty();
  decision.add(std::move(assigned));
  return decision;
}

TicketDecision respond(const schema::TicketStateT& state, const schema::Respond& command,
                       const Context& context) {
  if (state.stage == TicketStage::New) {
    return reject(RejectionCode::InvalidTransition, "the ticket has no owner yet: assign it first");
  }
  if (!is_active(state.stage)) return wrong_stage(state, "answered");
  TicketDecision decision;
  if (state.responded) {
    schema::TicketRepliedT replied;
    replied.text = flatbuffers::GetString(command.text());
    decision.add(std::move(replied));
    return decision;
  }
  schema::TicketFirstRespondedT responded;
  responded.text = flatbuffers::GetString(command.text());
  responded.response_met = !raise_missed(state, context.occurred_at, decision).response;
  decision.add(std::move(responded));
  return decision;
}

TicketDecision escalate(const schema::TicketStateT& state, const schema::EscalateTicket& command) {
  if (!is_active(state.stage)) return wrong_stage(state, "escalated");
  schema::TicketEscalatedT escalated;
  escalated.level = state.escalation_level + 1;
  escalated.cause = flatbuffers::GetString(command.cause());
  TicketDecision decision;
  decision.add(std::move(escalated));
  return decision;
}

TicketDecision close(const schema::TicketStateT& state, const schema::CloseTicket& command) {
  if (state.stage != TicketStage::Resolved) {
    if (is_active(state.stage)) {
      return reject(RejectionCode::InvalidTransition, "resolve the ticket first, or cancel it");
    }
    return wrong_stage(state, "closed");
  }
  if (command.satisfaction() > satisfaction_max) {
    return reject(RejectionCode::InvalidArgument, "satisfaction is 1 to 5, 0 when not asked",
                  "/satisfaction");
  }
  schema::TicketClosedT closed;
  closed.satisfaction = command.satisfaction();
  TicketDecision decision;
  decision.add(std::move(closed));
  return decision;
}

TicketDecision merge(const schema::TicketStateT& state, const schema::MergeTicket& command,
                     const Context& context) {
  if (!is_active(state.stage) && state.stage != TicketStage::Resolved) {
    return wrong_stage(state, "merged");
  }
  schema::TicketMergedT merged;
  merged.into = flatbuffers::GetString(command.into());
  if (merged.into.empty() || merged.into == context.aggregate_id) {
    return reject(RejectionCode::InvalidArgument, "a ticket is merged into another one", "/into");
  }
  TicketDecision decision;
  decision.add(std::move(merged));
  return decision;
}

TicketDecision cancel(const schema::TicketStateT& state, const schema::CancelTicket& command) {
  if (!is_active(state.stage)) return wrong_stage(state, "cancelled");
  schema::TicketCancelledT cancelled;
  cancelled.reason = flatbuffers::GetString(command.reason());
  TicketDecision decision;
  decision.add(std::move(cancelled));
  return decision;
}

namespace {

TicketDecision decide_existing(const schema::TicketStateT& state,
                               const schema::TicketCommands& command, const Context& context) {
  using schema::TicketCommand;
  switch (command.command_type()) {
    case TicketCommand::AssignTicket:
      return assign(state, *command.command_as_AssignTicket());
    case TicketCommand::Respond:
      return respond(state, *command.command_as_Respond(), context);
    case TicketCommand::PauseTicket:
      return pause(state, *command.command_as_PauseTicket(), context);
    case TicketCommand::ResumeTicket:
      return resume(state, context);
    case TicketCommand::EscalateTicket:
      return escalate(state, *command.command_as_EscalateTicket());
    case TicketCommand::ChangeTicketPriority:
      return change_priority(state, *command.command_as_ChangeTicketPriority(), context);
    case TicketCommand::ResolveTicket:
      return resolve(state, *command.command_as_ResolveTicket(), context);
    case TicketCommand::CloseTicket:
      return close(state, *command.command_as_CloseTicket());
    case TicketCommand::ReopenTicket:
      return reopen(state, *command.command_as_ReopenTicket(), context);
    case TicketCommand::MergeTicket:
      return merge(state, *command.command_as_MergeTicket(), context);
    case TicketCommand::CancelTicket:
      return cancel(state, *command.command_as_CancelTicket());
    case TicketCommand::CheckTicketSla:
      return check_sla(state, context);
    case TicketCommand::OpenTicket:
    case TicketCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a ticket");
}

}  // namespace

}  // namespace ticket

Decision<schema::TicketEventUnion> decide(const schema::TicketStateT& state,
                                          const schema::TicketCommands& command,
                                          const Context& context) {
  const bool is_engine = context.authority == schema::Authority::System;
  if (command.command_type() == schema::TicketCommand::CheckTicketSla && !is_engine) {
    return reject(RejectionCode::EngineOnly, "deadlines are checked by the engine");
  }
  if (command.command_type() == schema::TicketCommand::OpenTicket) {
    return ticket::open(state, *command.command_as_OpenTicket(), context);
  }
  if (state.stage == schema::TicketStage::None) {
    if (is_engine) return {};
    return reject(RejectionCode::NotFound, "no such ticket");
  }
  return ticket::decide_existing(state, command, context);
}

}  // namespace orderlog::engine
