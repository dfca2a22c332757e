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
  // Whether the native command CommandT is one of this aggregate's.
  template <class CommandT>
  static constexpr bool takes =
      schema::CustomerCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::CreditCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::ProductCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::StockCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::LeadCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::QuoteCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::ApprovalCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::OrderCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::ReferenceCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::ShipmentCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::InvoiceCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::SeriesCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::PaymentCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::TicketCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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
  template <class CommandT>
  static constexpr bool takes =
      schema::AuditCommandUnionTraits<CommandT>::enum_value != Command::NONE;
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

template <class... Aggregates>
struct AggregateList {};
// In the order of schema::AnyEvent.
using AllAggregates =
    AggregateList<CustomerAggregate, CreditAggregate, ProductAggregate, StockAggregate,
                  LeadAggregate, QuoteAggregate, ApprovalAggregate, OrderAggregate,
                  ReferenceAggregate, ShipmentAggregate, InvoiceAggregate, SeriesAggregate,
                  PaymentAggregate, TicketAggregate, AuditAggregate>;

template <class CommandT, class Aggregates>
struct TakerOf;
template <class CommandT, class First, class... Others>
struct TakerOf<CommandT, AggregateList<First, Others...>>
    : std::conditional_t<First::template takes<CommandT>, std::type_identity<First>,
                         TakerOf<CommandT, AggregateList<Others...>>> {};
template <class CommandT>
struct TakerOf<CommandT, AggregateList<>> {};  // no type: it is no command

template <class CommandT>
using AggregateOfCommand = typename TakerOf<CommandT, AllAggregates>::type;

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

// Calls visitor.template operator()<Aggregate>() for each aggregate.
template <class Visitor, class... Aggregates>
void for_each_of(AggregateList<Aggregates...>, Visitor& visitor) {
  (visitor.template operator()<Aggregates>(), ...);
}
template <class Visitor>
void for_each_aggregate(Visitor&& visitor) {
  for_each_of(AllAggregates{}, visitor);
}

}  // namespace orderlog::engine
