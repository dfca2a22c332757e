// The reservations of one stock item, by id. Must hold: 1. an entry is there as long as it holds or
// waits for something; 2. the sums are those of the entries; 3. the queue has exactly the entries
// that wait. Every change costs O(log n), so that a sku with a hundred thousand open reservations
// stays as quick as any other.
#pragma once

#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text_index.h"
#include "events/base/time.h"
#include "events/schema/stock_generated.h"

namespace orderlog::engine {

// Who is served first: the higher priority, then the earlier promise (none is last), then the older
// (domain.md 3.9).
struct BackorderRank {
  std::int32_t priority = 0;
  Day promised = day_max;
  std::uint64_t opened_order = 0;

  friend std::strong_ordering operator<=>(const BackorderRank& a, const BackorderRank& b) {
    if (a.priority != b.priority) return b.priority <=> a.priority;
    if (a.promised != b.promised) return a.promised <=> b.promised;
    return a.opened_order <=> b.opened_order;
  }
  friend bool operator==(const BackorderRank&, const BackorderRank&) = default;
};
BackorderRank rank_of(const schema::ReservationT& entry);

// Thousandths over all entries.
struct LedgerSums {
  std::int64_t reserved = 0;  // what is picked included
  std::int64_t backordered = 0;

  void add(const schema::ReservationT& entry);
  void take(const schema::ReservationT& entry);
  friend bool operator==(const LedgerSums&, const LedgerSums&) = default;
};

bool is_empty(const schema::ReservationT& entry);

// A value; used by one thread at a time.
class ReservationLedger {
  using Entries = boost::multi_index_container<
      schema::ReservationT,
      boost::multi_index::indexed_by<boost::multi_index::ordered_unique<boost::multi_index::member<
          schema::ReservationT, std::uint64_t, &schema::ReservationT::opened_order>>>>;

 public:
  ReservationLedger() = default;
  ReservationLedger(const ReservationLedger& other);
  ReservationLedger(ReservationLedger&&) = default;
  ReservationLedger& operator=(const ReservationLedger& other) {
    return *this = ReservationLedger(other);
  }
  ReservationLedger& operator=(ReservationLedger&&) = default;

  // Memory that an entry takes, its indexes and its two ids included.
  static constexpr std::size_t entry_bytes = 296;

  // nullptr when there is none. Valid until the entry changes.
  const schema::ReservationT* find(std::string_view reservation_id) const {
    return by_id_.find(reservation_id);
  }

  // Adds an entry with the next opened_order; an id that is there already keeps its entry, and an
  // empty entry is not kept.
  void open(schema::ReservationT entry);
  // Calls change(ReservationT&) on the entry, which goes when nothing is left in it. Unknown ids
  // are left alone. The id and the opened_order must stay.
  template <class Change>
  void change(std::string_view reservation_id, Change&& change) {
    const schema::ReservationT* found = by_id_.find(reservation_id);
    if (found == nullptr) return;
    const auto entry = entries_.iterator_to(*found);
    changed_.push_back(entry->opened_order);
    unindex(*entry);
    entries_.modify(entry, std::forward<Change>(change));
    index(*entry);
    if (!is_empty(*entry)) return;
    by_id_.erase(*entry);
    entries_.erase(entry);
  }
  // An entry as it was stored, with its own opened_order.
  void restore(schema::ReservationT entry);
  void restore_next_opened_order(std::uint64_t next) { next_opened_order_ = next; }

  std::size_t size() const { return entries_.size(); }
  std::uint64_t next_opened_order() const { return next_opened_order_; }
  const LedgerSums& sums() const { return sums_; }
  // By opened_order, so the newest is last.
  const Entries& by_age() const { return entries_; }
  const std::set<BackorderRank>& queue() const { return queue_; }
  // nullptr when there is none.
  const schema::ReservationT* opened_as(std::uint64_t opened_order) const;
  // opened_order of the entries that changed since the last call, some more than once.
  std::vector<std::uint64_t> take_changed() { return std::exchange(changed_, {}); }
  // Backordered thousandths by promised date; what has no promise is under day_max.
  const std::map<Day, std::int64_t>& demand() const { return demand_; }

 private:
  // False: there is one with its id.
  bool insert(schema::ReservationT entry);
  void index(const schema::ReservationT& entry);
  void unindex(const schema::ReservationT& entry);

  std::uint64_t next_opened_order_ = 0;
  Entries entries_;
  TextIndex<schema::ReservationT, &schema::ReservationT::reservation_id> by_id_;
  std::set<BackorderRank> queue_;
  std::map<Day, std::int64_t> demand_;
  LedgerSums sums_;
  std::vector<std::uint64_t> changed_;
};

}  // namespace orderlog::engine
