#include "projections/models/stock.h"

#include <algorithm>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"
#include "projections/models/stock_claims.h"
#include "projections/models/stock_outlook.h"

namespace orderlog::projections {
namespace {

using schema::StockEvent;
using Position_ = schema::StockPositionRowT;
using Audit = schema::ReservationAuditRowT;

constexpr std::size_t cached_items_max = 20'000;

// What one event does to the sum of the reservations and to the flows; a balance says the rest.
struct Effect {
  const schema::StockBalance* balance = nullptr;
  std::int64_t reserved = 0;
  std::int64_t received = 0;
  std::int64_t issued = 0;
};

template <class Event>
Effect effect(const Event& event, std::int64_t reserved = 0, std::int64_t received = 0,
              std::int64_t issued = 0) {
  return {event.balance(), reserved, received, issued};
}

// Unknown: an event of a newer writer.
std::optional<Effect> effect_of(const schema::StockEvents& e) {
  switch (e.event_type()) {
    case StockEvent::NONE:
      return std::nullopt;
    case StockEvent::StockReceived: {
      const auto& v = *e.event_as_StockReceived();
      return effect(v, 0, milli_of(v.quantity()));
    }
    case StockEvent::StockAdjusted:
      return effect(*e.event_as_StockAdjusted());
    case StockEvent::StockCounted:
      return effect(*e.event_as_StockCounted());
    case StockEvent::SafetyStockSet:
      return effect(*e.event_as_SafetyStockSet());
    case StockEvent::StockHeld:
      return effect(*e.event_as_StockHeld());
    case StockEvent::StockHoldReleased:
      return effect(*e.event_as_StockHoldReleased());
    case StockEvent::StockHoldExpired:
      return effect(*e.event_as_StockHoldExpired());
    case StockEvent::StockReserved: {
      const auto& v = *e.event_as_StockReserved();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::StockPartiallyReserved: {
      const auto& v = *e.event_as_StockPartiallyReserved();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::StockReservationRefused:
    case StockEvent::ReservationIssuedBefore:
      return Effect{};
    case StockEvent::StockReleased: {
      const auto& v = *e.event_as_StockReleased();
      return effect(v, -milli_of(v.quantity()));
    }
    case StockEvent::ReservationBroken: {
      const auto& v = *e.event_as_ReservationBroken();
      return effect(v, -milli_of(v.quantity()));
    }
    case StockEvent::StockPicked:
      return effect(*e.event_as_StockPicked());
    case StockEvent::StockUnpicked:
      return effect(*e.event_as_StockUnpicked());
    case StockEvent::StockIssued: {
      const auto& v = *e.event_as_StockIssued();
      return effect(v, milli_of(v.unreserved()) - milli_of(v.quantity()), 0,
                    milli_of(v.quantity()));
    }
    case StockEvent::StockRestocked:
      return effect(*e.event_as_StockRestocked());
    case StockEvent::StockScrapped:
      return effect(*e.event_as_StockScrapped());
    case StockEvent::StockTransferredOut: {
      const auto& v = *e.event_as_StockTransferredOut();
      return effect(v, 0, 0, milli_of(v.quantity()));
    }
    case StockEvent::StockTransferredIn: {
      const auto& v = *e.event_as_StockTransferredIn();
      return effect(v, 0, milli_of(v.quantity()));
    }
    case StockEvent::StockBlocked:
      return effect(*e.event_as_StockBlocked());
    case StockEvent::StockUnblocked:
      return effect(*e.event_as_StockUnblocked());
    case StockEvent::IncomingStockExpected:
      return effect(*e.event_as_IncomingStockExpected());
    case StockEvent::IncomingStockRescheduled:
      return effect(*e.event_as_IncomingStockRescheduled());
    case StockEvent::IncomingStockCancelled:
      return effect(*e.event_as_IncomingStockCancelled());
    case StockEvent::BackorderOpened:
      return effect(*e.event_as_BackorderOpened());
    case StockEvent::BackorderPromised:
      return effect(*e.event_as_BackorderPromised());
    case StockEvent::BackorderReprioritised:
      return effect(*e.event_as_BackorderReprioritised());
    case StockEvent::BackorderPartiallyFilled: {
      const auto& v = *e.event_as_BackorderPartiallyFilled();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::BackorderFilled: {
      const auto& v = *e.event_as_BackorderFilled();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::BackorderCancelled:
      return effect(*e.event_as_BackorderCancelled());
  }
  return std::nullopt;
}

void note_incoming(Position_& row, const schema::StockEvents& e) {
  auto& entries = row.incoming_entries;
  const auto drop = [&](std::string_view id) {
    std::erase_if(entries, [&](const auto& entry) { return entry->expectation_id == id; });
  };
  if (const auto* expected = e.event_as_IncomingStockExpected()) {
    auto entry = std::make_unique<schema::IncomingEntryT>();
    entry->expectation_id = string_of(expected->expectation_id());
    entry->quantity = schema::Quantity(milli_of(expected->quantity()));
    entry->date = expected->date();
    drop(entry->expectation_id);
    entries.push_back(std::move(entry));
  } else if (const auto* moved = e.event_as_IncomingStockRescheduled()) {
    for (auto& entry : entries) {
      if (entry->expectation_id == text_of(moved->expectation_id()))
        entry->date = moved->new_date();
    }
  } else if (const auto* cancelled = e.event_as_IncomingStockCancelled()) {
    drop(text_of(cancelled->expectation_id()));
  } else if (const auto* received = e.event_as_StockReceived();
             received && received->expectation_id()) {
    const auto id = text_of(received->expectation_id());
    for (auto& entry : entries) {
      if (entry->expectation_id != id) continue;
      const auto rest = entry->quantity.milli() - milli_of(received->quantity());
      entry->quantity = schema::Quantity(std::max<std::int64_t>(0, rest));
    }
    std::erase_if(entries, [](const auto& entry) { return entry->quantity.milli() == 0; });
  }
}

void take_balance(Position_& row, const schema::StockBalance& balance) {
  const auto quantity = [](std::int64_t milli) { return schema::Quantity(milli); };
  row.on_hand = quantity(balance.on_hand());
  row.damaged = quantity(balance.damaged());
  row.reserved = quantity(balance.reserved());
  row.soft_held = quantity(balance.soft_held());
  row.backordered = quantity(balance.backordered());
  row.incoming = quantity(balance.incoming());
  row.safety = quantity(balance.safety());
  const std::int64_t unpromised =
      balance.on_hand() - balance.damaged() - balance.reserved() - balance.soft_held();
  row.available = quantity(balance.blocked() ? 0 : unpromised);
}

template <class Row>
void name(Row& row, std::string_view id) {
  if (!row.stock_item_id.empty()) return;
  const auto at = id.find('@');
  row.stock_item_id = std::string(id);
  row.sku = std::string(id.substr(0, at));
  row.location = at == std::string_view::npos ? std::string() : std::string(id.substr(at + 1));
}

// A stock-out is foretold from the issues of the last so many days.
void note_issue(Position_& position, Day day, std::int64_t milli) {
  add_on_day(position.daily_issues, day, milli);
  if (position.daily_issues.empty()) return;
  const Day newest = position.daily_issues.back()->day;
  std::erase_if(position.daily_issues,
                [&](const auto& issue) { return issue->day <= newest - issue_window_days; });
}

Status fold_stock(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_StockEvents();
  const auto effect = effect_of(events);
  if (!effect) return unknown_event(event);
  if (effect->balance == nullptr) return {};
  Position_& position = tables.of<Position_>().put(event.aggregate_id);
  name(position, event.aggregate_id);
  take_balance(position, *effect->balance);
  note_incoming(position, events);
  note_issue(position, utc_day(event.occurred_at()), effect->issued);
  position.received = schema::Quantity(position.received.milli() + effect->received);
  position.issued = schema::Quantity(position.issued.milli() + effect->issued);
  Audit& audit = tables.of<Audit>().put(event.aggregate_id);
  name(audit, event.aggregate_id);
  audit.reservations = schema::Quantity(audit.reservations.milli() + effect->reserved);
  audit.stored = schema::Quantity(effect->balance->reserved());
  audit.difference = schema::Quantity(audit.stored.milli() - audit.reservations.milli());
  if (const auto change = claim_change_of(events)) apply_claim(event, *change, position, tables);
  return {};
}

// Of an order only its end concerns its claims.
Status fold_order(const EventView& event, Tables& tables) {
  using schema::OrderEvent;
  const auto type = event.envelope.payload_as_OrderEvents()->event_type();
  const bool ends = type == OrderEvent::OrderRejected || type == OrderEvent::OrderCancelled ||
                    type == OrderEvent::OrderCompleted || type == OrderEvent::OrderShortClosed;
  if (ends || type == OrderEvent::OrderReopened) note_order_end(event.aggregate_id, ends, tables);
  return {};
}

Status fold(const EventView& event, Tables& tables) {
  return event.envelope.payload_type() == schema::AnyEvent::OrderEvents ? fold_order(event, tables)
                                                                        : fold_stock(event, tables);
}

void index_position(const Position_& row, IndexWriter& out) {
  out.add(0, "all", row.stock_item_id);
  out.add(1, row.sku, row.stock_item_id);
  if (row.backordered.milli() > 0) out.add(2, "short", row.stock_item_id);
}

void index_audit(const Audit& row, IndexWriter& out) {
  out.add(0, "all", row.stock_item_id);
  if (row.difference.milli() != 0) out.add(1, "differs", row.stock_item_id);
  if (row.orphan_reservations != 0) out.add(2, "orphans", row.stock_item_id);
}

}  // namespace

ModelDefinition stock_model() {
  ModelDefinition model;
  model.name = "stock";
  model.version = 2;
  model.wants = events_of({schema::AnyEvent::StockEvents, schema::AnyEvent::OrderEvents});
  model.tables = {define_table<Position_>("StockPositionRow", {{"all"}, {"sku"}, {"short"}},
                                          index_position, cached_items_max),
                  define_table<Audit>("ReservationAuditRow", {{"all"}, {"differs"}, {"orphans"}},
                                      index_audit, cached_items_max),
                  claim_table(), claim_owner_table()};
  model.fold = fold;
  model.reports = {stock_position_report(), reservation_audit_report(), backorder_list_report()};
  return model;
}

}  // namespace orderlog::projections
