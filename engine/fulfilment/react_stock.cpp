// What an order must hear of its reservations (domain.md 3.7 - 3.9). Must hold: a quantity is told
// once. What the order gave back itself it has already counted; only what a person takes away by
// hand is news to it. A filled or broken reservation moves between two counters in one message.
#include "engine/fulfilment/reactions.h"

namespace orderlog::engine::fulfilment {

namespace {

template <class Event>
schema::RecordReservationT told(const Event& event, std::int64_t reserved,
                                std::int64_t backordered) {
  schema::RecordReservationT command;
  command.order_id = text_of(event.order_id());
  command.line = event.line();
  command.reserved_delta = reserved;
  command.backordered_delta = backordered;
  command.released_total = event.released_total();
  return command;
}

void send(schema::RecordReservationT command, Outgoing& out) {
  if (!command.order_id.empty()) out.send(std::move(command));
}

void on(const schema::StockPartiallyReserved& event, Outgoing& out) {
  auto command = told(event, milli_of(event.quantity()), 0);
  command.short_milli = milli_of(event.short_());
  send(std::move(command), out);
}

void on(const schema::StockReservationRefused& event, Outgoing& out) {
  auto command = told(event, 0, 0);
  command.refused = true;
  send(std::move(command), out);
}

void on(const schema::BackorderPromised& event, Outgoing& out) {
  auto command = told(event, 0, 0);
  command.promised_date = event.date();
  send(std::move(command), out);
}

void on(const Cause& cause, const schema::StockTransferredOut& event, Outgoing& out) {
  schema::AcceptTransferT command;
  command.stock_item_id = text_of(event.to_stock_item_id());
  command.from_stock_item_id = cause.aggregate_id;
  command.quantity = *event.quantity();
  command.document = text_of(event.document());
  out.send(std::move(command));
}

// Moves from waiting to reserved, or back.
template <class Event>
void fill(const Event& event, std::int64_t sign, Outgoing& out) {
  const std::int64_t quantity = sign * milli_of(event.quantity());
  send(told(event, quantity, -quantity), out);
}

}  // namespace

void react_to_stock(const Cause& cause, const schema::StockEvents& event, Outgoing& out) {
  using schema::StockEvent;
  const bool by_hand = cause.authority == schema::Authority::Normal;
  switch (event.event_type()) {
    case StockEvent::StockReserved: {
      const auto& reserved = *event.event_as_StockReserved();
      return send(told(reserved, milli_of(reserved.quantity()), 0), out);
    }
    // It has them as far as the order is concerned, which hears of the shipment from the shipment.
    case StockEvent::ReservationIssuedBefore: {
      const auto& settled = *event.event_as_ReservationIssuedBefore();
      return send(told(settled, milli_of(settled.quantity()), 0), out);
    }
    case StockEvent::StockPartiallyReserved:
      return on(*event.event_as_StockPartiallyReserved(), out);
    case StockEvent::StockReservationRefused:
      return on(*event.event_as_StockReservationRefused(), out);
    case StockEvent::StockReleased: {
      const auto& released = *event.event_as_StockReleased();
      if (by_hand) send(told(released, -milli_of(released.quantity()), 0), out);
      return;
    }
    case StockEvent::BackorderCancelled: {
      const auto& cancelled = *event.event_as_BackorderCancelled();
      if (by_hand) send(told(cancelled, 0, -milli_of(cancelled.quantity())), out);
      return;
    }
    case StockEvent::BackorderOpened: {
      const auto& opened = *event.event_as_BackorderOpened();
      return send(told(opened, 0, milli_of(opened.quantity())), out);
    }
    case StockEvent::BackorderPromised:
      return on(*event.event_as_BackorderPromised(), out);
    case StockEvent::BackorderPartiallyFilled:
      return fill(*event.event_as_BackorderPartiallyFilled(), 1, out);
    case StockEvent::BackorderFilled:
      return fill(*event.event_as_BackorderFilled(), 1, out);
    case StockEvent::ReservationBroken:
      return fill(*event.event_as_ReservationBroken(), -1, out);
    case StockEvent::StockTransferredOut:
      return on(cause, *event.event_as_StockTransferredOut(), out);
    case StockEvent::StockTransferredIn:
    case StockEvent::StockBlocked:
    case StockEvent::StockUnblocked:
    case StockEvent::StockReceived:
    case StockEvent::StockAdjusted:
    case StockEvent::StockCounted:
    case StockEvent::SafetyStockSet:
    case StockEvent::StockHeld:
    case StockEvent::StockHoldReleased:
    case StockEvent::StockHoldExpired:
    case StockEvent::StockPicked:
    case StockEvent::StockUnpicked:
    case StockEvent::StockIssued:
    case StockEvent::StockRestocked:
    case StockEvent::StockScrapped:
    case StockEvent::IncomingStockExpected:
    case StockEvent::IncomingStockRescheduled:
    case StockEvent::IncomingStockCancelled:
    case StockEvent::BackorderReprioritised:
    case StockEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine::fulfilment
