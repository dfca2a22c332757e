// The folds of an order's events into its state, grouped as the decisions are. Total: every field
// of an event may be absent. Internal to the room.
#pragma once

#include "engine/order/working.h"

namespace orderlog::engine::order {

using MutableState = schema::OrderStateT;

schema::OrderLineStateT* line_in(MutableState& order, std::uint32_t line);
schema::OrderShipmentT* shipment_in(MutableState& order, const flatbuffers::String* id);

// fold_entry.cpp
void fold(MutableState& order, const schema::OrderDrafted& event);
void fold(MutableState& order, const schema::OrderLineAdded& event);
void fold(MutableState& order, const schema::OrderLineChanged& event);
void fold(MutableState& order, const schema::OrderLineRemoved& event);
void fold(MutableState& order, const schema::OrderSubmitted& event, const EventMeta& meta);
void fold(MutableState& order, const schema::OrderAmended& event);
void fold(MutableState& order, const schema::OrderPromiseChanged& event);
// fold_checks.cpp
void fold(MutableState& order, const schema::OrderCheckPassed& event);
void fold(MutableState& order, const schema::OrderCheckFailed& event);
void fold(MutableState& order, const schema::OrderHeld& event, const EventMeta& meta);
void fold(MutableState& order, const schema::OrderHoldReleased& event);
void fold(MutableState& order, const schema::OrderApprovalRequired& event);
void fold(MutableState& order, const schema::OrderApproved& event, const EventMeta& meta);
// fold_ending.cpp
void fold_rejected(MutableState& order);
void fold_cancelled(MutableState& order);
void fold(MutableState& order, const schema::OrderLineCancelled& event);
void fold(MutableState& order, const schema::OrderCancellationRequested& event);
void fold(MutableState& order, const schema::OrderCancelRefused& event);
void fold(MutableState& order, const schema::OrderShipmentCancelled& event);
void fold(MutableState& order, const schema::OrderShortClosed& event);
// fold_goods.cpp
void fold(MutableState& order, const schema::OrderLineReserved& event);
void fold(MutableState& order, const schema::OrderLineBackordered& event);
void fold(MutableState& order, const schema::OrderLineUnreserved& event);
void fold(MutableState& order, const schema::OrderLineStockRecorded& event);
void fold(MutableState& order, const schema::OrderShipmentRequested& event);
void fold(MutableState& order, const schema::OrderLinesPicked& event);
void fold(MutableState& order, const schema::OrderLinesShipped& event);
void fold(MutableState& order, const schema::OrderLinesDelivered& event);
void fold(MutableState& order, const schema::DeliveryDelayed& event);
void fold(MutableState& order, const schema::DelayCleared& event);
// fold_billing.cpp
void fold_invoice_request(MutableState& order, const schema::InvoiceRequest* request);
void fold(MutableState& order, const schema::OrderLinesInvoiced& event);
void fold(MutableState& order, const schema::OrderPaymentRecorded& event);

// What shipments can still give back limits what waits to be cancelled.
void cap_pending(MutableState& order);

}  // namespace orderlog::engine::order
