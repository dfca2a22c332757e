#include "projections/models/customer_360.h"

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::AnyEvent;
using Row = schema::Customer360RowT;

constexpr std::size_t cached_customers_max = 20'000;

Row& row_of(Tables& tables, std::string_view customer) {
  Row& row = tables.of<Row>().put(customer);
  row.customer_id = std::string(customer);
  return row;
}

// In the currency of the first amount; others are left to the receivables.
void add(schema::Money& sum, schema::Money amount, std::int64_t sign = 1) {
  if (sum.currency() == schema::Currency::None) sum = schema::Money(0, amount.currency());
  if (sum.currency() == amount.currency()) sum = schema::Money(sum.minor() + sign * amount.minor(), sum.currency());
}

void take_profile(Row& row, const schema::CustomerProfile* profile) {
  if (profile == nullptr) return;
  row.name = string_of(profile->name());
  row.region = string_of(profile->region());
  row.salesperson = string_of(profile->salesperson());
}

void fold_customer(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_CustomerEvents();
  if (e.event_as_CustomerCopied()) return;
  Row& row = row_of(tables, event.aggregate_id);
  if (const auto* registered = e.event_as_CustomerRegistered()) {
    row.status = schema::CustomerStatus::Active;
    take_profile(row, registered->profile());
  } else if (const auto* changed = e.event_as_CustomerChanged()) {
    take_profile(row, changed->profile());
  } else if (e.event_as_CustomerDeactivated()) {
    row.status = schema::CustomerStatus::Inactive;
  } else if (e.event_as_CustomerReactivated()) {
    row.status = schema::CustomerStatus::Active;
  }
}

void fold_credit(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_CreditEvents();
  if (const auto* graded = e.event_as_CreditGraded()) {
    row_of(tables, event.aggregate_id).grade = graded->to();
  } else if (const auto* limit = e.event_as_CreditLimitSet()) {
    row_of(tables, event.aggregate_id).credit_limit = money_of(limit->limit());
  } else if (e.event_as_CustomerBlocked()) {
    row_of(tables, event.aggregate_id).credit_blocked = true;
  } else if (e.event_as_CustomerUnblocked()) {
    row_of(tables, event.aggregate_id).credit_blocked = false;
  } else if (const auto* balance = e.event_as_CreditBalanceChanged()) {
    row_of(tables, event.aggregate_id).unapplied_credit = money_of(balance->balance());
  }
}

void fold_order(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_OrderEvents();
  if (const auto* approved = e.event_as_OrderApproved(); approved && approved->dimensions()) {
    Row& row = row_of(tables, text_of(approved->dimensions()->customer_id()));
    ++row.orders;
    if (approved->totals()) add(row.ordered_net, money_of(approved->totals()->net()));
    const auto at = event.occurred_at();
    if (!row.first_order_at || at < *row.first_order_at) row.first_order_at = at;
    if (!row.last_order_at || at > *row.last_order_at) row.last_order_at = at;
  } else if (const auto* line = e.event_as_OrderLineCancelled(); line && line->booked() && line->dimensions() && line->amounts()) {
    add(row_of(tables, text_of(line->dimensions()->customer_id())).ordered_net, money_of(line->amounts()->net()), -1);
  } else if (const auto* cancelled = e.event_as_OrderCancelled()) {
    ++row_of(tables, text_of(cancelled->customer_id())).cancelled_orders;
  } else if (const auto* delayed = e.event_as_DeliveryDelayed(); delayed && delayed->level() == schema::DelayLevel::Late) {
    ++row_of(tables, text_of(delayed->customer_id())).late_alerts;
  }
}

void fold_invoice(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_InvoiceEvents();
  if (const auto* issued = e.event_as_InvoiceIssued()) {
    add(row_of(tables, text_of(issued->customer_id())).invoiced, money_of(issued->total()));
  } else if (const auto* applied = e.event_as_InvoicePaymentApplied()) {
    add(row_of(tables, text_of(applied->customer_id())).paid, money_of(applied->amount()));
  } else if (const auto* unapplied = e.event_as_InvoicePaymentUnapplied()) {
    add(row_of(tables, text_of(unapplied->customer_id())).paid, money_of(unapplied->amount()), -1);
  }
}

Status fold(const EventView& event, Tables& tables) {
  const auto type = event.envelope.payload_type();
  if (type == AnyEvent::CustomerEvents) fold_customer(event, tables);
  if (type == AnyEvent::CreditEvents) fold_credit(event, tables);
  if (type == AnyEvent::OrderEvents) fold_order(event, tables);
  if (type == AnyEvent::InvoiceEvents) fold_invoice(event, tables);
  if (type == AnyEvent::TicketEvents) {
    if (const auto* opened = event.envelope.payload_as_TicketEvents()->event_as_TicketOpened()) {
      ++row_of(tables, text_of(opened->customer_id())).tickets;
    }
  }
  if (type == AnyEvent::QuoteEvents) {
    if (const auto* drafted = event.envelope.payload_as_QuoteEvents()->event_as_QuoteDrafted()) {
      ++row_of(tables, text_of(drafted->customer_id())).quotes;
    }
  }
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(0, "all", row.customer_id);
  out.add(1, row.region, row.customer_id);
}

}  // namespace

ModelDefinition customer_360_model() {
  ModelDefinition model;
  model.name = "customer_360";
  model.wants = events_of({AnyEvent::CustomerEvents, AnyEvent::CreditEvents, AnyEvent::OrderEvents, AnyEvent::InvoiceEvents,
                           AnyEvent::TicketEvents, AnyEvent::QuoteEvents});
  model.tables = {define_table<Row>("Customer360Row", {{"all"}, {"region"}}, indexes_of, cached_customers_max)};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "customer_360";
  report.descriptor.description = "One view of each customer: master data, credit, purchases, payments, service.";
  report.descriptor.row_table = "Customer360Row";
  report.descriptor.key = "customer_id";
  report.descriptor.filters = {{"region", FilterKind::Text, "Only customers of this region.", {}, false, ""}};
  report.plan = [](const Parameters& parameters) -> Result<IndexQuery> {
    const auto region = parameters.find("region");
    if (region == parameters.end()) return IndexQuery{.table = "Customer360Row", .index = "all", .group = "all"};
    return IndexQuery{.table = "Customer360Row", .index = "region", .group = region->second};
  };
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
