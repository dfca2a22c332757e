#include "engine/stock/reservation_ledger.h"

namespace orderlog::engine {

namespace {

constexpr int newest_looked_at = 8;

Day promised_day(const schema::ReservationT& entry) {
  return entry.promised_date.value_or(day_max);
}

}  // namespace

BackorderRank rank_of(const schema::ReservationT& entry) {
  return BackorderRank{entry.priority, promised_day(entry), entry.opened_order};
}

bool is_empty(const schema::ReservationT& entry) {
  return entry.reserved == 0 && entry.picked == 0 && entry.backordered == 0;
}

void LedgerSums::add(const schema::ReservationT& entry) {
  reserved += entry.reserved + entry.picked;
  backordered += entry.backordered;
}

void LedgerSums::take(const schema::ReservationT& entry) {
  reserved -= entry.reserved + entry.picked;
  backordered -= entry.backordered;
}

ReservationLedger::ReservationLedger(const ReservationLedger& other)
    : next_opened_order_(other.next_opened_order_),
      entries_(other.entries_),
      queue_(other.queue_),
      demand_(other.demand_),
      sums_(other.sums_),
      changed_(other.changed_) {
  for (const auto& entry : entries_) by_id_.insert(entry);
}

const schema::ReservationT* ReservationLedger::opened_as(std::uint64_t opened_order) const {
  // What changes is mostly among the newest; a search from the root meets memory that is cold.
  auto newest = by_age().rbegin();
  for (int looks = newest_looked_at; looks > 0 && newest != by_age().rend(); --looks, ++newest) {
    if (newest->opened_order <= opened_order) {
      return newest->opened_order == opened_order ? &*newest : nullptr;
    }
  }
  const auto found = by_age().find(opened_order);
  return found == by_age().end() ? nullptr : &*found;
}

void ReservationLedger::open(schema::ReservationT entry) {
  if (is_empty(entry)) return;
  entry.opened_order = next_opened_order_;
  if (!insert(std::move(entry))) return;
  changed_.push_back(next_opened_order_++);
}

void ReservationLedger::restore(schema::ReservationT entry) {
  if (!is_empty(entry)) insert(std::move(entry));
}

bool ReservationLedger::insert(schema::ReservationT entry) {
  if (by_id_.find(entry.reservation_id) != nullptr) return false;
  // The newest comes last, so that no search is needed.
  const std::size_t before = entries_.size();
  const auto added = entries_.insert(entries_.end(), std::move(entry));
  if (entries_.size() == before) return false;
  by_id_.insert(*added);
  index(*added);
  return true;
}

void ReservationLedger::index(const schema::ReservationT& entry) {
  sums_.add(entry);
  if (entry.backordered == 0) return;
  queue_.insert(rank_of(entry));
  demand_[promised_day(entry)] += entry.backordered;
}

void ReservationLedger::unindex(const schema::ReservationT& entry) {
  sums_.take(entry);
  if (entry.backordered == 0) return;
  queue_.erase(rank_of(entry));
  const auto demand = demand_.find(promised_day(entry));
  demand->second -= entry.backordered;
  if (demand->second == 0) demand_.erase(demand);
}

}  // namespace orderlog::engine
