#include "projections/models/customer_360.h"

#include <algorithm>
#include <optional>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::AnyEvent;
using Row = schema::Customer360RowT;

using Amounts = schema::CustomerAmountsT;
using Order = schema::CustomerOrderRowT;

constexpr std::size_t cached_customers_max = 20'000;
constexpr std::size_t cached_documents_max = 20'000;

Row& row_of(Tables& tables, std::string_view customer) {
  Row& row = tables.of<Row>().put(customer);
  row.customer_id = std::string(customer);
  return row;
}

// The sums of that currency; kept in the order of the currencies, whichever was heard of first.
Amounts& amounts_in(Row& row, schema::Currency currency) {
  const auto place = std::find_if(row.amounts.begin(), row.amounts.end(), [&](const auto& known) {
    return known->ordered_net.currency() >= currency;
  });
  if (place != row.amounts.end() && (*place)->ordered_net.currency() == currency) return **place;
  auto fresh = std::make_unique<Amounts>();
  fresh->ordered_net = fresh->invoiced = fresh->paid = fresh->credited = schema::Money(0, currency);
  return **row.amounts.insert(place, std::move(fresh));
}

void add(Row& row, schema::Money Amounts::*column, schema::Money amount, std::int64_t sign = 1) {
  if (amount.currency() == schema::Currency::None) return;
  schema::Money& sum = amounts_in(row, amount.currency()).*column;
  sum = schema::Money(sum.minor() + sign * amount.minor(), sum.currency());
}

// The single columns: of the customer's own currency, else of the first.
void show_amounts(Row& row) {
  if (row.amounts.empty()) return;
  const auto own = std::find_if(row.amounts.begin(), row.amounts.end(), [&](const auto& known) {
    return known->ordered_net.currency() == row.currency;
  });
  const Amounts& shown = own == row.amounts.end() ? *row.amounts.front() : **own;
  row.ordered_net = shown.ordered_net;
  row.invoiced = shown.invoiced;
  row.paid = shown.paid;
}

void take_profile(Row& row, const schema::CustomerProfile* profile) {
  if (profile == nullptr) return;
  row.name = string_of(profile->name());
  row.region = string_of(profile->region());
  row.salesperson = string_of(profile->salesperson());
  row.currency = profile->currency();
  show_amounts(row);
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

// ---- orders: each counts once, with what of it is booked

void set_net(Tables& tables, Order& order, schema::Money net) {
  Row& row = row_of(tables, order.customer_id);
  add(row, &Amounts::ordered_net, order.net, -1);
  order.net = net;
  add(row, &Amounts::ordered_net, net);
  show_amounts(row);
}

void approve(const EventView& event, const schema::OrderApproved& approved, Tables& tables) {
  if (!approved.dimensions() || !approved.totals()) return;
  auto& orders = tables.of<Order>();
  const bool is_new = orders.find(event.aggregate_id) == nullptr;
  Order& order = orders.put(event.aggregate_id);
  if (is_new) {
    order.customer_id = string_of(approved.dimensions()->customer_id());
    Row& row = row_of(tables, order.customer_id);
    ++row.orders;
    const auto at = event.occurred_at();
    if (!row.first_order_at || at < *row.first_order_at) row.first_order_at = at;
    if (!row.last_order_at || at > *row.last_order_at) row.last_order_at = at;
  }
  set_net(tables, order, money_of(approved.totals()->net()));
}

schema::Money less(schema::Money from, std::int64_t minor) {
  return schema::Money(from.minor() - minor, from.currency());
}

// What is booked of an approved order after the event; nothing: it stays.
std::optional<schema::Money> net_after(const schema::OrderEvents& e, schema::Money net) {
  if (const auto* amended = e.event_as_OrderAmended(); amended && amended->totals()) {
    return money_of(amended->totals()->net());
  }
  if (const auto* line = e.event_as_OrderLineCancelled();
      line && line->booked() && line->amounts()) {
    return less(net, minor_of(line->amounts()->net()));
  }
  if (const auto* closed = e.event_as_OrderShortClosed()) {
    std::int64_t minor = 0;
    for (const auto* amounts : each(closed->unbooked())) minor += minor_of(amounts->net());
    return less(net, minor);
  }
  if (e.event_as_OrderCancelled() || e.event_as_OrderRejected()) return less(net, net.minor());
  return std::nullopt;
}

void rebook(const EventView& event, const schema::OrderEvents& e, Tables& tables) {
  // The others needn't look the order up.
  if (!net_after(e, schema::Money())) return;
  Order* order = tables.of<Order>().change(event.aggregate_id);
  if (order != nullptr) set_net(tables, *order, *net_after(e, order->net));
}

void fold_order(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_OrderEvents();
  if (const auto* approved = e.event_as_OrderApproved()) {
    approve(event, *approved, tables);
  } else if (const auto* delayed = e.event_as_DeliveryDelayed()) {
    if (delayed->level() == schema::DelayLevel::Late) {
      ++row_of(tables, text_of(delayed->customer_id())).late_alerts;
    }
  } else {
    if (const auto* cancelled = e.event_as_OrderCancelled()) {
      ++row_of(tables, text_of(cancelled->customer_id())).cancelled_orders;
    }
    rebook(event, e, tables);
  }
}

void fold_invoice(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_InvoiceEvents();
  const auto change = [&](const auto& v, schema::Money Amounts::*column,
                          const schema::Money* amount, std::int64_t sign) {
    Row& row = row_of(tables, text_of(v.customer_id()));
    add(row, column, money_of(amount), sign);
    show_amounts(row);
  };
  if (const auto* issued = e.event_as_InvoiceIssued()) {
    change(*issued, &Amounts::invoiced, issued->total(), 1);
  } else if (const auto* voided = e.event_as_InvoiceVoided(); voided && voided->issued()) {
    change(*voided, &Amounts::invoiced, voided->total(), -1);
  } else if (const auto* note = e.event_as_CreditNoteIssued()) {
    change(*note, &Amounts::credited, note->amount(), 1);
  } else if (const auto* applied = e.event_as_InvoicePaymentApplied()) {
    change(*applied, &Amounts::paid, applied->amount(), 1);
  } else if (const auto* unapplied = e.event_as_InvoicePaymentUnapplied()) {
    change(*unapplied, &Amounts::paid, unapplied->amount(), -1);
  } else if (const auto* sent = e.event_as_InvoiceReminderSent()) {
    ++row_of(tables, text_of(sent->customer_id())).reminders;
  }
}

// ---- service

void set_open(Tables& tables, schema::CustomerTicketRowT& ticket, bool open) {
  if (ticket.open == open) return;
  ticket.open = open;
  row_of(tables, ticket.customer_id).open_tickets += open ? 1 : -1;
}

void open_ticket(const EventView& event, const schema::TicketOpened& opened, Tables& tables) {
  auto& ticket = tables.of<schema::CustomerTicketRowT>().put(event.aggregate_id);
  ticket.customer_id = string_of(opened.customer_id());
  set_open(tables, ticket, true);
  Row& row = row_of(tables, ticket.customer_id);
  ++row.tickets;
  const auto at = event.occurred_at();
  if (!row.last_ticket_at || at > *row.last_ticket_at) row.last_ticket_at = at;
}

void fold_ticket(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_TicketEvents();
  if (const auto* opened = e.event_as_TicketOpened()) return open_ticket(event, *opened, tables);
  const auto* closed = e.event_as_TicketClosed();
  const bool ends = closed || e.event_as_TicketMerged() || e.event_as_TicketCancelled();
  if (!ends && !e.event_as_TicketReopened()) return;
  auto* ticket = tables.of<schema::CustomerTicketRowT>().change(event.aggregate_id);
  if (ticket == nullptr) return;
  set_open(tables, *ticket, !ends);
  if (closed && closed->satisfaction() > 0) {
    Row& row = row_of(tables, ticket->customer_id);
    ++row.satisfaction_answers;
    row.satisfaction_sum += closed->satisfaction();
  }
}

void fold_quote(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_QuoteEvents();
  if (const auto* drafted = e.event_as_QuoteDrafted()) {
    ++row_of(tables, text_of(drafted->customer_id())).quotes;
  } else if (const auto* accepted = e.event_as_QuoteAccepted()) {
    ++row_of(tables, text_of(accepted->customer_id())).quotes_accepted;
  }
}

Status fold(const EventView& event, Tables& tables) {
  const auto type = event.envelope.payload_type();
  if (type == AnyEvent::CustomerEvents) fold_customer(event, tables);
  if (type == AnyEvent::CreditEvents) fold_credit(event, tables);
  if (type == AnyEvent::OrderEvents) fold_order(event, tables);
  if (type == AnyEvent::InvoiceEvents) fold_invoice(event, tables);
  if (type == AnyEvent::TicketEvents) fold_ticket(event, tables);
  if (type == AnyEvent::QuoteEvents) fold_quote(event, tables);
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
  model.version = 2;
  model.wants = events_of({AnyEvent::CustomerEvents, AnyEvent::CreditEvents, AnyEvent::OrderEvents,
                           AnyEvent::InvoiceEvents, AnyEvent::TicketEvents, AnyEvent::QuoteEvents});
  model.tables = {
      define_table<Row>("Customer360Row", {{"all"}, {"region"}}, indexes_of, cached_customers_max),
      define_table<Order>("CustomerOrderRow", {}, nullptr, cached_documents_max),
      define_table<schema::CustomerTicketRowT>("CustomerTicketRow", {}, nullptr,
                                               cached_documents_max)};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "customer_360";
  report.descriptor.description =
      "One view of each customer: master data, credit, purchases, payments, service.";
  report.descriptor.row_table = "Customer360Row";
  report.descriptor.key = "customer_id";
  report.descriptor.filters = {
      {"region", FilterKind::Text, "Only customers of this region.", {}, false, ""}};
  report.plan = [](const Parameters& parameters) -> Result<IndexQuery> {
    const auto region = parameters.find("region");
    if (region == parameters.end())
      return IndexQuery{.table = "Customer360Row", .index = "all", .group = "all"};
    return IndexQuery{.table = "Customer360Row", .index = "region", .group = region->second};
  };
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
