// The fold of a stock item's events. The balance in an event is for readers; the fold makes its own
// from the quantities, so that the two can be compared.
#include "engine/aggregates.h"
#include "engine/stock/effects.h"
#include "engine/stock/rules.h"

namespace orderlog::engine {

namespace {

using namespace stock;  // the effects, one a kind of event
using schema::StockEvent;

// Books of effects.h over the live state.
class LiveBooks {
 public:
  explicit LiveBooks(StockItem& item) : item_(item) {}

  StockTotals& totals() { return item_.totals; }
  bool has(std::string_view id) const { return item_.ledger.find(id) != nullptr; }
  template <class Change>
  void change(std::string_view id, Change&& change) {
    item_.ledger.change(id, std::forward<Change>(change));
  }
  void open(schema::ReservationT entry) { item_.ledger.open(std::move(entry)); }
  void put_hold(schema::SoftHoldT hold) { item_.holds.put(std::move(hold)); }
  std::int64_t drop_hold(std::string_view hold_id) { return item_.holds.drop(hold_id); }
  void put_incoming(schema::IncomingT incoming) {
    item_.incoming.try_emplace(incoming.expectation_id, incoming);
  }
  std::int64_t take_incoming(std::string_view expectation_id, std::int64_t milli) {
    const auto found = item_.incoming.find(expectation_id);
    if (found == item_.incoming.end()) return 0;
    const std::int64_t taken = take(found->second.milli, milli);
    if (found->second.milli == 0) item_.incoming.erase(found);
    return taken;
  }
  void note_issued_ahead(std::string_view id, std::int64_t milli) {
    if (id.empty() || item_.issued_ahead.size() >= issued_ahead_max) return;
    auto& noted = item_.issued_ahead[std::string(id)];
    noted.reservation_id = id;
    noted.milli += milli;
  }
  void take_issued_ahead(std::string_view id, std::int64_t milli) {
    const auto found = item_.issued_ahead.find(id);
    if (found == item_.issued_ahead.end()) return;
    take(found->second.milli, milli);
    if (found->second.milli == 0) item_.issued_ahead.erase(found);
  }
  void move_incoming(std::string_view expectation_id, Day day) {
    const auto found = item_.incoming.find(expectation_id);
    if (found != item_.incoming.end()) found->second.date = day;
  }

 private:
  StockItem& item_;
};

template <class EventT>
schema::ReservationT entry_of(const EventT& event, const EventMeta& meta) {
  schema::ReservationT entry;
  entry.reservation_id = text(event.reservation_id());
  entry.order_id = text(event.order_id());
  entry.line = event.line();
  entry.priority = event.priority();
  entry.promised_date = event.promised_date();
  entry.opened_at = meta.occurred_at;
  entry.released_total = event.released_total();
  return entry;
}

schema::SoftHoldT hold_of(const schema::StockHeld& event) {
  schema::SoftHoldT hold;
  hold.hold_id = text(event.hold_id());
  hold.milli = milli(event.quantity());
  hold.expires_at = event.expires_at();
  return hold;
}

schema::IncomingT incoming_of(const schema::IncomingStockExpected& event) {
  schema::IncomingT incoming;
  incoming.expectation_id = text(event.expectation_id());
  incoming.milli = milli(event.quantity());
  incoming.date = event.date();
  return incoming;
}

// ---- goods ----
void fold(LiveBooks& books, const schema::StockReceived& event, const EventMeta&) {
  received(books, milli(event.quantity()), text(event.expectation_id()));
}
void fold(LiveBooks& books, const schema::StockAdjusted& event, const EventMeta&) {
  adjusted(books, milli(event.delta()), milli(event.damaged_delta()));
}
void fold(LiveBooks& books, const schema::StockCounted& event, const EventMeta&) {
  counted(books, milli(event.counted()));
}
void fold(LiveBooks& books, const schema::SafetyStockSet& event, const EventMeta&) {
  books.totals().safety = milli(event.quantity());
}
void fold(LiveBooks& books, const schema::StockBlocked&, const EventMeta&) {
  books.totals().blocked = true;
}
void fold(LiveBooks& books, const schema::StockUnblocked&, const EventMeta&) {
  books.totals().blocked = false;
}
void fold(LiveBooks& books, const schema::StockRestocked& event, const EventMeta&) {
  restocked(books, milli(event.quantity()), event.condition());
}
void fold(LiveBooks& books, const schema::StockTransferredOut& event, const EventMeta&) {
  transferred_out(books, milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::StockTransferredIn& event, const EventMeta&) {
  received(books, milli(event.quantity()), {});
}
void fold(LiveBooks& books, const schema::StockScrapped& event, const EventMeta&) {
  scrapped(books, milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::StockIssued& event, const EventMeta&) {
  issued(books, text(event.reservation_id()), milli(event.quantity()), milli(event.unreserved()));
}
void fold(LiveBooks& books, const schema::IncomingStockExpected& event, const EventMeta&) {
  expected(books, incoming_of(event));
}
void fold(LiveBooks& books, const schema::IncomingStockRescheduled& event, const EventMeta&) {
  books.move_incoming(text(event.expectation_id()), event.new_date());
}
void fold(LiveBooks& books, const schema::IncomingStockCancelled& event, const EventMeta&) {
  incoming_cancelled(books, text(event.expectation_id()));
}
// ---- soft holds ----
void fold(LiveBooks& books, const schema::StockHeld& event, const EventMeta&) {
  held(books, hold_of(event));
}
void fold(LiveBooks& books, const schema::StockHoldReleased& event, const EventMeta&) {
  hold_ended(books, text(event.hold_id()));
}
void fold(LiveBooks& books, const schema::StockHoldExpired& event, const EventMeta&) {
  hold_ended(books, text(event.hold_id()));
}
// ---- reservations and backorders ----
void fold(LiveBooks& books, const schema::StockReserved& event, const EventMeta& meta) {
  reserved(books, entry_of(event, meta), milli(event.quantity()), text(event.hold_id()));
}
void fold(LiveBooks& books, const schema::StockPartiallyReserved& event, const EventMeta& meta) {
  reserved(books, entry_of(event, meta), milli(event.quantity()), text(event.hold_id()));
}
void fold(LiveBooks&, const schema::StockReservationRefused&, const EventMeta&) {}
void fold(LiveBooks& books, const schema::ReservationIssuedBefore& event, const EventMeta&) {
  issued_before(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::BackorderOpened& event, const EventMeta& meta) {
  backorder_opened(books, entry_of(event, meta), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::StockReleased& event, const EventMeta&) {
  heard_of_release(books, text(event.reservation_id()), event.released_total());
  released(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::ReservationBroken& event, const EventMeta&) {
  broken(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::StockPicked& event, const EventMeta&) {
  picked(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::StockUnpicked& event, const EventMeta&) {
  unpicked(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::BackorderPartiallyFilled& event, const EventMeta&) {
  filled(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::BackorderFilled& event, const EventMeta&) {
  filled(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::BackorderCancelled& event, const EventMeta&) {
  heard_of_release(books, text(event.reservation_id()), event.released_total());
  backorder_cancelled(books, text(event.reservation_id()), milli(event.quantity()));
}
void fold(LiveBooks& books, const schema::BackorderPromised& event, const EventMeta&) {
  books.change(text(event.reservation_id()),
               [&](schema::ReservationT& entry) { entry.promised_date = event.date(); });
}
void fold(LiveBooks& books, const schema::BackorderReprioritised& event, const EventMeta&) {
  books.change(text(event.reservation_id()),
               [&](schema::ReservationT& entry) { entry.priority = event.to(); });
}

}  // namespace

// Longer than 60 lines because it is the list of the union's members, and nothing else.
void evolve(StockItem& item, const schema::StockEvents& events, const EventMeta& meta) {
  if (events.event_type() == StockEvent::NONE) return;
  item.exists = true;
  item.changed_at = meta.occurred_at;
  LiveBooks books(item);
  switch (events.event_type()) {
    case StockEvent::StockReceived:
      return fold(books, *events.event_as_StockReceived(), meta);
    case StockEvent::StockAdjusted:
      return fold(books, *events.event_as_StockAdjusted(), meta);
    case StockEvent::StockCounted:
      return fold(books, *events.event_as_StockCounted(), meta);
    case StockEvent::SafetyStockSet:
      return fold(books, *events.event_as_SafetyStockSet(), meta);
    case StockEvent::StockHeld:
      return fold(books, *events.event_as_StockHeld(), meta);
    case StockEvent::StockHoldReleased:
      return fold(books, *events.event_as_StockHoldReleased(), meta);
    case StockEvent::StockHoldExpired:
      return fold(books, *events.event_as_StockHoldExpired(), meta);
    case StockEvent::StockReserved:
      return fold(books, *events.event_as_StockReserved(), meta);
    case StockEvent::StockPartiallyReserved:
      return fold(books, *events.event_as_StockPartiallyReserved(), meta);
    case StockEvent::StockReservationRefused:
      return fold(books, *events.event_as_StockReservationRefused(), meta);
    case StockEvent::ReservationIssuedBefore:
      return fold(books, *events.event_as_ReservationIssuedBefore(), meta);
    case StockEvent::StockReleased:
      return fold(books, *events.event_as_StockReleased(), meta);
    case StockEvent::ReservationBroken:
      return fold(books, *events.event_as_ReservationBroken(), meta);
    case StockEvent::StockPicked:
      return fold(books, *events.event_as_StockPicked(), meta);
    case StockEvent::StockUnpicked:
      return fold(books, *events.event_as_StockUnpicked(), meta);
    case StockEvent::StockIssued:
      return fold(books, *events.event_as_StockIssued(), meta);
    case StockEvent::StockRestocked:
      return fold(books, *events.event_as_StockRestocked(), meta);
    case StockEvent::StockScrapped:
      return fold(books, *events.event_as_StockScrapped(), meta);
    case StockEvent::StockTransferredOut:
      return fold(books, *events.event_as_StockTransferredOut(), meta);
    case StockEvent::StockTransferredIn:
      return fold(books, *events.event_as_StockTransferredIn(), meta);
    case StockEvent::StockBlocked:
      return fold(books, *events.event_as_StockBlocked(), meta);
    case StockEvent::StockUnblocked:
      return fold(books, *events.event_as_StockUnblocked(), meta);
    case StockEvent::IncomingStockExpected:
      return fold(books, *events.event_as_IncomingStockExpected(), meta);
    case StockEvent::IncomingStockRescheduled:
      return fold(books, *events.event_as_IncomingStockRescheduled(), meta);
    case StockEvent::IncomingStockCancelled:
      return fold(books, *events.event_as_IncomingStockCancelled(), meta);
    case StockEvent::BackorderOpened:
      return fold(books, *events.event_as_BackorderOpened(), meta);
    case StockEvent::BackorderPromised:
      return fold(books, *events.event_as_BackorderPromised(), meta);
    case StockEvent::BackorderReprioritised:
      return fold(books, *events.event_as_BackorderReprioritised(), meta);
    case StockEvent::BackorderPartiallyFilled:
      return fold(books, *events.event_as_BackorderPartiallyFilled(), meta);
    case StockEvent::BackorderFilled:
      return fold(books, *events.event_as_BackorderFilled(), meta);
    case StockEvent::BackorderCancelled:
      return fold(books, *events.event_as_BackorderCancelled(), meta);
    case StockEvent::NONE:
      return;
  }
}

}  // namespace orderlog::engine
