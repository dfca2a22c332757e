#include "projections/models/sales_cube.h"

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
  }
  for (const auto* line : each(event.lines())) set_line(order, *line);
}

void amend(Booked& order, const schema::OrderAmended& event) {
  for (const auto* line : each(event.unbooked())) {
    std::erase_if(order.lines, [&](const auto& l) { return l->line == line->line(); });
  }
  for (const auto* line : each(event.booked())) set_line(order, *line);
}

// The order's bookings after the event; nothing: it doesn't concern them.
std::optional<Booked> booked_after(const Booked* before, const schema::OrderEvents& events) {
  if (const auto* approved = events.event_as_OrderApproved()) {
    Booked order;
    book(order, *approved);
    // Approved again after a reopening: stays where it was booked.
    if (before) order.booked_on = before->booked_on;
    return order;
  }
  if (!before) return std::nullopt;
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

Status fold(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_OrderEvents();
  const auto type = events.event_type();
  if (type == OrderEvent::NONE || type > OrderEvent::MAX || !events.event()) {
    return unknown_event(event);
  }
  if (!concerns_sales(type)) return {};
  auto& orders = tables.of<Booked>();
  Slot& slot = orders.reach(event.aggregate_id);
  const Booked* known = Table<Booked>::row_at(slot);
  auto after = booked_after(known, events);
  if (!after) return {};
  if (auto patched = patch_cube(known ? *known : Booked(), *after, tables); !patched) {
    return patched;
  }
  if (after->lines.empty()) {
    orders.erase(slot);
  } else {
    orders.put(slot) = std::move(*after);
  }
  return {};
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
      "was approved and not cancelled since. In order of period and value.";
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
  model.wants = events_of({schema::AnyEvent::OrderEvents});
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
