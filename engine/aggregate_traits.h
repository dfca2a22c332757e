// One struct an aggregate: the generated types that belong together. Everything that works on "any
// aggregate" (runtime, process manager, tests) is written once against these.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "engine/credit/credit_account.h"
#include "engine/stock/stock_item.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::engine {

struct NoTimer {};

struct CustomerAggregate {
  using StateT = schema::CustomerStateT;
  using State = schema::CustomerState;
  using Commands = schema::CustomerCommands;
  using CommandsT = schema::CustomerCommandsT;
  using Command = schema::CustomerCommand;
  using Events = schema::CustomerEvents;
  using Event = schema::CustomerEvent;
  using EventUnion = schema::CustomerEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::CustomerEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::CustomerCommands;
  static constexpr const char* name = "Customer";
  static const char* event_name(Event event) { return schema::EnumNameCustomerEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameCustomerCommand(command);
  }
};
struct CreditAggregate {
  using StateT = CreditAccount;
  using State = schema::CreditState;
  using Commands = schema::CreditCommands;
  using CommandsT = schema::CreditCommandsT;
  using Command = schema::CreditCommand;
  using Events = schema::CreditEvents;
  using Event = schema::CreditEvent;
  using EventUnion = schema::CreditEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::CreditEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::CreditCommands;
  static constexpr const char* name = "Credit";
  static const char* event_name(Event event) { return schema::EnumNameCreditEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameCreditCommand(command);
  }
};
struct ProductAggregate {
  using StateT = schema::ProductStateT;
  using State = schema::ProductState;
  using Commands = schema::ProductCommands;
  using CommandsT = schema::ProductCommandsT;
  using Command = schema::ProductCommand;
  using Events = schema::ProductEvents;
  using Event = schema::ProductEvent;
  using EventUnion = schema::ProductEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::ProductEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::ProductCommands;
  static constexpr const char* name = "Product";
  static const char* event_name(Event event) { return schema::EnumNameProductEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameProductCommand(command);
  }
};
struct StockAggregate {
  using StateT = StockItem;
  using State = schema::StockState;
  using Commands = schema::StockCommands;
  using CommandsT = schema::StockCommandsT;
  using Command = schema::StockCommand;
  using Events = schema::StockEvents;
  using Event = schema::StockEvent;
  using EventUnion = schema::StockEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::ExpireHoldsT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::StockEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::StockCommands;
  static constexpr const char* name = "Stock";
  static const char* event_name(Event event) { return schema::EnumNameStockEvent(event); }
  static const char* command_name(Command command) { return schema::EnumNameStockCommand(command); }
};
struct LeadAggregate {
  using StateT = schema::LeadStateT;
  using State = schema::LeadState;
  using Commands = schema::LeadCommands;
  using CommandsT = schema::LeadCommandsT;
  using Command = schema::LeadCommand;
  using Events = schema::LeadEvents;
  using Event = schema::LeadEvent;
  using EventUnion = schema::LeadEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::CheckFollowUpT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::LeadEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::LeadCommands;
  static constexpr const char* name = "Lead";
  static const char* event_name(Event event) { return schema::EnumNameLeadEvent(event); }
  static const char* command_name(Command command) { return schema::EnumNameLeadCommand(command); }
};
struct QuoteAggregate {
  using StateT = schema::QuoteStateT;
  using State = schema::QuoteState;
  using Commands = schema::QuoteCommands;
  using CommandsT = schema::QuoteCommandsT;
  using Command = schema::QuoteCommand;
  using Events = schema::QuoteEvents;
  using Event = schema::QuoteEvent;
  using EventUnion = schema::QuoteEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::CheckQuoteExpiryT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::QuoteEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::QuoteCommands;
  static constexpr const char* name = "Quote";
  static const char* event_name(Event event) { return schema::EnumNameQuoteEvent(event); }
  static const char* command_name(Command command) { return schema::EnumNameQuoteCommand(command); }
};
struct ApprovalAggregate {
  using StateT = schema::ApprovalStateT;
  using State = schema::ApprovalState;
  using Commands = schema::ApprovalCommands;
  using CommandsT = schema::ApprovalCommandsT;
  using Command = schema::ApprovalCommand;
  using Events = schema::ApprovalEvents;
  using Event = schema::ApprovalEvent;
  using EventUnion = schema::ApprovalEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::CheckApprovalDeadlineT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::ApprovalEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::ApprovalCommands;
  static constexpr const char* name = "Approval";
  static const char* event_name(Event event) { return schema::EnumNameApprovalEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameApprovalCommand(command);
  }
};
struct OrderAggregate {
  using StateT = schema::OrderStateT;
  using State = schema::OrderState;
  using Commands = schema::OrderCommands;
  using CommandsT = schema::OrderCommandsT;
  using Command = schema::OrderCommand;
  using Events = schema::OrderEvents;
  using Event = schema::OrderEvent;
  using EventUnion = schema::OrderEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::CheckOrderDatesT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::OrderEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::OrderCommands;
  static constexpr const char* name = "Order";
  static const char* event_name(Event event) { return schema::EnumNameOrderEvent(event); }
  static const char* command_name(Command command) { return schema::EnumNameOrderCommand(command); }
};
struct ReferenceAggregate {
  using StateT = schema::ReferenceStateT;
  using State = schema::ReferenceState;
  using Commands = schema::ReferenceCommands;
  using CommandsT = schema::ReferenceCommandsT;
  using Command = schema::ReferenceCommand;
  using Events = schema::ReferenceEvents;
  using Event = schema::ReferenceEvent;
  using EventUnion = schema::ReferenceEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::ReferenceEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::ReferenceCommands;
  static constexpr const char* name = "Reference";
  static const char* event_name(Event event) { return schema::EnumNameReferenceEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameReferenceCommand(command);
  }
};
struct ShipmentAggregate {
  using StateT = schema::ShipmentStateT;
  using State = schema::ShipmentState;
  using Commands = schema::ShipmentCommands;
  using CommandsT = schema::ShipmentCommandsT;
  using Command = schema::ShipmentCommand;
  using Events = schema::ShipmentEvents;
  using Event = schema::ShipmentEvent;
  using EventUnion = schema::ShipmentEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::ShipmentEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::ShipmentCommands;
  static constexpr const char* name = "Shipment";
  static const char* event_name(Event event) { return schema::EnumNameShipmentEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameShipmentCommand(command);
  }
};
struct InvoiceAggregate {
  using StateT = schema::InvoiceStateT;
  using State = schema::InvoiceState;
  using Commands = schema::InvoiceCommands;
  using CommandsT = schema::InvoiceCommandsT;
  using Command = schema::InvoiceCommand;
  using Events = schema::InvoiceEvents;
  using Event = schema::InvoiceEvent;
  using EventUnion = schema::InvoiceEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::CheckInvoiceDueT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::InvoiceEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::InvoiceCommands;
  static constexpr const char* name = "Invoice";
  static const char* event_name(Event event) { return schema::EnumNameInvoiceEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameInvoiceCommand(command);
  }
};
struct SeriesAggregate {
  using StateT = schema::SeriesStateT;
  using State = schema::SeriesState;
  using Commands = schema::SeriesCommands;
  using CommandsT = schema::SeriesCommandsT;
  using Command = schema::SeriesCommand;
  using Events = schema::SeriesEvents;
  using Event = schema::SeriesEvent;
  using EventUnion = schema::SeriesEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::SeriesEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::SeriesCommands;
  static constexpr const char* name = "Series";
  static const char* event_name(Event event) { return schema::EnumNameSeriesEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameSeriesCommand(command);
  }
};
struct PaymentAggregate {
  using StateT = schema::PaymentStateT;
  using State = schema::PaymentState;
  using Commands = schema::PaymentCommands;
  using CommandsT = schema::PaymentCommandsT;
  using Command = schema::PaymentCommand;
  using Events = schema::PaymentEvents;
  using Event = schema::PaymentEvent;
  using EventUnion = schema::PaymentEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::PaymentEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::PaymentCommands;
  static constexpr const char* name = "Payment";
  static const char* event_name(Event event) { return schema::EnumNamePaymentEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNamePaymentCommand(command);
  }
};
struct TicketAggregate {
  using StateT = schema::TicketStateT;
  using State = schema::TicketState;
  using Commands = schema::TicketCommands;
  using CommandsT = schema::TicketCommandsT;
  using Command = schema::TicketCommand;
  using Events = schema::TicketEvents;
  using Event = schema::TicketEvent;
  using EventUnion = schema::TicketEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = schema::CheckTicketSlaT;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::TicketEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::TicketCommands;
  static constexpr const char* name = "Ticket";
  static const char* event_name(Event event) { return schema::EnumNameTicketEvent(event); }
  static const char* command_name(Command command) {
    return schema::EnumNameTicketCommand(command);
  }
};
struct AuditAggregate {
  using StateT = schema::AuditStateT;
  using State = schema::AuditState;
  using Commands = schema::AuditCommands;
  using CommandsT = schema::AuditCommandsT;
  using Command = schema::AuditCommand;
  using Events = schema::AuditEvents;
  using Event = schema::AuditEvent;
  using EventUnion = schema::AuditEventUnion;
  // Sent to the aggregate when its deadline is reached.
  using TimerCommandT = NoTimer;
  static constexpr schema::AnyEvent kind = schema::AnyEvent::AuditEvents;
  static constexpr schema::AnyCommand command_kind = schema::AnyCommand::AuditCommands;
  static constexpr const char* name = "Audit";
  static const char* event_name(Event event) { return schema::EnumNameAuditEvent(event); }
  static const char* command_name(Command command) { return schema::EnumNameAuditCommand(command); }
};

template <class CommandT>
struct AggregateOfCommand;
template <>
struct AggregateOfCommand<schema::RegisterCustomerT> {
  using type = CustomerAggregate;
};
template <>
struct AggregateOfCommand<schema::ChangeCustomerT> {
  using type = CustomerAggregate;
};
template <>
struct AggregateOfCommand<schema::AdoptGradeT> {
  using type = CustomerAggregate;
};
template <>
struct AggregateOfCommand<schema::DeactivateCustomerT> {
  using type = CustomerAggregate;
};
template <>
struct AggregateOfCommand<schema::ReactivateCustomerT> {
  using type = CustomerAggregate;
};
template <>
struct AggregateOfCommand<schema::CopyCustomerT> {
  using type = CustomerAggregate;
};
template <>
struct AggregateOfCommand<schema::OpenCreditAccountT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::SetCreditLimitT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::GradeCustomerT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::ReserveCreditT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::ShiftExposureT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseCreditT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::BlockCustomerT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::UnblockCustomerT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::ChangeCreditBalanceT> {
  using type = CreditAggregate;
};
template <>
struct AggregateOfCommand<schema::DefineProductT> {
  using type = ProductAggregate;
};
template <>
struct AggregateOfCommand<schema::ChangeProductT> {
  using type = ProductAggregate;
};
template <>
struct AggregateOfCommand<schema::SetPriceT> {
  using type = ProductAggregate;
};
template <>
struct AggregateOfCommand<schema::RemovePriceT> {
  using type = ProductAggregate;
};
template <>
struct AggregateOfCommand<schema::DiscontinueProductT> {
  using type = ProductAggregate;
};
template <>
struct AggregateOfCommand<schema::CopyProductT> {
  using type = ProductAggregate;
};
template <>
struct AggregateOfCommand<schema::ReceiveStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::AdjustStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::CountStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::SetSafetyStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::HoldStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseHoldOfStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckAvailabilityT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ReserveStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::PickStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::UnpickStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::IssueStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::RestockReturnT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ScrapStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::TransferStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::AcceptTransferT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ExpectStockT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::RescheduleIncomingT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::CancelIncomingT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::PromiseBackorderT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ReprioritiseBackorderT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::ExpireHoldsT> {
  using type = StockAggregate;
};
template <>
struct AggregateOfCommand<schema::CaptureLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::ScoreLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::AssignLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordFollowUpT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::ConvertLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::DisqualifyLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::MergeLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::AcceptLeadMergeT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::ConfirmLeadMergeT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::ReopenLeadT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckFollowUpT> {
  using type = LeadAggregate;
};
template <>
struct AggregateOfCommand<schema::DraftQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::EditQuoteLinesT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::SubmitQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordQuoteApprovalT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::IssueQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::AcceptQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::RejectQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::WithdrawQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::ReviseQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::DraftRevisionT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::ExtendQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::PlaceOrderFromQuoteT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckQuoteExpiryT> {
  using type = QuoteAggregate;
};
template <>
struct AggregateOfCommand<schema::RequestApprovalT> {
  using type = ApprovalAggregate;
};
template <>
struct AggregateOfCommand<schema::ApproveTierT> {
  using type = ApprovalAggregate;
};
template <>
struct AggregateOfCommand<schema::RefuseTierT> {
  using type = ApprovalAggregate;
};
template <>
struct AggregateOfCommand<schema::DelegateApprovalT> {
  using type = ApprovalAggregate;
};
template <>
struct AggregateOfCommand<schema::WithdrawApprovalT> {
  using type = ApprovalAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckApprovalDeadlineT> {
  using type = ApprovalAggregate;
};
template <>
struct AggregateOfCommand<schema::DraftOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::ChangeOrderLinesT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::SubmitOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::PlaceOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordCreditOutcomeT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordReferenceOutcomeT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordAvailabilityT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordOrderApprovalT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RejectOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::PlaceHoldT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseHoldT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::AmendOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RescheduleOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::CancelOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::CancelLineQuantityT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordReservationT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordPickedT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordShippedT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordDeliveredT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordShipmentCancelledT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordCancelRefusedT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordCarrierExceptionT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordInvoicedT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordOrderPaymentT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::ShortCloseOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::ReopenOrderT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordShipmentPlannedT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckOrderDatesT> {
  using type = OrderAggregate;
};
template <>
struct AggregateOfCommand<schema::ClaimOrderReferenceT> {
  using type = ReferenceAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseOrderReferenceT> {
  using type = ReferenceAggregate;
};
template <>
struct AggregateOfCommand<schema::PlanShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::ReleaseShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::StartPickingT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::ReportShortPickT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::PackShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::DispatchShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordTrackingT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordFailedDeliveryT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::ConfirmDeliveryT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::CancelShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::DeclareLostT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::HoldShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::ResumeShipmentT> {
  using type = ShipmentAggregate;
};
template <>
struct AggregateOfCommand<schema::DraftInvoiceT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::IssueInvoiceT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::CompleteIssueT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::VoidInvoiceT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::IssueCreditNoteT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::RaiseDisputeT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::ResolveDisputeT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::SendReminderT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::WriteOffBalanceT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::ApplyPaymentT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::UnapplyPaymentT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckInvoiceDueT> {
  using type = InvoiceAggregate;
};
template <>
struct AggregateOfCommand<schema::AssignNumberT> {
  using type = SeriesAggregate;
};
template <>
struct AggregateOfCommand<schema::InitiatePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::AuthorizePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::CapturePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::SettlePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::DeclinePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::FailPaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::VoidPaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::ChargeBackT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::AllocatePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::DeallocatePaymentT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::ConfirmAllocationT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::ConfirmDeallocationT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::RequestRefundT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::ApproveRefundT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::SendRefundT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::SettleRefundT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::FailRefundT> {
  using type = PaymentAggregate;
};
template <>
struct AggregateOfCommand<schema::OpenTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::AssignTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::RespondT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::PauseTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::ResumeTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::EscalateTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::ChangeTicketPriorityT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::ResolveTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::CloseTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::ReopenTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::MergeTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::CancelTicketT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::CheckTicketSlaT> {
  using type = TicketAggregate;
};
template <>
struct AggregateOfCommand<schema::RecordRefusalT> {
  using type = AuditAggregate;
};

// The aggregate id of a timer command.
inline void set_aggregate_id(schema::ExpireHoldsT& command, std::string id) {
  command.stock_item_id = std::move(id);
}
inline void set_aggregate_id(schema::CheckFollowUpT& command, std::string id) {
  command.lead_id = std::move(id);
}
inline void set_aggregate_id(schema::CheckQuoteExpiryT& command, std::string id) {
  command.quote_id = std::move(id);
}
inline void set_aggregate_id(schema::CheckApprovalDeadlineT& command, std::string id) {
  command.approval_id = std::move(id);
}
inline void set_aggregate_id(schema::CheckOrderDatesT& command, std::string id) {
  command.order_id = std::move(id);
}
inline void set_aggregate_id(schema::CheckInvoiceDueT& command, std::string id) {
  command.invoice_id = std::move(id);
}
inline void set_aggregate_id(schema::CheckTicketSlaT& command, std::string id) {
  command.ticket_id = std::move(id);
}

// Calls visitor.template operator()<Aggregate>() for each aggregate, in the order of
// schema::AnyEvent.
template <class Visitor>
void for_each_aggregate(Visitor&& visitor) {
  visitor.template operator()<CustomerAggregate>();
  visitor.template operator()<CreditAggregate>();
  visitor.template operator()<ProductAggregate>();
  visitor.template operator()<StockAggregate>();
  visitor.template operator()<LeadAggregate>();
  visitor.template operator()<QuoteAggregate>();
  visitor.template operator()<ApprovalAggregate>();
  visitor.template operator()<OrderAggregate>();
  visitor.template operator()<ReferenceAggregate>();
  visitor.template operator()<ShipmentAggregate>();
  visitor.template operator()<InvoiceAggregate>();
  visitor.template operator()<SeriesAggregate>();
  visitor.template operator()<PaymentAggregate>();
  visitor.template operator()<TicketAggregate>();
  visitor.template operator()<AuditAggregate>();
}

}  // namespace orderlog::engine
