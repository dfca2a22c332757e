// What each event does to the books, written once for the live state (evolve) and for a draft of it
// (decide), so that the balance which an event carries is the balance that its fold arrives at.
// The totals follow the event's own quantity, the ledger what its entry had: two ways that must
// meet (domain.md P2). Total: an id that is not there changes nothing in the ledger.
//
// A Books type has: totals(); change(reservation_id, fn); open(ReservationT); has(reservation_id);
// put_hold(SoftHoldT); drop_hold(hold_id) → thousandths; put_incoming(IncomingT);
// take_incoming(expectation_id, thousandths) → thousandths taken; move_incoming(expectation_id,
// day); note_issued_ahead(reservation_id, thousandths); take_issued_ahead(the same).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "engine/stock/stock_item.h"

namespace orderlog::engine::stock {

inline constexpr std::int64_t everything = std::numeric_limits<std::int64_t>::max();

template <class Books>
void received(Books& books, std::int64_t milli, std::string_view expectation_id) {
  books.totals().on_hand += milli;
  books.totals().received += milli;
  if (!expectation_id.empty()) {
    books.totals().incoming -= books.take_incoming(expectation_id, milli);
  }
}

template <class Books>
void adjusted(Books& books, std::int64_t delta, std::int64_t damaged_delta) {
  books.totals().on_hand += delta;
  books.totals().received += delta;
  books.totals().damaged += damaged_delta;
}

// A count below what was damaged has found that some of it is gone.
template <class Books>
void counted(Books& books, std::int64_t milli) {
  StockTotals& totals = books.totals();
  totals.received += milli - totals.on_hand;
  totals.on_hand = milli;
  totals.damaged = std::min(totals.damaged, totals.on_hand);
}

// Damaged goods are scrapped first.
template <class Books>
void scrapped(Books& books, std::int64_t milli) {
  StockTotals& totals = books.totals();
  totals.on_hand -= milli;
  totals.issued += milli;
  totals.damaged -= std::min(totals.damaged, milli);
}

template <class Books>
void restocked(Books& books, std::int64_t milli, schema::RestockCondition condition) {
  received(books, milli, {});
  if (condition == schema::RestockCondition::Damaged) books.totals().damaged += milli;
}

template <class Books>
void transferred_out(Books& books, std::int64_t milli) {
  books.totals().on_hand -= milli;
  books.totals().issued += milli;
}

template <class Books>
void held(Books& books, schema::SoftHoldT hold) {
  books.totals().soft_held += hold.milli;
  books.put_hold(std::move(hold));
}

template <class Books>
void hold_ended(Books& books, std::string_view hold_id) {
  books.totals().soft_held -= books.drop_hold(hold_id);
}

// Adds to the entry of that id or, if there is none, opens a new one with just this in it.
template <class Books, class Add>
void add_to_entry(Books& books, schema::ReservationT entry, Add add) {
  if (books.has(entry.reservation_id)) {
    books.change(entry.reservation_id, [&](schema::ReservationT& known) {
      known.released_total = std::max(known.released_total, entry.released_total);
      add(known);
    });
    return;
  }
  entry.reserved = entry.picked = entry.backordered = 0;
  add(entry);
  books.open(std::move(entry));
}

template <class Books>
void reserved(Books& books, schema::ReservationT entry, std::int64_t milli,
              std::string_view hold_id) {
  if (!hold_id.empty()) hold_ended(books, hold_id);
  books.totals().reserved += milli;
  add_to_entry(books, std::move(entry), [&](schema::ReservationT& e) { e.reserved += milli; });
}

template <class Books>
void backorder_opened(Books& books, schema::ReservationT entry, std::int64_t milli) {
  books.totals().backordered += milli;
  add_to_entry(books, std::move(entry), [&](schema::ReservationT& e) { e.backordered += milli; });
}

// Takes up to `milli` from `from` and says how much that was.
inline std::int64_t take(std::int64_t& from, std::int64_t milli) {
  const std::int64_t taken = std::min(from, milli);
  from -= taken;
  return taken;
}

// The order has let go of that much so far; 0: it was not the order.
template <class Books>
void heard_of_release(Books& books, std::string_view id, std::int64_t released_total) {
  if (released_total == 0) return;
  books.change(id, [&](schema::ReservationT& entry) {
    entry.released_total = std::max(entry.released_total, released_total);
  });
}

// The part that is not picked goes first: it only lies on the shelf.
template <class Books>
void released(Books& books, std::string_view id, std::int64_t milli) {
  books.totals().reserved -= milli;
  books.change(id, [&](schema::ReservationT& entry) {
    take(entry.picked, milli - take(entry.reserved, milli));
  });
}

template <class Books>
void broken(Books& books, std::string_view id, std::int64_t milli) {
  books.totals().reserved -= milli;
  books.totals().backordered += milli;
  books.change(id, [&](schema::ReservationT& entry) {
    const std::int64_t taken = take(entry.reserved, milli);
    entry.backordered += taken + take(entry.picked, milli - taken);
  });
}

template <class Books>
void backorder_cancelled(Books& books, std::string_view id, std::int64_t milli) {
  books.totals().backordered -= milli;
  books.change(id, [&](schema::ReservationT& entry) { take(entry.backordered, milli); });
}

template <class Books>
void filled(Books& books, std::string_view id, std::int64_t milli) {
  books.totals().backordered -= milli;
  books.totals().reserved += milli;
  books.change(
      id, [&](schema::ReservationT& entry) { entry.reserved += take(entry.backordered, milli); });
}

template <class Books>
void picked(Books& books, std::string_view id, std::int64_t milli) {
  books.change(id,
               [&](schema::ReservationT& entry) { entry.picked += take(entry.reserved, milli); });
}

template <class Books>
void unpicked(Books& books, std::string_view id, std::int64_t milli) {
  books.change(id,
               [&](schema::ReservationT& entry) { entry.reserved += take(entry.picked, milli); });
}

template <class Books>
void issued_before(Books& books, std::string_view id, std::int64_t milli) {
  books.take_issued_ahead(id, milli);
}

// Goods that left although the books had none must have come in before, unrecorded: what is on hand
// never falls below zero.
template <class Books>
void issued(Books& books, std::string_view id, std::int64_t milli, std::int64_t unreserved) {
  StockTotals& totals = books.totals();
  const std::int64_t from_entry = milli - unreserved;
  if (unreserved > 0 && !books.has(id)) books.note_issued_ahead(id, unreserved);
  totals.reserved -= from_entry;
  totals.issued += milli;
  totals.received += milli - take(totals.on_hand, milli);
  totals.damaged = std::min(totals.damaged, totals.on_hand);
  books.change(id, [&](schema::ReservationT& entry) {
    take(entry.reserved, from_entry - take(entry.picked, from_entry));
  });
}

template <class Books>
void expected(Books& books, schema::IncomingT incoming) {
  books.totals().incoming += incoming.milli;
  books.put_incoming(std::move(incoming));
}

template <class Books>
void incoming_cancelled(Books& books, std::string_view expectation_id) {
  books.totals().incoming -= books.take_incoming(expectation_id, everything);
}

}  // namespace orderlog::engine::stock
