// The state of an order after an event: the only place where orders change. Never decides, never
// looks at the policy (design.md, promise 4).
#include "engine/order/fold.h"

namespace orderlog::engine {

void evolve(schema::OrderStateT& state, const schema::OrderEvents& event, const EventMeta& meta) {
  using schema::OrderEvent;
  using schema::OrderLifecycle;
  switch (event.event_type()) {
#define ORDERLOG_ON(Event)                         \
  case OrderEvent::Event:                          \
    order::fold(state, *event.event_as_##Event()); \
    break;
#define ORDERLOG_ON_META(Event)                          \
  case OrderEvent::Event:                                \
    order::fold(state, *event.event_as_##Event(), meta); \
    break;
    ORDERLOG_ON(OrderDrafted)
    ORDERLOG_ON(OrderLineAdded)
    ORDERLOG_ON(OrderLineChanged)
    ORDERLOG_ON(OrderLineRemoved)
    ORDERLOG_ON_META(OrderSubmitted)
    ORDERLOG_ON(OrderCheckPassed)
    ORDERLOG_ON(OrderCheckFailed)
    ORDERLOG_ON_META(OrderHeld)
    ORDERLOG_ON(OrderHoldReleased)
    ORDERLOG_ON(OrderApprovalRequired)
    ORDERLOG_ON_META(OrderApproved)
    ORDERLOG_ON(OrderAmended)
    ORDERLOG_ON(OrderPromiseChanged)
    ORDERLOG_ON(OrderLineCancelled)
    ORDERLOG_ON(OrderCancellationRequested)
    ORDERLOG_ON(OrderCancelRefused)
    ORDERLOG_ON(OrderLineReserved)
    ORDERLOG_ON(OrderLineBackordered)
    ORDERLOG_ON(OrderLineUnreserved)
    ORDERLOG_ON(OrderLineStockRecorded)
    ORDERLOG_ON(OrderShipmentRequested)
    ORDERLOG_ON(OrderLinesPicked)
    ORDERLOG_ON(OrderLinesShipped)
    ORDERLOG_ON(OrderLinesDelivered)
    ORDERLOG_ON(OrderShipmentCancelled)
    ORDERLOG_ON(OrderLinesInvoiced)
    ORDERLOG_ON(OrderPaymentRecorded)
    ORDERLOG_ON(OrderShortClosed)
    ORDERLOG_ON(DeliveryDelayed)
    ORDERLOG_ON(DelayCleared)
#undef ORDERLOG_ON
#undef ORDERLOG_ON_META
    case OrderEvent::OrderRejected:
      order::fold_rejected(state);
      break;
    case OrderEvent::OrderCancelled:
      order::fold_cancelled(state);
      break;
    case OrderEvent::OrderReleased:
    case OrderEvent::OrderReopened:
      state.lifecycle = OrderLifecycle::InFulfilment;
      break;
    case OrderEvent::OrderCompleted:
      state.lifecycle = OrderLifecycle::Completed;
      break;
    case OrderEvent::NONE:
      break;
  }
}

}  // namespace orderlog::engine
