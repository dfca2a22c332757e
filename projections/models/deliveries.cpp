#include "projections/models/deliveries.h"

#include "events/base/calendar.h"
#include "projections/models/delivery_items.h"
#include "projections/models/fields.h"
#include "projections/models/otif.h"

namespace orderlog::projections {
namespace {

using schema::DeliveryState;
using schema::OrderEvent;
using Row = schema::DelayListRowT;

enum Index : std::uint8_t { by_state, by_customer };

void indexes_of(const Row& row, IndexWriter& out) {
  const std::int64_t expected = row.expected_date ? *row.expected_date : INT64_MAX;
  out.add(by_state, enum_group(row.state), expected);
  out.add(by_customer, row.customer_id, expected);
}

// The others needn't look the order up.
bool concerns_deliveries(OrderEvent event) {
  constexpr auto bit = [](OrderEvent e) { return std::uint64_t{1} << static_cast<unsigned>(e); };
  constexpr std::uint64_t concerned =
      bit(OrderEvent::OrderSubmitted) | bit(OrderEvent::OrderApproved) |
      bit(OrderEvent::OrderAmended) | bit(OrderEvent::OrderPromiseChanged) |
      bit(OrderEvent::OrderLineCancelled) | bit(OrderEvent::OrderRejected) |
      bit(OrderEvent::OrderCancelled) | bit(OrderEvent::OrderLinesShipped) |
      bit(OrderEvent::OrderLinesDelivered) | bit(OrderEvent::OrderShortClosed) |
      bit(OrderEvent::DeliveryDelayed) | bit(OrderEvent::DelayCleared);
  return (concerned & bit(event)) != 0;
}

Status fold(const EventView& event, Tables& tables) {
  const auto& events = *event.envelope.payload_as_OrderEvents();
  const auto type = events.event_type();
  if (type == OrderEvent::NONE || type > OrderEvent::MAX || !events.event()) {
    return unknown_event(event);
  }
  if (!concerns_deliveries(type)) return {};
  auto& orders = tables.of<Row>();
  Slot& slot =
      event.is_first() ? orders.reach_new(event.aggregate_id) : orders.reach(event.aggregate_id);
  const Row* known = Table<Row>::row_at(slot);
  if (!known && type != OrderEvent::OrderSubmitted) return {};  // a draft, or ended before
  // Worked out on a copy: nothing may change if the sums do not fit.
  Row row = known ? *known : Row();
  const auto before = otif_cells(row);
  row.order_id = std::string(event.aggregate_id);
  ORDERLOG_ENSURE(apply_delivery_event(row, events, event.occurred_at()),
                  "an order event without a case");
  derive_delivery_columns(row);
  if (auto patched = patch_otif(before, otif_cells(row), tables); !patched) return patched;
  if (row.items.empty()) {
    orders.erase(slot);
  } else {
    orders.put(slot) = std::move(row);
  }
  return {};
}

// An open order that is late grows older every day.
std::string finish(std::string bytes, TimestampUs as_of) {
  Row row;
  flatbuffers::GetRoot<schema::DelayListRow>(bytes.data())->UnPackTo(&row);
  const Day today = local_day(as_of, row.time_zone).value_or(utc_day(as_of));
  for (const auto& item : row.items) {
    if (item->state != DeliveryState::late || is_complete(*item)) continue;
    item->delayed_days = std::max(item->delayed_days, days_late(item->expected_date, today));
    row.delayed_days = std::max(row.delayed_days, item->delayed_days);
  }
  if (row.alert_raised_at) {
    row.alert_age_seconds = std::max<std::int64_t>(0, as_of - *row.alert_raised_at) / us_per_second;
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::DelayListRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query;
  query.table = "DelayListRow";
  query.index = "state";
  for (const auto& [name, value] : parameters) {
    if (name == "state") {
      query.group =
          enum_group(*enum_of<DeliveryState>(value, schema::EnumNamesDeliveryState())).take();
    } else {
      query.index = "customer";
      query.group = value;
    }
  }
  return query;
}

ReportDefinition delay_report() {
  ReportDefinition report;
  report.descriptor.name = "delay_list";
  report.descriptor.description =
      "Orders by their delivery against the promise, with their lines; the most urgent promise "
      "first. late: delivered (or dispatched, while nothing is delivered) after the promised date, "
      "or open with the alert Late.";
  report.descriptor.row_table = "DelayListRow";
  report.descriptor.key = "order_id";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {{"state", FilterKind::Choice, "Only orders in this state.",
                                choices_of(schema::EnumNamesDeliveryState())},
                               {"customer_id", FilterKind::Text, "Only orders of this customer."}};
  report.plan = plan;
  report.finish = finish;
  return report;
}

}  // namespace

ModelDefinition deliveries_model() {
  ModelDefinition model;
  model.name = "deliveries";
  model.version = 2;
  model.wants = events_of({schema::AnyEvent::OrderEvents});
  model.tables = {define_table<Row>("DelayListRow", {{"state"}, {"customer"}}, indexes_of),
                  otif_table()};
  model.fold = fold;
  model.reports = {delay_report(), otif_report()};
  return model;
}

}  // namespace orderlog::projections
