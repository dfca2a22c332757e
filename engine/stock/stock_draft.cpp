#include "engine/stock/stock_draft.h"

#include "events/base/ensure.h"

namespace orderlog::engine::stock {

namespace {

bool is_balanced(const StockTotals& totals, const LedgerSums& sums) {
  return totals.reserved == sums.reserved && totals.backordered == sums.backordered &&
         totals.damaged >= 0 && totals.soft_held >= 0 && totals.reserved >= 0 &&
         totals.unpromised() >= 0;
}

}  // namespace

StockDraft::StockDraft(const StockItem& item)
    : item_(item),
      totals_(item.totals),
      sums_(item.ledger.sums()),
      next_opened_order_(item.ledger.next_opened_order()) {}

void StockDraft::open(schema::ReservationT entry) {
  entry.opened_order = next_opened_order_++;
  sums_.add(entry);
  if (entry.backordered > 0) queue_.insert(rank_of(entry));
  const std::uint64_t order = entry.opened_order;
  touched_.emplace(order, std::move(entry));
}

std::int64_t StockDraft::drop_hold(std::string_view hold_id) const {
  const auto* hold = item_.holds.find(hold_id);
  return hold == nullptr ? 0 : hold->milli;
}

std::int64_t StockDraft::take_incoming(std::string_view expectation_id, std::int64_t milli) const {
  const auto found = item_.incoming.find(expectation_id);
  return found == item_.incoming.end() ? 0 : std::min(found->second.milli, milli);
}

const schema::ReservationT* StockDraft::find(std::string_view id) const {
  const schema::ReservationT* entry = item_.ledger.find(id);
  if (entry != nullptr) {
    entry = &now(*entry);
  } else {
    // A new one of this decision: there are hardly ever two.
    for (auto at = touched_.lower_bound(item_.ledger.next_opened_order()); at != touched_.end();
         ++at) {
      if (at->second.reservation_id == id) entry = &at->second;
    }
  }
  return entry == nullptr || is_empty(*entry) ? nullptr : entry;
}

const schema::ReservationT& StockDraft::now(const schema::ReservationT& entry) const {
  const auto found = touched_.find(entry.opened_order);
  return found == touched_.end() ? entry : found->second;
}

schema::ReservationT* StockDraft::touch(std::string_view id) {
  const schema::ReservationT* entry = find(id);
  if (entry == nullptr) return nullptr;
  const auto [at, is_new] = touched_.try_emplace(entry->opened_order, *entry);
  if (is_new && entry->backordered > 0) queue_.insert(rank_of(*entry));
  return &at->second;
}

// The item's own queue without those that were touched, merged with those that were. The walk past
// touched ones is bounded by how many one command may touch.
const schema::ReservationT* StockDraft::first_waiting() const {
  auto first = item_.ledger.queue().begin();
  const auto end = item_.ledger.queue().end();
  while (first != end && touched_.contains(first->opened_order)) ++first;
  if (first == end && queue_.empty()) return nullptr;
  if (queue_.empty() || (first != end && *first < *queue_.begin())) {
    return item_.ledger.opened_as(first->opened_order);
  }
  return &touched_.at(queue_.begin()->opened_order);
}

std::unique_ptr<schema::StockBalanceT> StockDraft::balance() const {
  auto balance = std::make_unique<schema::StockBalanceT>();
  balance->on_hand = totals_.on_hand;
  balance->damaged = totals_.damaged;
  balance->reserved = totals_.reserved;
  balance->soft_held = totals_.soft_held;
  balance->backordered = totals_.backordered;
  balance->incoming = totals_.incoming;
  balance->safety = totals_.safety;
  balance->ledger_reserved = sums_.reserved;
  balance->blocked = totals_.blocked;
  return balance;
}

StockDecision StockDraft::finish() {
  ORDERLOG_ENSURE(!is_balanced(item_.totals, item_.ledger.sums()) || is_balanced(totals_, sums_),
                  "a stock decision left its books unbalanced");
  return std::move(decision_);
}

}  // namespace orderlog::engine::stock
