// The steps of a ticket, and the steps it refuses (domain.md 3.15); the record of refusals.
#include "tests/engine/service/ticket_builders.h"

namespace orderlog::engine::test {
namespace {

TEST(Ticket, OpenedAssignedAnsweredResolvedClosed) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Medium));
  const auto& opened = ticket.then<schema::TicketOpenedT>();
  EXPECT_EQ(opened.subject, "late and wet");
  EXPECT_EQ(opened.kind, schema::TicketKind::Complaint);
  EXPECT_EQ(ticket.state().stage, TicketStage::New);

  ticket.when(assign("ann"));
  const auto& assigned = ticket.then<schema::TicketAssignedT>();
  EXPECT_EQ(assigned.service_line, "parcels");
  EXPECT_FALSE(assigned.reassigned);
  EXPECT_EQ(ticket.state().stage, TicketStage::Assigned);

  ticket.when(respond());
  EXPECT_TRUE(ticket.then<schema::TicketFirstRespondedT>().response_met);
  EXPECT_EQ(ticket.state().stage, TicketStage::InProgress);
  ticket.when(respond());
  EXPECT_EQ(ticket.then<schema::TicketRepliedT>().text, "we look into it");

  ticket.when(assign("ann")).then_nothing();
  ticket.when(assign("bob"));
  EXPECT_TRUE(ticket.then<schema::TicketAssignedT>().reassigned);
  EXPECT_EQ(ticket.state().stage, TicketStage::InProgress);

  ticket.when(resolve());
  EXPECT_TRUE(ticket.then<schema::TicketResolvedT>().resolution_met);
  EXPECT_FALSE(ticket.deadline());
  ticket.when(close(6)).then_rejected(RejectionCode::InvalidArgument, "/satisfaction");
  ticket.when(close(5));
  EXPECT_EQ(ticket.then<schema::TicketClosedT>().satisfaction, 5);
  ticket.when(close(5)).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Ticket, OpensOnceAndWithWhatItNeeds) {
  Ticket ticket("T-1");
  auto command = open_ticket(TicketPriority::None);
  ticket.when(command).then_rejected(RejectionCode::InvalidArgument, "/priority");
  command = open_ticket(TicketPriority::Low);
  command.kind = schema::TicketKind::None;
  ticket.when(command).then_rejected(RejectionCode::InvalidArgument, "/kind");
  command = open_ticket(TicketPriority::Low);
  command.customer_id.clear();
  ticket.when(command).then_rejected(RejectionCode::InvalidArgument, "/customer_id");
  command = open_ticket(TicketPriority::Low);
  command.subject.clear();
  ticket.when(command).then_rejected(RejectionCode::InvalidArgument, "/subject");
  ticket.when(open_ticket(TicketPriority::Low)).then_ignore();
  ticket.when(open_ticket(TicketPriority::Low)).then_rejected(RejectionCode::AlreadyExists);
}

TEST(Ticket, UnknownTickets) {
  Ticket ticket("T-1");
  ticket.when(assign("ann")).then_rejected(RejectionCode::NotFound);
  ticket.when(check_sla()).then_rejected(RejectionCode::EngineOnly);
  ticket.as_system().when(check_sla()).then_nothing();
}

TEST(Ticket, IsAssignedBeforeItIsAnswered) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Low)).then_ignore();
  ticket.when(respond()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(assign("")).then_rejected(RejectionCode::InvalidArgument, "/owner");
}

TEST(Ticket, IsNotResolvedWithoutAResponse) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Low)).then_ignore();
  ticket.when(resolve()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(assign("ann")).then_ignore();
  ticket.when(resolve()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(respond()).then_ignore();
  ticket.when(resolve()).then_ignore();
  ticket.when(resolve()).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Ticket, IsNotClosedWithoutBeingResolved) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Low);
  ticket.when(close()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(cancel());
  EXPECT_EQ(ticket.then<schema::TicketCancelledT>().reason, "opened twice");
  EXPECT_FALSE(ticket.deadline());
  ticket.when(close()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(assign("bob")).then_rejected(RejectionCode::InvalidTransition);
}

TEST(Ticket, PausesAndResumesOnce) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Low)).then_ignore();
  ticket.when(pause()).then_rejected(RejectionCode::InvalidTransition);  // nobody owns it
  ticket.when(assign("ann")).then_ignore();
  ticket.when(resume()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(pause(schema::PauseReason::None))
      .then_rejected(RejectionCode::InvalidArgument, "/reason");
  ticket.when(pause(schema::PauseReason::WaitingVendor));
  ticket.then<schema::TicketPausedT>();
  EXPECT_EQ(ticket.state().stage, TicketStage::WaitingVendor);
  EXPECT_FALSE(ticket.deadline());
  ticket.when(pause()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(resume()).then_ignore();
  EXPECT_EQ(ticket.state().stage, TicketStage::Assigned);  // still without an answer
  ticket.when(respond()).then_ignore();
  ticket.when(pause()).then_ignore();
  EXPECT_EQ(ticket.state().stage, TicketStage::WaitingCustomer);
  ticket.when(respond()).then_ignore();
  EXPECT_EQ(ticket.state().stage, TicketStage::WaitingCustomer);
  ticket.when(resume()).then_ignore();
  EXPECT_EQ(ticket.state().stage, TicketStage::InProgress);
}

TEST(Ticket, ReopensFromResolvedOrSoonAfterClosing) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Low);
  ticket.when(reopen()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(resolve()).then_ignore();
  ticket.when(reopen());
  EXPECT_EQ(ticket.then<schema::TicketReopenedT>().reason, "wet again");
  EXPECT_EQ(ticket.state().stage, TicketStage::InProgress);
  EXPECT_EQ(ticket.state().reopened, 1U);
  EXPECT_TRUE(ticket.deadline());

  ticket.when(resolve()).then_ignore();
  ticket.when(close()).then_ignore();
  // Closed on 2024-01-15: until the end of the 29th.
  ticket.at(when_is("2024-01-30 00:00")).when(reopen()).then_rejected(RejectionCode::Expired);
  ticket.at(when_is("2024-01-29 23:59")).when(reopen()).then_ignore();
}

TEST(Ticket, MergesIntoAnother) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Low);
  ticket.when(merge("T-1")).then_rejected(RejectionCode::InvalidArgument, "/into");
  ticket.when(merge("")).then_rejected(RejectionCode::InvalidArgument, "/into");
  ticket.when(merge("T-2"));
  EXPECT_EQ(ticket.then<schema::TicketMergedT>().into, "T-2");
  EXPECT_FALSE(ticket.deadline());
  ticket.when(merge("T-2")).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(reopen()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(cancel()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(pause()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(escalate()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(respond()).then_rejected(RejectionCode::InvalidTransition);
  ticket.when(change_priority(TicketPriority::High))
      .then_rejected(RejectionCode::InvalidTransition);
}

TEST(Ticket, EscalatesLevelByLevel) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Low)).then_ignore();
  ticket.when(escalate());
  const auto& first = ticket.then<schema::TicketEscalatedT>();
  EXPECT_EQ(first.level, 1U);
  EXPECT_EQ(first.cause, "the customer called the boss");
  ticket.when(escalate());
  EXPECT_EQ(ticket.then<schema::TicketEscalatedT>().level, 2U);
}

TEST(Audit, RecordsEachRefusalOfTheEngine) {
  Scenario<AuditAggregate> audit("2024-01");
  schema::RecordRefusalT command;
  command.audit_id = "2024-01";
  command.command = "WriteOffBalance";
  command.aggregate = "Invoice";
  command.refused_id = "INV-1";
  command.code = "Forbidden";
  command.reason = "writing off needs finance";
  audit.when(command).then_rejected(RejectionCode::EngineOnly);
  audit.as_system().when(command);
  const auto& refused = audit.then<schema::CommandRefusedT>();
  EXPECT_EQ(refused.command, "WriteOffBalance");
  EXPECT_EQ(refused.aggregate, "Invoice");
  EXPECT_EQ(refused.refused_id, "INV-1");
  EXPECT_EQ(refused.code, "Forbidden");
  EXPECT_EQ(refused.reason, "writing off needs finance");
  audit.when(command).then_ignore();
  EXPECT_EQ(audit.state().refused, 2U);
}

}  // namespace
}  // namespace orderlog::engine::test
