#include "engine/stock/stock_item.h"

#include <algorithm>
#include <vector>

#include "engine/packed_vectors.h"

namespace orderlog::engine {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

TimestampUs end_of(const schema::SoftHoldT& hold) {
  return hold.expires_at.value_or(timestamp_max);
}

std::optional<std::string> differ(const char* what, std::int64_t total, std::int64_t parts) {
  if (total == parts) return std::nullopt;
  return std::string(what) + " is " + std::to_string(total) + ", its parts sum to " +
         std::to_string(parts);
}

std::optional<std::string> check_books(const StockTotals& totals, const StockRecount& counted) {
  if (auto found = differ("reserved", totals.reserved, counted.reserved)) return found;
  if (auto found = differ("soft_held", totals.soft_held, counted.soft_held)) return found;
  if (auto found = differ("backordered", totals.backordered, counted.backordered)) return found;
  if (auto found = differ("on_hand", totals.on_hand, totals.received - totals.issued)) return found;
  if (totals.damaged < 0 || totals.reserved < 0 || totals.soft_held < 0 ||
      totals.unpromised() < 0) {
    return "more is promised than is there: available is " + std::to_string(totals.unpromised());
  }
  return std::nullopt;
}

}  // namespace

const schema::SoftHoldT* SoftHolds::find(std::string_view hold_id) const {
  const auto found = holds_.find(hold_id);
  return found == holds_.end() ? nullptr : &found->second;
}

void SoftHolds::put(schema::SoftHoldT hold) {
  const auto [added, is_new] = holds_.try_emplace(hold.hold_id, hold);
  if (is_new) ends_.emplace(end_of(added->second), added->first);
}

std::int64_t SoftHolds::drop(std::string_view hold_id) {
  const auto found = holds_.find(hold_id);
  if (found == holds_.end()) return 0;
  const std::int64_t milli = found->second.milli;
  ends_.erase({end_of(found->second), found->first});
  holds_.erase(found);
  return milli;
}

namespace {

using Reservations = Offset<Vector<Offset<schema::Reservation>>>;

Offset<schema::StockState> pack(FlatBufferBuilder& builder, const StockItem& item,
                                Reservations reservations) {
  const auto holds = pack_all<schema::SoftHold>(builder, item.holds.by_id(), second_of);
  const auto incoming = pack_all<schema::Incoming>(builder, item.incoming, second_of);
  const auto issued_ahead = pack_all<schema::IssuedAhead>(builder, item.issued_ahead, second_of);
  const StockTotals& totals = item.totals;
  return schema::CreateStockState(builder, totals.on_hand, totals.damaged, totals.reserved,
                                  totals.soft_held, totals.backordered, totals.safety,
                                  totals.received, totals.issued, item.ledger.next_opened_order(),
                                  holds, reservations, incoming, item.exists, item.changed_at,
                                  totals.blocked, issued_ahead);
}

std::string part_key(std::uint64_t opened_order) {
  std::string key(sizeof(opened_order), '\0');
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<char>(opened_order >> (8 * (key.size() - 1 - i)));
  }
  return key;
}

}  // namespace

Offset<schema::StockState> pack_state(FlatBufferBuilder& builder, const StockItem& item) {
  return pack(builder, item, pack_all<schema::Reservation>(builder, item.ledger.by_age(), itself));
}

Offset<schema::StockState> pack_head(FlatBufferBuilder& builder, const StockItem& item) {
  return pack(builder, item, {});
}

void take_changed_parts(StockItem& item, FlatBufferBuilder& builder, const PartVisit& visit) {
  std::vector<std::uint64_t> changed = item.ledger.take_changed();
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const std::uint64_t opened_order : changed) {
    const schema::ReservationT* entry = item.ledger.opened_as(opened_order);
    if (entry == nullptr) {
      visit(part_key(opened_order), std::nullopt);
      continue;
    }
    builder.Clear();
    const auto packed = schema::Reservation::Pack(builder, entry);
    const auto reservations = builder.CreateVector(&packed, 1);
    schema::StockStateBuilder part(builder);
    part.add_reservations(reservations);
    builder.Finish(part.Finish());
    visit(part_key(opened_order),
          std::string_view(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                           builder.GetSize()));
  }
}

void add_part(StockItem& item, const schema::StockState& part) {
  for_each(part.reservations(),
           [&](schema::ReservationT entry) { item.ledger.restore(std::move(entry)); });
}

std::size_t parts_bytes(const StockItem& item) {
  return item.ledger.size() * ReservationLedger::entry_bytes;
}

void unpack_state(StockItem& item, const schema::StockState& stored) {
  item = StockItem{};
  item.exists = stored.exists();
  item.changed_at = stored.changed_at();
  item.totals = StockTotals{.on_hand = stored.on_hand(),
                            .damaged = stored.damaged(),
                            .reserved = stored.reserved(),
                            .soft_held = stored.soft_held(),
                            .backordered = stored.backordered(),
                            .incoming = recount(stored).incoming,
                            .safety = stored.safety(),
                            .received = stored.received_total(),
                            .issued = stored.issued_total(),
                            .blocked = stored.blocked()};
  for_each(stored.holds(), [&](schema::SoftHoldT hold) { item.holds.put(std::move(hold)); });
  add_part(item, stored);
  item.ledger.restore_next_opened_order(stored.next_opened_order());
  for_each(stored.incoming(), [&](schema::IncomingT incoming) {
    item.incoming.try_emplace(incoming.expectation_id, incoming);
  });
  for_each(stored.issued_ahead(), [&](schema::IssuedAheadT ahead) {
    item.issued_ahead.try_emplace(ahead.reservation_id, ahead);
  });
}

StockRecount recount(const StockItem& item) {
  StockRecount counted;
  for (const auto& [id, hold] : item.holds.by_id()) counted.soft_held += hold.milli;
  for (const auto& entry : item.ledger.by_age()) {
    counted.reserved += entry.reserved + entry.picked;
    counted.backordered += entry.backordered;
  }
  for (const auto& [id, incoming] : item.incoming) counted.incoming += incoming.milli;
  return counted;
}

StockRecount recount(const schema::StockState& stored) {
  StockRecount counted;
  for_each(stored.holds(), [&](schema::SoftHoldT hold) { counted.soft_held += hold.milli; });
  for_each(stored.reservations(), [&](schema::ReservationT entry) {
    counted.reserved += entry.reserved + entry.picked;
    counted.backordered += entry.backordered;
  });
  for_each(stored.incoming(),
           [&](schema::IncomingT incoming) { counted.incoming += incoming.milli; });
  return counted;
}

std::optional<std::string> find_discrepancy(const StockItem& item) {
  const StockRecount counted = recount(item);
  if (auto found = check_books(item.totals, counted)) return found;
  if (auto found = differ("incoming", item.totals.incoming, counted.incoming)) return found;
  const LedgerSums& sums = item.ledger.sums();
  if (auto found = differ("the ledger's sum", sums.reserved, counted.reserved)) return found;
  return differ("the queue's sum", sums.backordered, counted.backordered);
}

std::optional<std::string> find_discrepancy(const schema::StockState& stored) {
  const StockTotals totals{.on_hand = stored.on_hand(),
                           .damaged = stored.damaged(),
                           .reserved = stored.reserved(),
                           .soft_held = stored.soft_held(),
                           .backordered = stored.backordered(),
                           .received = stored.received_total(),
                           .issued = stored.issued_total()};
  return check_books(totals, recount(stored));
}

}  // namespace orderlog::engine
