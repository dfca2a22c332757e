#include "projections/models/stock.h"

#include <algorithm>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

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
Effect effect(const Event& event, std::int64_t reserved = 0, std::int64_t received = 0, std::int64_t issued = 0) {
  return {event.balance(), reserved, received, issued};
}

// Unknown: an event of a newer writer.
std::optional<Effect> effect_of(const schema::StockEvents& e) {
  switch (e.event_type()) {
    case StockEvent::NONE: return std::nullopt;
    case StockEvent::StockReceived: {
      const auto& v = *e.event_as_StockReceived();
      return effect(v, 0, milli_of(v.quantity()));
    }
    case StockEvent::StockAdjusted: return effect(*e.event_as_StockAdjusted());
    case StockEvent::StockCounted: return effect(*e.event_as_StockCounted());
    case StockEvent::SafetyStockSet: return effect(*e.event_as_SafetyStockSet());
    case StockEvent::StockHeld: return effect(*e.event_as_StockHeld());
    case StockEvent::StockHoldReleased: return effect(*e.event_as_StockHoldReleased());
    case StockEvent::StockHoldExpired: return effect(*e.event_as_StockHoldExpired());
    case StockEvent::StockReserved: {
      const auto& v = *e.event_as_StockReserved();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::StockPartiallyReserved: {
      const auto& v = *e.event_as_StockPartiallyReserved();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::StockReservationRefused: return Effect{};
    case StockEvent::StockReleased: {
      const auto& v = *e.event_as_StockReleased();
      return effect(v, -milli_of(v.quantity()));
    }
    case StockEvent::ReservationBroken: {
      const auto& v = *e.event_as_ReservationBroken();
      return effect(v, -milli_of(v.quantity()));
    }
    case StockEvent::StockPicked: return effect(*e.event_as_StockPicked());
    case StockEvent::StockUnpicked: return effect(*e.event_as_StockUnpicked());
    case StockEvent::StockIssued: {
      const auto& v = *e.event_as_StockIssued();
      return effect(v, milli_of(v.unreserved()) - milli_of(v.quantity()), 0, milli_of(v.quantity()));
    }
    case StockEvent::StockRestocked: return effect(*e.event_as_StockRestocked());
    case StockEvent::StockScrapped: return effect(*e.event_as_StockScrapped());
    case StockEvent::IncomingStockExpected: return effect(*e.event_as_IncomingStockExpected());
    case StockEvent::IncomingStockRescheduled: return effect(*e.event_as_IncomingStockRescheduled());
    case StockEvent::IncomingStockCancelled: return effect(*e.event_as_IncomingStockCancelled());
    case StockEvent::BackorderOpened: return effect(*e.event_as_BackorderOpened());
    case StockEvent::BackorderPromised: return effect(*e.event_as_BackorderPromised());
    case StockEvent::BackorderReprioritised: return effect(*e.event_as_BackorderReprioritised());
    case StockEvent::BackorderPartiallyFilled: {
      const auto& v = *e.event_as_BackorderPartiallyFilled();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::BackorderFilled: {
      const auto& v = *e.event_as_BackorderFilled();
      return effect(v, milli_of(v.quantity()));
    }
    case StockEvent::BackorderCancelled: return effect(*e.event_as_BackorderCancelled());
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
      if (entry->expectation_id == text_of(moved->expectation_id())) entry->date = moved->new_date();
    }
  } else if (const auto* cancelled = e.event_as_IncomingStockCancelled()) {
    drop(text_of(cancelled->expectation_id()));
  } else if (const auto* received = e.event_as_StockReceived(); received && received->expectation_id()) {
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
  row.available = quantity(balance.on_hand() - balance.damaged() - balance.reserved() - balance.soft_held());
}

template <class Row>
void name(Row& row, std::string_view id) {
  if (!row.stock_item_id.empty()) return;
  const auto at = id.find('@');
  row.stock_item_id = std::string(id);
  row.sku = std::string(id.substr(0, at));
  row.location = at == std::string_view::npos ? std::string() : std::string(id.substr(at + 1));
}

Status fold(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_StockEvents();
  const auto effect = effect_of(events);
  if (!effect) return unknown_event(event);
  if (effect->balance == nullptr) return {};
  Position_& position = tables.of<Position_>().put(event.aggregate_id);
  name(position, event.aggregate_id);
  take_balance(position, *effect->balance);
  note_incoming(position, events);
  position.received = schema::Quantity(position.received.milli() + effect->received);
  position.issued = schema::Quantity(position.issued.milli() + effect->issued);
  Audit& audit = tables.of<Audit>().put(event.aggregate_id);
  name(audit, event.aggregate_id);
  audit.reservations = schema::Quantity(audit.reservations.milli() + effect->reserved);
  audit.stored = schema::Quantity(effect->balance->reserved());
  audit.difference = schema::Quantity(audit.stored.milli() - audit.reservations.milli());
  return {};
}

void index_position(const Position_& row, IndexWriter& out) {
  out.add(0, "all", row.stock_item_id);
  out.add(1, row.sku, row.stock_item_id);
  if (row.backordered.milli() > 0) out.add(2, "short", row.stock_item_id);
}

void index_audit(const Audit& row, IndexWriter& out) {
  out.add(0, "all", row.stock_item_id);
  if (row.difference.milli() != 0) out.add(1, "differs", row.stock_item_id);
}

// What can be promised by then: free stock above the safety stock, what comes in time, less what waits already.
std::string with_atp(std::string bytes, TimestampUs as_of) {
  Position_ row;
  flatbuffers::GetRoot<schema::StockPositionRow>(bytes.data())->UnPackTo(&row);
  const auto atp = [&](Day until) {
    std::int64_t milli = row.available.milli() - row.safety.milli() - row.backordered.milli();
    for (const auto& entry : row.incoming_entries) {
      if (entry->date <= until) milli += entry->quantity.milli();
    }
    return schema::Quantity(milli);
  };
  const Day today = utc_day(as_of);
  row.atp_today = atp(today);
  row.atp_7_days = atp(today + 7);
  row.atp_30_days = atp(today + 30);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::StockPositionRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<IndexQuery> plan_position(const Parameters& parameters) {
  IndexQuery query{.table = "StockPositionRow", .index = "all", .group = "all"};
  if (const auto sku = parameters.find("sku"); sku != parameters.end()) {
    query.index = "sku";
    query.group = sku->second;
  } else if (parameters.contains("state")) {
    query.index = "short";
    query.group = "short";
  }
  return query;
}

Result<IndexQuery> plan_audit(const Parameters& parameters) {
  IndexQuery query{.table = "ReservationAuditRow", .index = "all", .group = "all"};
  if (parameters.contains("state")) {
    query.index = "differs";
    query.group = "differs";
  }
  return query;
}

}  // namespace

ModelDefinition stock_model() {
  ModelDefinition model;
  model.name = "stock";
  model.wants = events_of({schema::AnyEvent::StockEvents});
  model.tables = {
      define_table<Position_>("StockPositionRow", {{"all"}, {"sku"}, {"short"}}, index_position, cached_items_max),
      define_table<Audit>("ReservationAuditRow", {{"all"}, {"differs"}}, index_audit, cached_items_max)};
  model.fold = fold;
  ReportDefinition position;
  position.descriptor.name = "stock_position";
  position.descriptor.description = "Stock of each sku at each location: on hand, reserved, available, expected, available to promise.";
  position.descriptor.row_table = "StockPositionRow";
  position.descriptor.key = "stock_item_id";
  position.descriptor.exclusive = true;
  position.descriptor.filters = {{"sku", FilterKind::Text, "Only this sku, at all locations.", {}, false, ""},
                                 {"state", FilterKind::Choice, "Only what is backordered.", {"short"}, false, ""}};
  position.plan = plan_position;
  position.finish = with_atp;
  ReportDefinition audit;
  audit.descriptor.name = "reservation_audit";
  audit.descriptor.description = "Reservations added up one by one, beside what the stock item says; the difference must be zero.";
  audit.descriptor.row_table = "ReservationAuditRow";
  audit.descriptor.key = "stock_item_id";
  audit.descriptor.filters = {{"state", FilterKind::Choice, "Only where they disagree.", {"differs"}, false, ""}};
  audit.plan = plan_audit;
  model.reports = {std::move(position), std::move(audit)};
  return model;
}

}  // namespace orderlog::projections
