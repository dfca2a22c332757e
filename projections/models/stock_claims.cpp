#include "projections/models/stock_claims.h"

#include <algorithm>

#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::StockEvent;
using Audit = schema::ReservationAuditRowT;
using Claim = schema::BackorderListRowT;
using Owner = schema::ReservationOwnerRowT;
using Position_ = schema::StockPositionRowT;

constexpr std::size_t cached_claims_max = 20'000;
constexpr std::size_t cached_owners_max = 20'000;

enum Index : std::uint8_t { all_waiting, by_sku, by_order };

template <class Event>
ClaimChange claim_of(const Event& event, std::int64_t reserved, std::int64_t backordered = 0) {
  ClaimChange change;
  change.reservation_id = text_of(event.reservation_id());
  change.order_id = text_of(event.order_id());
  change.line = event.line();
  change.reserved = reserved;
  change.backordered = backordered;
  return change;
}

template <class Event>
ClaimChange opened_claim(const Event& event, std::int64_t reserved, std::int64_t backordered) {
  ClaimChange change = claim_of(event, reserved, backordered);
  change.promised = event.promised_date();
  change.priority = event.priority();
  return change;
}

Day demand_day(const Claim& claim) { return claim.promised_date ? *claim.promised_date : day_min; }

// First served, first listed: the higher priority, then the earlier promise (none is last).
void indexes_of(const Claim& row, IndexWriter& out) {
  if (row.quantity.milli() <= 0) return;
  const std::int64_t promised = row.promised_date ? *row.promised_date : std::int64_t{day_max} + 1;
  const Key rank = Key()
                       .i32(row.priority == INT32_MIN ? INT32_MAX : -row.priority)
                       .i64(promised)
                       .i64(row.opened_at);
  out.add(all_waiting, "all", rank);
  out.add(by_sku, row.sku, rank);
  out.add(by_order, row.order_id, rank);
}

void note_orphan(Tables& tables, std::string_view stock_item_id, std::int64_t count,
                 std::int64_t milli) {
  Audit& audit = tables.of<Audit>().put(stock_item_id);
  audit.orphan_reservations += count;
  audit.orphan_quantity = Quantity(audit.orphan_quantity.milli() + milli);
}

// In the order of their ids, whichever stock item was heard of first.
schema::OwnedReservationT& owned_in(Owner& owner, std::string_view stock_item_id,
                                    std::string_view reservation_id) {
  const auto place =
      std::find_if(owner.reservations.begin(), owner.reservations.end(), [&](const auto& r) {
        return std::pair<std::string_view, std::string_view>(r->stock_item_id, r->reservation_id) >=
               std::pair(stock_item_id, reservation_id);
      });
  if (place != owner.reservations.end() && (*place)->stock_item_id == stock_item_id &&
      (*place)->reservation_id == reservation_id) {
    return **place;
  }
  auto fresh = std::make_unique<schema::OwnedReservationT>();
  fresh->stock_item_id = std::string(stock_item_id);
  fresh->reservation_id = std::string(reservation_id);
  return **owner.reservations.insert(place, std::move(fresh));
}

void note_owner(Tables& tables, const Claim& claim, std::int64_t before, std::int64_t after) {
  if (claim.order_id.empty() || before == after) return;
  Owner& owner = tables.of<Owner>().put(claim.order_id);
  owned_in(owner, claim.stock_item_id, claim.reservation_id).quantity = Quantity(after);
  std::erase_if(owner.reservations, [](const auto& r) { return r->quantity.milli() == 0; });
  if (owner.ended) {
    note_orphan(tables, claim.stock_item_id, (after > 0) - (before > 0), after - before);
  }
}

}  // namespace

std::optional<ClaimChange> claim_change_of(const schema::StockEvents& e) {
  switch (e.event_type()) {
    case StockEvent::StockReserved: {
      const auto& v = *e.event_as_StockReserved();
      return opened_claim(v, milli_of(v.quantity()), 0);
    }
    case StockEvent::StockPartiallyReserved: {
      const auto& v = *e.event_as_StockPartiallyReserved();
      return opened_claim(v, milli_of(v.quantity()), 0);
    }
    case StockEvent::StockReleased: {
      const auto& v = *e.event_as_StockReleased();
      return claim_of(v, -milli_of(v.quantity()));
    }
    case StockEvent::ReservationBroken: {
      const auto& v = *e.event_as_ReservationBroken();
      return claim_of(v, -milli_of(v.quantity()), milli_of(v.quantity()));
    }
    case StockEvent::StockIssued: {
      const auto& v = *e.event_as_StockIssued();
      return claim_of(v, milli_of(v.unreserved()) - milli_of(v.quantity()));
    }
    case StockEvent::BackorderOpened: {
      const auto& v = *e.event_as_BackorderOpened();
      return opened_claim(v, 0, milli_of(v.quantity()));
    }
    case StockEvent::BackorderPromised: {
      const auto& v = *e.event_as_BackorderPromised();
      ClaimChange change = claim_of(v, 0);
      change.promised = v.date();
      change.promised_again = v.old_date().has_value();
      return change;
    }
    case StockEvent::BackorderReprioritised: {
      const auto& v = *e.event_as_BackorderReprioritised();
      ClaimChange change = claim_of(v, 0);
      change.priority = v.to();
      return change;
    }
    case StockEvent::BackorderPartiallyFilled: {
      const auto& v = *e.event_as_BackorderPartiallyFilled();
      return claim_of(v, milli_of(v.quantity()), -milli_of(v.quantity()));
    }
    case StockEvent::BackorderFilled: {
      const auto& v = *e.event_as_BackorderFilled();
      return claim_of(v, milli_of(v.quantity()), -milli_of(v.quantity()));
    }
    case StockEvent::BackorderCancelled: {
      const auto& v = *e.event_as_BackorderCancelled();
      return claim_of(v, 0, -milli_of(v.quantity()));
    }
    case StockEvent::NONE:
    case StockEvent::StockReceived:
    case StockEvent::StockAdjusted:
    case StockEvent::StockCounted:
    case StockEvent::SafetyStockSet:
    case StockEvent::StockHeld:
    case StockEvent::StockHoldReleased:
    case StockEvent::StockHoldExpired:
    case StockEvent::StockReservationRefused:
    case StockEvent::ReservationIssuedBefore:
    case StockEvent::StockPicked:
    case StockEvent::StockUnpicked:
    case StockEvent::StockRestocked:
    case StockEvent::StockScrapped:
    case StockEvent::StockTransferredOut:
    case StockEvent::StockTransferredIn:
    case StockEvent::StockBlocked:
    case StockEvent::StockUnblocked:
    case StockEvent::IncomingStockExpected:
    case StockEvent::IncomingStockRescheduled:
    case StockEvent::IncomingStockCancelled:
      break;
  }
  return std::nullopt;
}

void add_on_day(std::vector<std::unique_ptr<schema::DayQuantityT>>& days, Day day,
                std::int64_t milli) {
  if (milli == 0) return;
  const auto place =
      std::find_if(days.begin(), days.end(), [&](const auto& known) { return known->day >= day; });
  if (place == days.end() || (*place)->day != day) {
    auto fresh = std::make_unique<schema::DayQuantityT>();
    fresh->day = day;
    fresh->quantity = Quantity(milli);
    days.insert(place, std::move(fresh));
    return;
  }
  (*place)->quantity = Quantity((*place)->quantity.milli() + milli);
  if ((*place)->quantity.milli() == 0) days.erase(place);
}

void apply_claim(const EventView& event, const ClaimChange& change, Position_& position,
                 Tables& tables) {
  auto& claims = tables.of<Claim>();
  Slot& slot = claims.reach(Key().text(event.aggregate_id).rest(change.reservation_id));
  const Claim* known = Table<Claim>::row_at(slot);
  Claim row = known ? *known : Claim();
  if (!known) {
    row.sku = position.sku;
    row.location = position.location;
    row.stock_item_id = std::string(event.aggregate_id);
    row.reservation_id = std::string(change.reservation_id);
    row.order_id = std::string(change.order_id);
    row.line = change.line;
    row.opened_at = event.occurred_at();
    row.promised_date = change.promised;
    if (change.priority) row.priority = *change.priority;
  }
  add_on_day(position.backordered_by_date, demand_day(row), -row.quantity.milli());
  const std::int64_t reserved = row.reserved.milli();
  // Only these two move a promise or a rank; adding to a claim leaves them.
  const auto type = event.envelope.payload_as_StockEvents()->event_type();
  if (type == StockEvent::BackorderPromised) {
    row.promised_date = change.promised;
    if (change.promised_again) ++row.repromise_count;
  } else if (type == StockEvent::BackorderReprioritised && change.priority) {
    row.priority = *change.priority;
  }
  row.reserved = Quantity(std::max<std::int64_t>(0, reserved + change.reserved));
  row.quantity = Quantity(std::max<std::int64_t>(0, row.quantity.milli() + change.backordered));
  add_on_day(position.backordered_by_date, demand_day(row), row.quantity.milli());
  note_owner(tables, row, reserved, row.reserved.milli());
  if (row.reserved.milli() == 0 && row.quantity.milli() == 0) {
    claims.erase(slot);
  } else {
    claims.put(slot) = std::move(row);
  }
}

void note_order_end(std::string_view order_id, bool ended, Tables& tables) {
  Owner& owner = tables.of<Owner>().put(order_id);
  if (owner.ended == ended) return;
  owner.ended = ended;
  for (const auto& held : owner.reservations) {
    const std::int64_t milli = held->quantity.milli();
    note_orphan(tables, held->stock_item_id, ended ? 1 : -1, ended ? milli : -milli);
  }
}

TableDefinition claim_table() {
  return define_table<Claim>("BackorderListRow", {{"all"}, {"sku"}, {"order"}}, indexes_of,
                             cached_claims_max);
}

TableDefinition claim_owner_table() {
  return define_table<Owner>("ReservationOwnerRow", {}, nullptr, cached_owners_max);
}

}  // namespace orderlog::projections
