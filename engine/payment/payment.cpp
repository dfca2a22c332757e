// Which decision answers which command of a payment. Must hold: 1. a command of a later stage finds
// a payment; 2. what only the invoice may answer, a client cannot. Rules: domain.md 3.13.
#include <string>

#include "engine/payment/decisions.h"

namespace orderlog::engine {

namespace {

using schema::PaymentCommand;

bool is_for_engine_only(PaymentCommand command) {
  return command == PaymentCommand::ConfirmAllocation ||
         command == PaymentCommand::ConfirmDeallocation;
}

payment::PaymentDecision decide_existing(const schema::PaymentStateT& state,
                                         const schema::PaymentCommands& command,
                                         const Context& context) {
  switch (command.command_type()) {
    case PaymentCommand::AuthorizePayment:
      return payment::authorize(state, *command.command_as_AuthorizePayment(), context);
    case PaymentCommand::SettlePayment:
      return payment::settle(state);
    case PaymentCommand::DeclinePayment:
      return payment::decline(state, *command.command_as_DeclinePayment());
    case PaymentCommand::FailPayment:
      return payment::fail(state, *command.command_as_FailPayment());
    case PaymentCommand::VoidPayment:
      return payment::void_payment(state, *command.command_as_VoidPayment());
    case PaymentCommand::ChargeBack:
      return payment::charge_back(state, *command.command_as_ChargeBack());
    case PaymentCommand::AllocatePayment:
      return payment::allocate(state, *command.command_as_AllocatePayment(), context);
    case PaymentCommand::DeallocatePayment:
      return payment::deallocate(state, *command.command_as_DeallocatePayment());
    case PaymentCommand::ConfirmAllocation:
      return payment::confirm_allocation(state, *command.command_as_ConfirmAllocation());
    case PaymentCommand::ConfirmDeallocation:
      return payment::confirm_deallocation(state, *command.command_as_ConfirmDeallocation());
    case PaymentCommand::RequestRefund:
      return payment::request_refund(state, *command.command_as_RequestRefund());
    case PaymentCommand::ApproveRefund:
      return payment::approve_refund(state, *command.command_as_ApproveRefund(), context);
    case PaymentCommand::SendRefund:
      return payment::send_refund(state, *command.command_as_SendRefund());
    case PaymentCommand::SettleRefund:
      return payment::settle_refund(state, *command.command_as_SettleRefund());
    case PaymentCommand::FailRefund:
      return payment::fail_refund(state, *command.command_as_FailRefund());
    case PaymentCommand::InitiatePayment:
    case PaymentCommand::CapturePayment:
    case PaymentCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "no such command of a payment");
}

}  // namespace

Decision<schema::PaymentEventUnion> decide(const schema::PaymentStateT& state,
                                           const schema::PaymentCommands& command,
                                           const Context& context) {
  const PaymentCommand type = command.command_type();
  if (is_for_engine_only(type) && context.authority != schema::Authority::System) {
    return reject(RejectionCode::EngineOnly,
                  std::string(schema::EnumNamePaymentCommand(type)) + " is the invoice's answer");
  }
  if (type == PaymentCommand::InitiatePayment) {
    return payment::initiate(state, *command.command_as_InitiatePayment());
  }
  if (type == PaymentCommand::CapturePayment) {
    return payment::capture(state, *command.command_as_CapturePayment(), context);
  }
  if (state.stage == schema::PaymentStage::None) {
    if (is_for_engine_only(type)) return {};
    return reject(RejectionCode::NotFound, "no such payment");
  }
  return decide_existing(state, command, context);
}

std::optional<TimestampUs> next_deadline(const schema::PaymentStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
