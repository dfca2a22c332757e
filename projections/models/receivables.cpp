#include "projections/models/receivables.h"

#include <algorithm>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::InvoiceEvent;
using Row = schema::ReceivablesAgeingRowT;
using Due = schema::InvoiceDueRowT;

constexpr std::size_t cached_customers_max = 20'000;

Key key_of(std::string_view customer, schema::Currency currency) {
  return Key().text(customer).u32(static_cast<std::uint32_t>(currency));
}

Row& row_of(Tables& tables, std::string_view customer, schema::Currency currency) {
  Row& row = tables.of<Row>().put(key_of(customer, currency));
  row.customer_id = std::string(customer);
  row.currency = currency;
  return row;
}

schema::ReceivableItemT& item_of(Row& row, std::string_view invoice, Day due) {
  for (auto& item : row.items) {
    if (item->invoice_id == invoice) return *item;
  }
  auto item = std::make_unique<schema::ReceivableItemT>();
  item->invoice_id = std::string(invoice);
  item->due_date = due;
  row.items.push_back(std::move(item));
  return *row.items.back();
}

// Sets what is open of one invoice; closed ones leave the row.
void set_open(const EventView& event, Tables& tables, std::string_view customer, schema::Money open) {
  const Due* due = tables.of<Due>().find(event.aggregate_id);
  Row& row = row_of(tables, customer, open.currency());
  auto& item = item_of(row, event.aggregate_id, due ? due->due_date : utc_day(event.occurred_at()));
  item.open = open;
  std::erase_if(row.items, [](const auto& entry) { return entry->open.minor() == 0; });
  std::int64_t total = 0;
  for (const auto& entry : row.items) total += entry->open.minor();
  row.total = schema::Money(total, open.currency());
}

void set_disputed(const EventView& event, Tables& tables, std::string_view customer, schema::Money balance, bool disputed) {
  Row& row = row_of(tables, customer, balance.currency());
  for (auto& item : row.items) {
    if (item->invoice_id == event.aggregate_id) item->disputed = disputed;
  }
}

Status fold_invoice(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_InvoiceEvents();
  switch (e.event_type()) {
    case InvoiceEvent::InvoiceIssued: {
      const auto& v = *e.event_as_InvoiceIssued();
      Due& due = tables.of<Due>().put(event.aggregate_id);
      due.currency = money_of(v.total()).currency();
      due.due_date = v.issued_on();
      for (const auto* part : each(v.due())) due.due_date = std::max(due.due_date, part->due_date());
      set_open(event, tables, text_of(v.customer_id()), money_of(v.total()));
      return {};
    }
    case InvoiceEvent::InvoicePaymentApplied: {
      const auto& v = *e.event_as_InvoicePaymentApplied();
      set_open(event, tables, text_of(v.customer_id()), money_of(v.balance()));
      return {};
    }
    case InvoiceEvent::InvoicePaymentUnapplied: {
      const auto& v = *e.event_as_InvoicePaymentUnapplied();
      set_open(event, tables, text_of(v.customer_id()), money_of(v.balance()));
      return {};
    }
    case InvoiceEvent::CreditNoteIssued: {
      const auto& v = *e.event_as_CreditNoteIssued();
      set_open(event, tables, text_of(v.customer_id()), money_of(v.balance()));
      return {};
    }
    case InvoiceEvent::InvoiceWrittenOff: {
      const auto& v = *e.event_as_InvoiceWrittenOff();
      set_open(event, tables, text_of(v.customer_id()), schema::Money(0, money_of(v.amount()).currency()));
      return {};
    }
    case InvoiceEvent::InvoiceVoided: {
      const auto& v = *e.event_as_InvoiceVoided();
      if (v.issued()) set_open(event, tables, text_of(v.customer_id()), schema::Money(0, money_of(v.total()).currency()));
      return {};
    }
    case InvoiceEvent::InvoiceDisputed: {
      const auto& v = *e.event_as_InvoiceDisputed();
      set_disputed(event, tables, text_of(v.customer_id()), money_of(v.balance()), true);
      return {};
    }
    case InvoiceEvent::DisputeResolved: {
      const auto& v = *e.event_as_DisputeResolved();
      set_disputed(event, tables, text_of(v.customer_id()), money_of(v.balance()), false);
      return {};
    }
    case InvoiceEvent::InvoiceReminderSent: {
      const auto& v = *e.event_as_InvoiceReminderSent();
      Row& row = row_of(tables, text_of(v.customer_id()), money_of(v.balance()).currency());
      row.dunning_level = std::max(row.dunning_level, v.level());
      return {};
    }
    case InvoiceEvent::InvoiceDrafted:
    case InvoiceEvent::InvoiceIssueRequested:
    case InvoiceEvent::InvoicePaymentRefused:
    case InvoiceEvent::InvoicePaid:
    case InvoiceEvent::InvoiceOverdue: return {};
    case InvoiceEvent::NONE: break;
  }
  return unknown_event(event);
}

Status fold(const EventView& event, Tables& tables) {
  if (event.envelope.payload_type() == schema::AnyEvent::InvoiceEvents) return fold_invoice(event, tables);
  const auto* changed = event.envelope.payload_as_CreditEvents()->event_as_CreditBalanceChanged();
  if (changed == nullptr) return {};
  const auto balance = money_of(changed->balance());
  row_of(tables, event.aggregate_id, balance.currency()).unapplied_credit = balance;
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(0, "all", row.customer_id);
  if (row.total.minor() != 0) out.add(1, "open", row.customer_id);
  out.add(2, row.customer_id, row.customer_id);
}

std::string aged(std::string bytes, TimestampUs as_of) {
  Row row;
  flatbuffers::GetRoot<schema::ReceivablesAgeingRow>(bytes.data())->UnPackTo(&row);
  const Day today = utc_day(as_of);
  std::array<std::int64_t, 6> buckets{};
  std::int64_t disputed = 0;
  for (const auto& item : row.items) {
    const auto days = today - item->due_date;
    const std::size_t bucket = days <= 0 ? 0 : days > 120 ? 5 : static_cast<std::size_t>((days - 1) / 30 + 1);
    buckets[bucket] += item->open.minor();
    if (item->disputed) disputed += item->open.minor();
  }
  const auto money = [&](std::int64_t minor) { return schema::Money(minor, row.currency); };
  row.total = money(row.total.minor());
  row.not_due = money(buckets[0]);
  row.days_1_30 = money(buckets[1]);
  row.days_31_60 = money(buckets[2]);
  row.days_61_90 = money(buckets[3]);
  row.days_91_120 = money(buckets[4]);
  row.days_over_120 = money(buckets[5]);
  row.disputed = money(disputed);
  row.unapplied_credit = money(row.unapplied_credit.minor());
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::ReceivablesAgeingRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{.table = "ReceivablesAgeingRow", .index = "all", .group = "all"};
  if (const auto customer = parameters.find("customer_id"); customer != parameters.end()) {
    query.index = "customer";
    query.group = customer->second;
  } else if (parameters.contains("state")) {
    query.index = "open";
    query.group = "open";
  }
  return query;
}

}  // namespace

ModelDefinition receivables_model() {
  ModelDefinition model;
  model.name = "receivables";
  model.wants = events_of({schema::AnyEvent::InvoiceEvents, schema::AnyEvent::CreditEvents});
  model.tables = {
      define_table<Row>("ReceivablesAgeingRow", {{"all"}, {"open"}, {"customer"}}, indexes_of, cached_customers_max),
      define_table<Due>("InvoiceDueRow")};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "receivables_ageing";
  report.descriptor.description = "What each customer owes in each currency, by days past the due date.";
  report.descriptor.row_table = "ReceivablesAgeingRow";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {{"customer_id", FilterKind::Text, "Only this customer.", {}, false, ""},
                               {"state", FilterKind::Choice, "Only those who owe something.", {"open"}, false, ""}};
  report.plan = plan;
  report.finish = aged;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
