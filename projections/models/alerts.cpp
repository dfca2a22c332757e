#include "projections/models/alerts.h"

#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::DelayLevel;
using schema::OrderEvent;
using Row = schema::AlertRowT;
using Head = schema::AlertHeadRowT;

enum Index : std::uint8_t { by_state, by_level, by_customer, by_order };

constexpr std::string_view active_group = "active";
constexpr std::string_view cleared_group = "cleared";

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(by_state, row.active ? active_group : cleared_group, row.raised_at);
  if (row.active) out.add(by_level, enum_group(row.level), row.raised_at);
  out.add(by_customer, row.customer_id, row.raised_at);
  out.add(by_order, Key().text(row.order_id));
}

Key head_key(std::string_view order_id, std::uint32_t line, schema::DelayKind kind,
             DelayLevel level) {
  return Key()
      .text(order_id)
      .u32(line)
      .u8(static_cast<std::uint8_t>(kind))
      .u8(static_cast<std::uint8_t>(level));
}

std::string alert_id(std::string_view order_id, std::uint32_t line, schema::DelayKind kind,
                     DelayLevel level, std::uint32_t episode) {
  return std::string(order_id) + "/" + std::to_string(line) + "/" +
         schema::EnumNameDelayKind(kind) + "/" + schema::EnumNameDelayLevel(level) + "/" +
         std::to_string(episode);
}

void raise(const EventView& event, const schema::DeliveryDelayed& delay, std::uint32_t line,
           Tables& tables) {
  Key key = head_key(event.aggregate_id, line, delay.kind(), delay.level());
  Head& head = tables.of<Head>().put(key);
  if (head.active) return;  // said before, not cleared yet
  ++head.episode;
  head.active = true;
  Row& row = tables.of<Row>().put(key.u32(head.episode));
  row.alert_id = alert_id(event.aggregate_id, line, delay.kind(), delay.level(), head.episode);
  row.order_id = std::string(event.aggregate_id);
  row.line = line;
  row.level = delay.level();
  row.kind = delay.kind();
  row.cause = delay.cause();
  row.promised_date = delay.promised_date();
  row.predicted_date = delay.predicted_date();
  row.late_days = delay.late_days();
  row.raised_at = event.occurred_at();
  row.customer_id = string_of(delay.customer_id());
  row.carrier = string_of(delay.carrier());
  row.step_blocked = string_of(delay.step_blocked());
  row.owner = string_of(delay.salesperson());
  row.shipment_id = string_of(delay.shipment_id());
  row.active = true;
}

// What clears a level clears the lower ones of the same kind as well.
void clear(const EventView& event, const schema::DelayCleared& cleared, std::uint32_t line,
           Tables& tables) {
  const bool all = cleared.level() == DelayLevel::None;
  for (const DelayLevel level : {DelayLevel::Watch, DelayLevel::AtRisk, DelayLevel::Late}) {
    if (!all && level > cleared.level()) continue;
    Key key = head_key(event.aggregate_id, line, cleared.kind(), level);
    const Head* known = tables.of<Head>().find(key);
    if (!known || !known->active) continue;
    Head& head = *tables.of<Head>().change(key);
    head.active = false;
    Row& row = tables.of<Row>().put(key.u32(head.episode));
    row.active = false;
    row.cleared_at = event.occurred_at();
    row.cleared_by = string_of(cleared.how());
    row.actual_date = cleared.actual_date();
  }
}

Status fold(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_OrderEvents();
  if (events.event_type() > OrderEvent::MAX) return unknown_event(event);
  if (const auto* delay = events.event_as_DeliveryDelayed()) {
    for (const std::uint32_t line : each(delay->lines())) raise(event, *delay, line, tables);
  } else if (const auto* cleared = events.event_as_DelayCleared()) {
    for (const std::uint32_t line : each(cleared->lines())) clear(event, *cleared, line, tables);
  }
  return {};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query;
  query.table = "AlertRow";
  query.index = "state";
  query.descending = true;
  for (const auto& [name, value] : parameters) {
    if (name == "state") {
      if (value != "all") query.group = value;
    } else if (name == "level") {
      query.index = name;
      query.group = enum_group(*enum_of<DelayLevel>(value, schema::EnumNamesDelayLevel())).take();
    } else if (name == "customer_id") {
      query.index = "customer";
      query.group = value;
    } else {
      query.index = "order";
      query.group = Key().text(value).take();
      query.descending = false;
    }
  }
  return query;
}

std::string finish(std::string bytes, TimestampUs as_of) {
  Row row;
  flatbuffers::GetRoot<schema::AlertRow>(bytes.data())->UnPackTo(&row);
  const TimestampUs until = row.cleared_at ? *row.cleared_at : as_of;
  row.age_seconds = std::max<std::int64_t>(0, until - row.raised_at) / us_per_second;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::AlertRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace

ModelDefinition alerts_model() {
  ModelDefinition model;
  model.name = "alerts";
  model.wants = events_of({schema::AnyEvent::OrderEvents});
  model.tables = {
      define_table<Row>("AlertRow",
                        {{"state"}, {"level"}, {"customer"}, {"order", IndexKind::Clustered}},
                        indexes_of),
      define_table<Head>("AlertHeadRow")};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "alerts";
  report.descriptor.description =
      "Delivery alerts, the newest first; without a parameter the active and the cleared ones.";
  report.descriptor.row_table = "AlertRow";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {
      {"state",
       FilterKind::Choice,
       "Active ones, cleared ones, or all.",
       {"active", "cleared", "all"}},
      {"level", FilterKind::Choice, "Only active ones of this level.",
       choices_of(schema::EnumNamesDelayLevel())},
      {"customer_id", FilterKind::Text, "Only those of this customer's orders."},
      {"order_id", FilterKind::Text, "Only those of this order, by line."}};
  report.plan = plan;
  report.finish = finish;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
