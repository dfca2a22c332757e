// Commands and instants that the tests of tickets share. The default calendar works Mon–Fri, 10–18
// UTC; budgets are 24/72, 8/24, 1/4 and 0.5/2 working hours (response/resolution).
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "engine/ticket/sla.h"
#include "events/base/calendar.h"
#include "events/base/time.h"
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {

using schema::Role;
using schema::TicketPriority;
using schema::TicketStage;
using Ticket = Scenario<TicketAggregate>;

// "2024-01-15 12:00"
inline TimestampUs when_is(std::string_view text) {
  return timestamp_from_loose_text(text).value();
}
inline std::string text_of(std::optional<TimestampUs> at) {
  return at ? timestamp_to_text(*at) : "never";
}

template <class CommandT>
CommandT ticket_command() {
  CommandT command;
  command.ticket_id = "T-1";
  return command;
}
inline schema::OpenTicketT open_ticket(TicketPriority priority, std::string tier = "") {
  auto command = ticket_command<schema::OpenTicketT>();
  command.customer_id = "C-1";
  command.kind = schema::TicketKind::Complaint;
  command.priority = priority;
  command.subject = "late and wet";
  command.order_id = "O-1";
  command.tier = std::move(tier);
  return command;
}
inline schema::AssignTicketT assign(std::string owner) {
  auto command = ticket_command<schema::AssignTicketT>();
  command.owner = std::move(owner);
  command.service_line = "parcels";
  return command;
}
inline schema::RespondT respond() {
  auto command = ticket_command<schema::RespondT>();
  command.text = "we look into it";
  return command;
}
inline schema::PauseTicketT pause(
    schema::PauseReason reason = schema::PauseReason::WaitingCustomer) {
  auto command = ticket_command<schema::PauseTicketT>();
  command.reason = reason;
  return command;
}
inline schema::ResumeTicketT resume() { return ticket_command<schema::ResumeTicketT>(); }
inline schema::ChangeTicketPriorityT change_priority(TicketPriority priority) {
  auto command = ticket_command<schema::ChangeTicketPriorityT>();
  command.priority = priority;
  return command;
}
inline schema::ResolveTicketT resolve() {
  auto command = ticket_command<schema::ResolveTicketT>();
  command.resolution = "sent again";
  return command;
}
inline schema::CloseTicketT close(std::uint8_t satisfaction = 0) {
  auto command = ticket_command<schema::CloseTicketT>();
  command.satisfaction = satisfaction;
  return command;
}
inline schema::ReopenTicketT reopen() {
  auto command = ticket_command<schema::ReopenTicketT>();
  command.reason = "wet again";
  return command;
}
inline schema::MergeTicketT merge(std::string into) {
  auto command = ticket_command<schema::MergeTicketT>();
  command.into = std::move(into);
  return command;
}
inline schema::CancelTicketT cancel() {
  auto command = ticket_command<schema::CancelTicketT>();
  command.reason = "opened twice";
  return command;
}
inline schema::EscalateTicketT escalate() {
  auto command = ticket_command<schema::EscalateTicketT>();
  command.cause = "the customer called the boss";
  return command;
}
inline schema::CheckTicketSlaT check_sla() { return ticket_command<schema::CheckTicketSlaT>(); }

// Opened at 12:00 on Monday 2024-01-15, assigned, answered.
inline void start(Ticket& ticket, TicketPriority priority) {
  ticket.when(open_ticket(priority)).then_ignore();
  ticket.when(assign("ann")).then_ignore();
  ticket.when(respond()).then_ignore();
}

}  // namespace orderlog::engine::test
