// Which decision answers which command of an invoice. Must hold: 1. a command of a later stage
// finds an invoice; 2. what only the engine may say, a client cannot. Rules: domain.md 3.12.
#include <string>

#include "engine/invoice/decisions.h"

namespace orderlog::engine {

namespace {

using schema::InvoiceCommand;

bool is_for_engine_only(InvoiceCommand command) {
  return command == InvoiceCommand::CompleteIssue || command == InvoiceCommand::ApplyPayment ||
         command == InvoiceCommand::UnapplyPayment || command == InvoiceCommand::CheckInvoiceDue ||
         command == InvoiceCommand::RecordWriteOffApproval;
}

invoice::InvoiceDecision decide_existing(const schema::InvoiceStateT& state,
                                         const schema::InvoiceCommands& command,
                                         const Context& context) {
  switch (command.command_type()) {
    case InvoiceCommand::IssueInvoice:
      return invoice::issue(state, context);
    case InvoiceCommand::CompleteIssue:
      return invoice::complete_issue(state, *command.command_as_CompleteIssue(), context);
    case InvoiceCommand::VoidInvoice:
      return invoice::void_invoice(state, *command.command_as_VoidInvoice(), context);
    case InvoiceCommand::IssueCreditNote:
      return invoice::credit(state, *command.command_as_IssueCreditNote(), context);
    case InvoiceCommand::RaiseDispute:
      return invoice::dispute(state, *command.command_as_RaiseDispute());
    case InvoiceCommand::ResolveDispute:
      return invoice::resolve_dispute(state, *command.command_as_ResolveDispute());
    case InvoiceCommand::SendReminder:
      return invoice::remind(state, *command.command_as_SendReminder(), context);
    case InvoiceCommand::WriteOffBalance:
      return invoice::write_off(state, *command.command_as_WriteOffBalance(), context);
    case InvoiceCommand::RecordWriteOffApproval:
      return invoice::record_write_off_approval(state,
                                                *command.command_as_RecordWriteOffApproval());
    case InvoiceCommand::UnapplyPayment:
      return invoice::unapply(state, *command.command_as_UnapplyPayment());
    case InvoiceCommand::CheckInvoiceDue:
      return invoice::check_due(state, context);
    case InvoiceCommand::DraftInvoice:
    case InvoiceCommand::ApplyPayment:
    case InvoiceCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of an invoice");
}

}  // namespace

Decision<schema::InvoiceEventUnion> decide(const schema::InvoiceStateT& state,
                                           const schema::InvoiceCommands& command,
                                           const Context& context) {
  const InvoiceCommand type = command.command_type();
  if (is_for_engine_only(type) && !invoice::is_engine(context)) {
    return reject(RejectionCode::EngineOnly,
                  std::string(schema::EnumNameInvoiceCommand(type)) + " is the engine's own step");
  }
  if (type == InvoiceCommand::DraftInvoice) {
    return invoice::draft(state, *command.command_as_DraftInvoice(), context);
  }
  if (type == InvoiceCommand::ApplyPayment) {
    return invoice::apply(state, *command.command_as_ApplyPayment(), context);
  }
  if (state.stage == schema::InvoiceStage::None) {
    // The engine's own step for an invoice that never came about has nothing left to do.
    if (invoice::is_engine(context)) return {};
    return reject(RejectionCode::NotFound, "no such invoice");
  }
  return decide_existing(state, command, context);
}

}  // namespace orderlog::engine
