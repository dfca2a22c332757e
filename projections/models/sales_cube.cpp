#include "projections/models/sales_cube.h"

#include <algorithm>
#include <tuple>

#include "projections/models/fields.h"
#include "projections/models/periods.h"
#include "projections/models/sales_cells.h"

namespace orderlog::projections {
namespace {

using schema::OrderEvent;
using schema::SalesAxis;
using schema::SalesPeriod;
using Booked = schema::BookedOrderRowT;
using Line = schema::BookedLineT;
using Row = schema::SalesCubeRowT;

constexpr std::size_t cached_cells_max = 131'072;

enum Index : std::uint8_t { by_period, by_start };

void indexes_of(const Row& row, IndexWriter& out) {
  Key group = cube_group(row.dimension, row.period);
  out.add(by_period, group);
  out.add(by_start, group.i32(row.period_start ? *row.period_start : no_day));
}

void set_line(Booked& order, const schema::OrderLine& from) {
  std::erase_if(order.lines, [&](const auto& line) { return line->line == from.line(); });
  if (milli_of(from.quantity()) <= 0) return;
  auto line = std::make_unique<Line>();
  line->line = from.line();
  line->product_id = string_of(from.product_id());
  line->product_class = string_of(from.product_class());
  line->milli = milli_of(from.quantity());
  line->gross = minor_of(from.gross());
  line->discount = minor_of(from.discount());
  line->net = minor_of(from.net());
  line->tax = minor_of(from.tax());
  line->cost = minor_of(from.cost());
  order.lines.push_back(std::move(line));
}

void take_out(Booked& order, const schema::OrderLine& amounts) {
  Line* line = line_in(order.lines, amounts.line());
  if (!line) return;
  line->milli -= milli_of(amounts.quantity());
  line->gross -= minor_of(amounts.gross());
  line->discount -= minor_of(amounts.discount());
  line->net -= minor_of(amounts.net());
  line->tax -= minor_of(amounts.tax());
  line->cost -= minor_of(amounts.cost());
  if (line->milli <= 0) std::erase_if(order.lines, [&](const auto& l) { return l.get() == line; });
}

void book(Booked& order, const schema::OrderApproved& event) {
  if (const auto* dimensions = event.dimensions()) {
    order.booked_on = dimensions->booked_on();
    order.customer_id = string_of(dimensions->customer_id());
    order.region = string_of(dimensions->region());
    order.channel = string_of(dimensions->channel());
    order.salesperson = string_of(dimensions->salesperson());
    order.grade = dimensions->grade();
  }
  if (const auto* totals = event.totals(); totals && totals->total()) {
    order.currency = totals->total()->currency();
    order.total = *totals->total();
    order.base_total = money_of(totals->base_total());
  }
  for (const auto* line : each(event.lines())) set_line(order, *line);
}

void amend(Booked& order, const schema::OrderAmended& event) {
  for (const auto* line : each(event.unbooked())) {
    std::erase_if(order.lines, [&](const auto& l) { return l->line == line->line(); });
  }
  for (const auto* line : each(event.booked())) set_line(order, *line);
}

// A credit note may be heard of before the order's approval: then only it is known.
bool is_booked(const Booked* order) {
  return order != nullptr && order->currency != schema::Currency::None;
}

// The order's bookings after the event; nothing: it doesn't concern them.
std::optional<Booked> booked_after(const Booked* before, const schema::OrderEvents& events) {
  if (const auto* approved = events.event_as_OrderApproved()) {
    Booked order;
    book(order, *approved);
    // Approved again after a reopening: stays where it was booked.
    if (is_booked(before)) order.booked_on = before->booked_on;
    if (before) order.returns = Booked(*before).returns;
    return order;
  }
  if (!is_booked(before)) return std::nullopt;
  if (const auto* amended = events.event_as_OrderAmended()) {
    Booked order = *before;
    amend(order, *amended);
    return order;
  }
  if (const auto* cancelled = events.event_as_OrderLineCancelled()) {
    if (!cancelled->booked() || !cancelled->amounts()) return std::nullopt;
    Booked order = *before;
    take_out(order, *cancelled->amounts());
    return order;
  }
  if (const auto* closed = events.event_as_OrderShortClosed()) {
    Booked order = *before;
    for (const auto* amounts : each(closed->unbooked())) take_out(order, *amounts);
    return order;
  }
  const auto type = events.event_type();
  if (type == OrderEvent::OrderCancelled || type == OrderEvent::OrderRejected) {
    Booked order = *before;
    order.lines.clear();
    return order;
  }
  return std::nullopt;
}

// The others needn't look the order up.
bool concerns_sales(OrderEvent event) {
  return event == OrderEvent::OrderApproved || event == OrderEvent::OrderAmended ||
         event == OrderEvent::OrderLineCancelled || event == OrderEvent::OrderShortClosed ||
         event == OrderEvent::OrderCancelled || event == OrderEvent::OrderRejected;
}

// Rows of orders that were booked once stay: they say where a late credit note belongs.
Status move_order(Slot& slot, Booked after, Tables& tables) {
  const Booked* known = Table<Booked>::row_at(slot);
  if (auto patched = patch_cube(known ? *known : Booked(), after, tables); !patched) {
    return patched;
  }
  tables.of<Booked>().put(slot) = std::move(after);
  return {};
}

Status fold_order(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_OrderEvents();
  const auto type = events.event_type();
  if (type == OrderEvent::NONE || type > OrderEvent::MAX || !events.event()) {
    return unknown_event(event);
  }
  if (!concerns_sales(type)) return {};
  Slot& slot = tables.of<Booked>().reach(event.aggregate_id);
  auto after = booked_after(Table<Booked>::row_at(slot), events);
  return after ? move_order(slot, std::move(*after), tables) : Status();
}

// Kept in an order of their own, not in that in which they are heard of.
Status fold_invoice(const EventView& event, Tables& tables) {
  const auto* note = event.envelope.payload_as_InvoiceEvents()->event_as_CreditNoteIssued();
  if (note == nullptr || text_of(note->order_id()).empty()) return {};
  auto credit = std::make_unique<schema::BookedReturnT>();
  credit->invoice_id = std::string(event.aggregate_id);
  credit->credit_note_id = string_of(note->credit_note_id());
  credit->net = money_of(note->net() ? note->net() : note->amount());
  for (const auto* line : each(note->lines())) credit->lines.emplace_back(line->UnPack());
  Slot& slot = tables.of<Booked>().reach(text_of(note->order_id()));
  const Booked* known = Table<Booked>::row_at(slot);
  Booked after = known ? *known : Booked();
  const auto place = std::find_if(after.returns.begin(), after.returns.end(), [&](const auto& r) {
    return std::tie(credit->invoice_id, credit->credit_note_id) <
           std::tie(r->invoice_id, r->credit_note_id);
  });
  after.returns.insert(place, std::move(credit));
  return move_order(slot, std::move(after), tables);
}

Status fold(const EventView& event, Tables& tables) {
  return event.envelope.payload_type() == schema::AnyEvent::InvoiceEvents
             ? fold_invoice(event, tables)
             : fold_order(event, tables);
}

Result<IndexQuery> plan(const Parameters& parameters) {
  const auto by = *enum_of<SalesAxis>(parameters.at("by"), schema::EnumNamesSalesAxis());
  const auto period =
      *enum_of<SalesPeriod>(parameters.at("period"), schema::EnumNamesSalesPeriod());
  const bool bounded = parameters.contains("from") || parameters.contains("to");
  if (period == SalesPeriod::all && bounded) {
    return error(ErrorCode::InvalidArgument, "from and to need a period: not all");
  }
  IndexQuery query;
  query.table = "SalesCubeRow";
  query.index = "period";
  query.counted_by = "start";
  query.group = cube_group(by, period).take();
  if (const auto from = parameters.find("from"); from != parameters.end()) {
    query.from = Key().i32(period_start(period, *day_from_text(from->second))).take();
  }
  if (const auto to = parameters.find("to"); to != parameters.end()) {
    query.until = Key().i32(*day_from_text(to->second) + 1).take();
  }
  return query;
}

std::vector<std::string> with_first(const char* first, const char* const* names) {
  std::vector<std::string> choices = choices_of(names);
  choices.insert(choices.begin(), first);
  return choices;
}

ReportDefinition cube_report() {
  ReportDefinition report;
  report.descriptor.name = "sales_cube";
  report.descriptor.description =
      "Sales by period and one dimension, by currency: orders, quantity, amounts and margin of "
      "what "
      "was approved and not cancelled since, and what credit notes took back of it (goods and net "
      "amount, in the period of the sale). In order of period and value.";
  report.descriptor.row_table = "SalesCubeRow";
  report.descriptor.filters = {
      {"by", FilterKind::Choice, "The dimension.", with_first("none", schema::EnumNamesSalesAxis()),
       false, "none"},
      {"period", FilterKind::Choice, "The length of the periods; weeks begin on Monday.",
       with_first("all", schema::EnumNamesSalesPeriod()), false, "all"},
      {"from", FilterKind::Date, "From the period that holds this day."},
      {"to", FilterKind::Date, "Up to the period that holds this day."}};
  report.plan = plan;
  return report;
}

}  // namespace

ModelDefinition sales_model() {
  ModelDefinition model;
  model.name = "sales";
  model.version = 2;
  model.wants = events_of({schema::AnyEvent::OrderEvents, schema::AnyEvent::InvoiceEvents});
  model.tables = {
      define_table<Row>("SalesCubeRow",
                        {{"period", IndexKind::Clustered}, {"start", IndexKind::Clustered}},
                        indexes_of, cached_cells_max),
      define_table<Booked>("BookedOrderRow")};
  model.fold = fold;
  model.reports = {cube_report(), product_ranking_report()};
  return model;
}

}  // namespace orderlog::projections
