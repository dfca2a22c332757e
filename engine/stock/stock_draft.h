// The item as it will be after the events that a decision has gathered so far, without a copy of
// the item: totals by value, and only the reservations that were touched. Each event is stamped
// with the balance after it. Lives for one decision.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/decision.h"
#include "engine/stock/effects.h"
#include "engine/stock/stock_item.h"

namespace orderlog::engine::stock {

using StockDecision = Decision<schema::StockEventUnion>;

class StockDraft {
 public:
  explicit StockDraft(const StockItem& item);

  const StockItem& item() const { return item_; }

  // Books, for effects.h.
  StockTotals& totals() { return totals_; }
  const StockTotals& totals() const { return totals_; }
  bool has(std::string_view id) const { return find(id) != nullptr; }
  template <class Change>
  void change(std::string_view id, Change&& change) {
    schema::ReservationT* entry = touch(id);
    if (entry == nullptr) return;
    sums_.take(*entry);
    if (entry->backordered > 0) queue_.erase(rank_of(*entry));
    std::forward<Change>(change)(*entry);
    sums_.add(*entry);
    if (entry->backordered > 0) queue_.insert(rank_of(*entry));
  }
  void open(schema::ReservationT entry);
  void put_hold(schema::SoftHoldT) {}
  std::int64_t drop_hold(std::string_view hold_id) const;
  void put_incoming(schema::IncomingT) {}
  std::int64_t take_incoming(std::string_view expectation_id, std::int64_t milli) const;
  void move_incoming(std::string_view, Day) {}
  void note_issued_ahead(std::string_view, std::int64_t) {}
  void take_issued_ahead(std::string_view, std::int64_t) {}

  // The entry as it is now; nullptr when there is none or nothing is left in it.
  const schema::ReservationT* find(std::string_view id) const;
  // The entry as it is now, for one of the item's own.
  const schema::ReservationT& now(const schema::ReservationT& entry) const;
  // Who waits first; nullptr when nobody does.
  const schema::ReservationT* first_waiting() const;

  // Appends the event, whose effect on the books has been made, with the balance after it.
  template <class EventT>
  void emit(EventT event) {
    event.balance = balance();
    decision_.add(std::move(event));
  }
  // Appends an event that changes no balance.
  template <class EventT>
  void emit_plain(EventT event) {
    decision_.add(std::move(event));
  }
  bool has_events() const { return !decision_.events().empty(); }
  // The decision; a bug if its books do not balance although those of the item did.
  StockDecision finish();

 private:
  schema::ReservationT* touch(std::string_view id);
  std::unique_ptr<schema::StockBalanceT> balance() const;

  const StockItem& item_;
  StockTotals totals_;
  LedgerSums sums_;
  // By opened_order; an empty entry stands for one that is gone.
  std::map<std::uint64_t, schema::ReservationT> touched_;
  std::set<BackorderRank> queue_;  // of the touched ones
  std::uint64_t next_opened_order_;
  StockDecision decision_;
};

}  // namespace orderlog::engine::stock
