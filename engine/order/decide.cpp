// The decider of orders: each command to its theme. Must hold: 1. a client is never taken for the
// engine; 2. an answer that comes late or twice is accepted without an event (domain.md 3.6, 3.7).
#include "engine/order/decide.h"

namespace orderlog::engine {

namespace {

using schema::OrderCommand;

bool only_the_engine(OrderCommand command) {
  switch (command) {
    case OrderCommand::RecordCreditOutcome:
    case OrderCommand::RecordReferenceOutcome:
    case OrderCommand::RecordAvailability:
    case OrderCommand::RecordOrderApproval:
    case OrderCommand::RecordReservation:
    case OrderCommand::RecordShipmentPlanned:
    case OrderCommand::RecordPicked:
    case OrderCommand::RecordShipped:
    case OrderCommand::RecordDelivered:
    case OrderCommand::RecordShipmentCancelled:
    case OrderCommand::RecordCancelRefused:
    case OrderCommand::RecordCarrierException:
    case OrderCommand::RecordInvoiced:
    case OrderCommand::RecordOrderPayment:
    case OrderCommand::CheckOrderDates:
      return true;
    case OrderCommand::NONE:
    case OrderCommand::DraftOrder:
    case OrderCommand::ChangeOrderLines:
    case OrderCommand::SubmitOrder:
    case OrderCommand::PlaceOrder:
    case OrderCommand::RejectOrder:
    case OrderCommand::ReleaseOrder:
    case OrderCommand::PlaceHold:
    case OrderCommand::ReleaseHold:
    case OrderCommand::AmendOrder:
    case OrderCommand::RescheduleOrder:
    case OrderCommand::CancelOrder:
    case OrderCommand::CancelLineQuantity:
    case OrderCommand::ShortCloseOrder:
    case OrderCommand::ReopenOrder:
      return false;
  }
  return false;
}

}  // namespace

Decision<schema::OrderEventUnion> decide(const schema::OrderStateT& state,
                                         const schema::OrderCommands& command,
                                         const Context& context) {
  if (only_the_engine(command.command_type())) {
    if (context.authority != schema::Authority::System) {
      return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
    }
    // An answer for an order that nobody has heard of.
    if (state.lifecycle == schema::OrderLifecycle::None) return {};
  }
  switch (command.command_type()) {
#define ORDERLOG_ON(Command, function) \
  case OrderCommand::Command:          \
    return order::function(state, *command.command_as_##Command(), context);
    ORDERLOG_ON(DraftOrder, decide_draft)
    ORDERLOG_ON(ChangeOrderLines, decide_change)
    ORDERLOG_ON(PlaceOrder, decide_place)
    ORDERLOG_ON(RecordCreditOutcome, decide_credit)
    ORDERLOG_ON(RecordReferenceOutcome, decide_reference)
    ORDERLOG_ON(RecordAvailability, decide_availability)
    ORDERLOG_ON(RecordOrderApproval, decide_approval)
    ORDERLOG_ON(RejectOrder, decide_reject)
    ORDERLOG_ON(PlaceHold, decide_place_hold)
    ORDERLOG_ON(ReleaseHold, decide_release_hold)
    ORDERLOG_ON(AmendOrder, decide_amend)
    ORDERLOG_ON(RescheduleOrder, decide_reschedule)
    ORDERLOG_ON(CancelOrder, decide_cancel)
    ORDERLOG_ON(CancelLineQuantity, decide_cancel_quantity)
    ORDERLOG_ON(RecordReservation, decide_reservation)
    ORDERLOG_ON(RecordShipmentPlanned, decide_shipment_planned)
    ORDERLOG_ON(RecordPicked, decide_picked)
    ORDERLOG_ON(RecordShipped, decide_shipped)
    ORDERLOG_ON(RecordDelivered, decide_delivered)
    ORDERLOG_ON(RecordShipmentCancelled, decide_shipment_cancelled)
    ORDERLOG_ON(RecordCancelRefused, decide_cancel_refused)
    ORDERLOG_ON(RecordCarrierException, decide_carrier)
    ORDERLOG_ON(RecordInvoiced, decide_invoiced)
    ORDERLOG_ON(RecordOrderPayment, decide_payment)
    ORDERLOG_ON(ShortCloseOrder, decide_short_close)
    ORDERLOG_ON(ReopenOrder, decide_reopen)
#undef ORDERLOG_ON
    case OrderCommand::SubmitOrder:
      return order::decide_submit(state, context);
    case OrderCommand::ReleaseOrder:
      return order::decide_release(state, context);
    case OrderCommand::CheckOrderDates:
      return order::decide_dates(state, context);
    case OrderCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "an order does not know this command");
}

}  // namespace orderlog::engine
