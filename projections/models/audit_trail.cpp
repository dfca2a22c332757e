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
  const char* aggregate;
  std::string detail;
  bool refused = false;
};

std::optional<Entry> of_order(const schema::OrderEvents& e, schema::Authority authority) {
  const char* what = schema::EnumNameOrderEvent(e.event_type());
  if (const auto* v = e.event_as_OrderHeld()) return Entry{what, "Order", schema::EnumNameHoldReason(v->reason())};
  if (const auto* v = e.event_as_OrderHoldReleased()) {
    return Entry{what, "Order", std::string(schema::EnumNameHoldReason(v->reason())) + ": " + string_of(v->note())};
  }
  if (const auto* v = e.event_as_OrderRejected()) return Entry{what, "Order", string_of(v->reason())};
  if (const auto* v = e.event_as_OrderCancelled()) return Entry{what, "Order", string_of(v->reason())};
  if (const auto* v = e.event_as_OrderShortClosed()) return Entry{what, "Order", string_of(v->reason())};
  if (const auto* v = e.event_as_OrderReopened()) return Entry{what, "Order", string_of(v->reason())};
  if (e.event_as_OrderAmended()) return Entry{what, "Order", {}};
  if (e.event_as_OrderSubmitted() && authority == schema::Authority::Import) return Entry{what, "Order", "recorded by an import"};
  return std::nullopt;
}

std::optional<Entry> of_credit(const schema::CreditEvents& e) {
  const char* what = schema::EnumNameCreditEvent(e.event_type());
  if (e.event_as_CreditLimitSet()) return Entry{what, "Credit", {}};
  if (const auto* v = e.event_as_CreditGraded()) return Entry{what, "Credit", string_of(v->reason())};
  if (const auto* v = e.event_as_CreditRefused()) {
    return Entry{what, "Credit", string_of(v->order_id()) + ": " + schema::EnumNameCreditReason(v->reason()), true};
  }
  if (const auto* v = e.event_as_CreditReserved(); v && v->overridden()) return Entry{what, "Credit", string_of(v->order_id()) + ": overridden"};
  if (const auto* v = e.event_as_CustomerBlocked()) return Entry{what, "Credit", string_of(v->reason())};
  if (const auto* v = e.event_as_CustomerUnblocked()) return Entry{what, "Credit", string_of(v->reason())};
  return std::nullopt;
}

std::optional<Entry> of_stock(const schema::StockEvents& e) {
  const char* what = schema::EnumNameStockEvent(e.event_type());
  if (const auto* v = e.event_as_StockAdjusted()) return Entry{what, "Stock", string_of(v->reason())};
  if (const auto* v = e.event_as_StockCounted()) return Entry{what, "Stock", string_of(v->reason())};
  if (const auto* v = e.event_as_StockScrapped()) return Entry{what, "Stock", string_of(v->reason())};
  if (const auto* v = e.event_as_StockReservationRefused()) return Entry{what, "Stock", string_of(v->reservation_id()), true};
  if (const auto* v = e.event_as_ReservationBroken()) return Entry{what, "Stock", string_of(v->reservation_id())};
  return std::nullopt;
}

std::optional<Entry> of_invoice(const schema::InvoiceEvents& e) {
  const char* what = schema::EnumNameInvoiceEvent(e.event_type());
  if (const auto* v = e.event_as_InvoiceVoided()) return Entry{what, "Invoice", string_of(v->reason())};
  if (const auto* v = e.event_as_CreditNoteIssued()) return Entry{what, "Invoice", string_of(v->reason())};
  if (const auto* v = e.event_as_InvoiceWrittenOff()) return Entry{what, "Invoice", string_of(v->reason())};
  return std::nullopt;
}

std::optional<Entry> entry_of(const schema::Envelope& event) {
  switch (event.payload_type()) {
    case AnyEvent::OrderEvents: return of_order(*event.payload_as_OrderEvents(), event.authority());
    case AnyEvent::CreditEvents: return of_credit(*event.payload_as_CreditEvents());
    case AnyEvent::StockEvents: return of_stock(*event.payload_as_StockEvents());
    case AnyEvent::InvoiceEvents: return of_invoice(*event.payload_as_InvoiceEvents());
    case AnyEvent::ApprovalEvents: return Entry{schema::EnumNameApprovalEvent(event.payload_as_ApprovalEvents()->event_type()), "Approval", {}};
    case AnyEvent::ProductEvents: return Entry{schema::EnumNameProductEvent(event.payload_as_ProductEvents()->event_type()), "Product", {}};
    case AnyEvent::CustomerEvents: return Entry{schema::EnumNameCustomerEvent(event.payload_as_CustomerEvents()->event_type()), "Customer", {}};
    case AnyEvent::AuditEvents: {
      const auto* v = event.payload_as_AuditEvents()->event_as_CommandRefused();
      if (v == nullptr) return std::nullopt;
      return Entry{"CommandRefused", "Audit", string_of(v->command()) + " " + string_of(v->refused_id()) + ": " + string_of(v->reason()), true};
    }
    case AnyEvent::PaymentEvents: {
      const auto& e = *event.payload_as_PaymentEvents();
      if (e.event_as_RefundApproved() || e.event_as_PaymentChargedBack() || e.event_as_RefundRequested()) {
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
    case AnyEvent::TicketEvents: return std::nullopt;
  }
  return std::nullopt;
}

Status fold(const EventView& event, Tables& tables) {
  auto entry = entry_of(event.envelope);
  if (!entry) return {};
  Row& row = tables.of<Row>().put(Key().u32(event.position.partition.value).u64(event.position.seq.value));
  row.partition = event.position.partition.value;
  row.seq = event.position.seq.value;
  row.who = string_of(event.envelope.actor());
  row.role = event.envelope.role();
  row.authority = event.envelope.authority();
  row.what = entry->what;
  row.aggregate = entry->aggregate;
  row.aggregate_id = std::string(event.aggregate_id);
  row.occurred_at = event.occurred_at();
  row.recorded_at = event.recorded_at();
  row.detail = std::move(entry->detail);
  row.refused = entry->refused;
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(0, "all", row.recorded_at);
  out.add(1, row.who, row.recorded_at);
  if (row.refused) out.add(2, "refused", row.recorded_at);
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{.table = "AuditTrailRow", .index = "all", .group = "all"};
  query.descending = true;
  if (const auto who = parameters.find("who"); who != parameters.end()) {
    query.index = "who";
    query.group = who->second;
  } else if (parameters.contains("state")) {
    query.index = "refused";
    query.group = "refused";
  }
  return query;
}

}  // namespace

ModelDefinition audit_trail_model() {
  ModelDefinition model;
  model.name = "audit_trail";
  model.wants = events_of({AnyEvent::OrderEvents, AnyEvent::CreditEvents, AnyEvent::StockEvents, AnyEvent::InvoiceEvents,
                           AnyEvent::ApprovalEvents, AnyEvent::ProductEvents, AnyEvent::CustomerEvents, AnyEvent::AuditEvents,
                           AnyEvent::PaymentEvents});
  model.tables = {define_table<Row>("AuditTrailRow", {{"all"}, {"who"}, {"refused"}}, indexes_of)};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "audit_trail";
  report.descriptor.description = "Decisions that somebody may have to answer for, newest first; refused commands included.";
  report.descriptor.row_table = "AuditTrailRow";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {{"who", FilterKind::Text, "Only what this actor did.", {}, false, ""},
                               {"state", FilterKind::Choice, "Only what was refused.", {"refused"}, false, ""}};
  report.plan = plan;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
