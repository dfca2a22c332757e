#include "projections/models/audit_trail.h"

#include <optional>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::AnyEvent;
using Row = schema::AuditTrailRowT;

// What of an event an auditor wants: its name, and why it was done.
struct Entry {
  const char* what;
  std::string aggregate;
  std::string detail;
  bool refused = false;
  bool hold_released = false;
  bool overridden = false;
  std::string aggregate_id{};  // empty: the event's own
};

std::optional<Entry> of_order(const schema::OrderEvents& e, schema::Authority authority) {
  const char* what = schema::EnumNameOrderEvent(e.event_type());
  if (const auto* v = e.event_as_OrderHeld())
    return Entry{what, "Order", schema::EnumNameHoldReason(v->reason())};
  if (const auto* v = e.event_as_OrderHoldReleased()) {
    Entry entry{what, "Order",
                std::string(schema::EnumNameHoldReason(v->reason())) + ": " + string_of(v->note())};
    // Given free by somebody, against the check that held it; the engine's own releases are none.
    entry.hold_released = true;
    entry.overridden =
        authority == schema::Authority::Normal && v->reason() != schema::HoldReason::Manual;
    return entry;
  }
  if (const auto* v = e.event_as_OrderRejected())
    return Entry{what, "Order", string_of(v->reason())};
  if (const auto* v = e.event_as_OrderCancelled())
    return Entry{what, "Order", string_of(v->reason())};
  if (const auto* v = e.event_as_OrderShortClosed())
    return Entry{what, "Order", string_of(v->reason())};
  if (const auto* v = e.event_as_OrderReopened())
    return Entry{what, "Order", string_of(v->reason())};
  if (e.event_as_OrderAmended()) return Entry{what, "Order", {}};
  if (e.event_as_OrderSubmitted() && authority == schema::Authority::Import)
    return Entry{what, "Order", "recorded by an import"};
  return std::nullopt;
}

std::optional<Entry> of_credit(const schema::CreditEvents& e) {
  const char* what = schema::EnumNameCreditEvent(e.event_type());
  if (e.event_as_CreditLimitSet()) return Entry{what, "Credit", {}};
  if (const auto* v = e.event_as_CreditGraded())
    return Entry{what, "Credit", string_of(v->reason())};
  if (const auto* v = e.event_as_CreditRefused()) {
    return Entry{what, "Credit",
                 string_of(v->order_id()) + ": " + schema::EnumNameCreditReason(v->reason()), true};
  }
  if (const auto* v = e.event_as_CreditReserved(); v && v->overridden()) {
    Entry entry{what, "Credit", string_of(v->order_id()) + ": overridden"};
    entry.overridden = true;
    return entry;
  }
  if (const auto* v = e.event_as_CustomerBlocked())
    return Entry{what, "Credit", string_of(v->reason())};
  if (const auto* v = e.event_as_CustomerUnblocked())
    return Entry{what, "Credit", string_of(v->reason())};
  return std::nullopt;
}

std::optional<Entry> of_stock(const schema::StockEvents& e) {
  const char* what = schema::EnumNameStockEvent(e.event_type());
  if (const auto* v = e.event_as_StockAdjusted())
    return Entry{what, "Stock", string_of(v->reason())};
  if (const auto* v = e.event_as_StockCounted())
    return Entry{what, "Stock", string_of(v->reason())};
  if (const auto* v = e.event_as_StockScrapped())
    return Entry{what, "Stock", string_of(v->reason())};
  if (const auto* v = e.event_as_StockBlocked())
    return Entry{what, "Stock", string_of(v->reason())};
  if (e.event_as_StockUnblocked() != nullptr) return Entry{what, "Stock", std::string()};
  if (const auto* v = e.event_as_StockTransferredOut())
    return Entry{what, "Stock", string_of(v->to_stock_item_id())};
  if (const auto* v = e.event_as_StockReservationRefused())
    return Entry{what, "Stock", string_of(v->reservation_id()), true};
  if (const auto* v = e.event_as_ReservationBroken())
    return Entry{what, "Stock", string_of(v->reservation_id())};
  return std::nullopt;
}

std::optional<Entry> of_invoice(const schema::InvoiceEvents& e) {
  const char* what = schema::EnumNameInvoiceEvent(e.event_type());
  if (const auto* v = e.event_as_InvoiceVoided())
    return Entry{what, "Invoice", string_of(v->reason())};
  if (const auto* v = e.event_as_CreditNoteIssued())
    return Entry{what, "Invoice", string_of(v->reason())};
  if (const auto* v = e.event_as_WriteOffRequested())
    return Entry{what, "Invoice", string_of(v->reason())};
  if (const auto* v = e.event_as_WriteOffRefused())
    return Entry{what, "Invoice", string_of(v->reason()), true};
  if (const auto* v = e.event_as_InvoiceWrittenOff())
    return Entry{what, "Invoice", string_of(v->reason())};
  return std::nullopt;
}

std::optional<Entry> entry_of(const schema::Envelope& event) {
  switch (event.payload_type()) {
    case AnyEvent::OrderEvents:
      return of_order(*event.payload_as_OrderEvents(), event.authority());
    case AnyEvent::CreditEvents:
      return of_credit(*event.payload_as_CreditEvents());
    case AnyEvent::StockEvents:
      return of_stock(*event.payload_as_StockEvents());
    case AnyEvent::InvoiceEvents:
      return of_invoice(*event.payload_as_InvoiceEvents());
    case AnyEvent::ApprovalEvents:
      return Entry{schema::EnumNameApprovalEvent(event.payload_as_ApprovalEvents()->event_type()),
                   "Approval",
                   {}};
    case AnyEvent::ProductEvents:
      return Entry{schema::EnumNameProductEvent(event.payload_as_ProductEvents()->event_type()),
                   "Product",
                   {}};
    case AnyEvent::CustomerEvents:
      return Entry{schema::EnumNameCustomerEvent(event.payload_as_CustomerEvents()->event_type()),
                   "Customer",
                   {}};
    case AnyEvent::AuditEvents: {
      const auto* v = event.payload_as_AuditEvents()->event_as_CommandRefused();
      if (v == nullptr) return std::nullopt;
      // Of the one that refused, so that it is found with what was done to it.
      Entry entry{"CommandRefused", string_of(v->aggregate()),
                  string_of(v->command()) + ": " + string_of(v->reason()), true};
      entry.aggregate_id = string_of(v->refused_id());
      return entry;
    }
    case AnyEvent::PaymentEvents: {
      const auto& e = *event.payload_as_PaymentEvents();
      if (e.event_as_RefundApproved() || e.event_as_PaymentChargedBack() ||
          e.event_as_RefundRequested()) {
        return Entry{schema::EnumNamePaymentEvent(e.event_type()), "Payment", {}};
      }
      return std::nullopt;
    }
    case AnyEvent::NONE:
    case AnyEvent::SystemEvents:
    case AnyEvent::LeadEvents:
    case AnyEvent::QuoteEvents:
    case AnyEvent::ReferenceEvents:
    case AnyEvent::ShipmentEvents:
    case AnyEvent::SeriesEvents:
    case AnyEvent::TicketEvents:
      return std::nullopt;
  }
  return std::nullopt;
}

Status fold(const EventView& event, Tables& tables) {
  auto entry = entry_of(event.envelope);
  if (!entry) return {};
  auto& rows = tables.of<Row>();
  Row& row = rows.put(
      rows.reach_new(Key().u32(event.position.partition.value).u64(event.position.seq.value)));
  row.partition = event.position.partition.value;
  row.seq = event.position.seq.value;
  row.who = string_of(event.envelope.actor());
  row.role = event.envelope.role();
  row.authority = event.envelope.authority();
  row.what = entry->what;
  row.aggregate = entry->aggregate;
  row.aggregate_id =
      entry->aggregate_id.empty() ? std::string(event.aggregate_id) : entry->aggregate_id;
  row.occurred_at = event.occurred_at();
  row.recorded_at = event.recorded_at();
  row.detail = std::move(entry->detail);
  row.refused = entry->refused;
  row.hold_released = entry->hold_released;
  row.overridden = entry->overridden;
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(0, "all", row.recorded_at);
  out.add(1, row.who, row.recorded_at);
  if (row.refused) out.add(2, "refused", row.recorded_at);
  if (row.hold_released) out.add(2, "hold_released", row.recorded_at);
  if (row.overridden) out.add(2, "overridden", row.recorded_at);
  out.add(3, Key().text(row.aggregate).rest(row.aggregate_id), row.recorded_at);
}

// Which list: of one actor, of one state, about one aggregate; at most one of them.
Status choose_list(const Parameters& parameters, IndexQuery& query) {
  const auto given = [&](const char* name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? nullptr : &found->second;
  };
  const std::string* who = given("who");
  const std::string* state = given("state");
  const std::string* aggregate = given("aggregate");
  const std::string* id = given("aggregate_id");
  if ((aggregate == nullptr) != (id == nullptr)) {
    return error(ErrorCode::InvalidArgument,
                 "aggregate and aggregate_id go together, as in Order and its id");
  }
  if ((who != nullptr) + (state != nullptr) + (id != nullptr) > 1) {
    return error(ErrorCode::InvalidArgument,
                 "the report audit_trail takes one of who, state and aggregate at a time");
  }
  if (who) {
    query.index = "who";
    query.group = *who;
  } else if (state) {
    query.index = "state";
    query.group = *state;
  } else if (id) {
    query.index = "about";
    query.group = Key().text(*aggregate).rest(*id).take();
  }
  return {};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{.table = "AuditTrailRow", .index = "all", .group = "all"};
  query.descending = true;
  if (auto chosen = choose_list(parameters, query); !chosen) return chosen.error();
  if (const auto from = parameters.find("from"); from != parameters.end()) {
    query.from = Key().i64(*day_from_text(from->second) * us_per_day).take();
  }
  if (const auto to = parameters.find("to"); to != parameters.end()) {
    query.until = Key().i64((*day_from_text(to->second) + std::int64_t{1}) * us_per_day).take();
  }
  return query;
}

}  // namespace

ModelDefinition audit_trail_model() {
  ModelDefinition model;
  model.name = "audit_trail";
  model.version = 2;
  model.wants =
      events_of({AnyEvent::OrderEvents, AnyEvent::CreditEvents, AnyEvent::StockEvents,
                 AnyEvent::InvoiceEvents, AnyEvent::ApprovalEvents, AnyEvent::ProductEvents,
                 AnyEvent::CustomerEvents, AnyEvent::AuditEvents, AnyEvent::PaymentEvents});
  model.tables = {
      define_table<Row>("AuditTrailRow", {{"all"}, {"who"}, {"state"}, {"about"}}, indexes_of)};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "audit_trail";
  report.descriptor.description =
      "Decisions that somebody may have to answer for, newest first; refused commands included.";
  report.descriptor.row_table = "AuditTrailRow";
  report.descriptor.filters = {
      {"who", FilterKind::Text, "Only what this actor did.", {}, false, ""},
      {"state",
       FilterKind::Choice,
       "Only what was refused, released from a hold, or overridden.",
       {"refused", "hold_released", "overridden"},
       false,
       ""},
      {"aggregate",
       FilterKind::Text,
       "With aggregate_id: only what concerns this one.",
       {},
       false,
       ""},
      {"aggregate_id", FilterKind::Text, "With aggregate.", {}, false, ""},
      {"from", FilterKind::Date, "Recorded on this day (UTC) or later.", {}, false, ""},
      {"to", FilterKind::Date, "Recorded on this day (UTC) or before.", {}, false, ""}};
  report.plan = plan;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
