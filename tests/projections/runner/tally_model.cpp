#include "tests/projections/tally_model.h"

#include "projections/models/fields.h"

namespace orderlog::projections::test {
namespace {

enum Index : std::uint8_t { by_group, by_prefix };

// Keys are "X-…": clustered by their first two characters.
void indexes_of(const TallyRow& row, IndexWriter& out) {
  out.add(by_group, row.region, static_cast<std::int64_t>(row.version));
  out.add(by_prefix, row.order_id.substr(0, 2));
}

template <bool cured, bool breaks_rules, std::uint32_t version>
Status fold(const EventView& event, Tables& tables) {
  auto& rows = tables.of<TallyRow>();
  const auto* order = event.envelope.payload_as_OrderEvents();
  const auto* rejected = order ? order->event_as_OrderRejected() : nullptr;
  if (!cured && rejected && text_of(rejected->reason()) == "poison") {
    if (breaks_rules) rows.put(event.aggregate_id).reason = "half done";
    return error(ErrorCode::InvalidArgument, "poison");
  }
  if (order && order->event_type() > schema::OrderEvent::MAX) return unknown_event(event);
  if (order && order->event_type() == schema::OrderEvent::OrderCancelled) {
    rows.erase(event.aggregate_id);
    return {};
  }
  TallyRow& row = rows.put(event.aggregate_id);
  row.order_id = std::string(event.aggregate_id);
  row.version += version;  // so that versions of the model can be told apart
  row.changed_at = event.recorded_at();
  if (const auto* held = order ? order->event_as_OrderHeld() : nullptr) {
    row.region = string_of(held->detail());
  }
  return {};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{"OrderStatusRow", "group"};
  for (const auto& [name, value] : parameters) {
    query.index = name;
    query.group = value;
  }
  return query;
}

}  // namespace

ModelDefinition tally_model(TallyOptions options) {
  ModelDefinition model;
  model.name = "tally";
  model.version = options.version;
  model.wants = events_of({schema::AnyEvent::OrderEvents, schema::AnyEvent::ShipmentEvents});
  model.tables = {define_table<TallyRow>(
      "OrderStatusRow", {{"group"}, {"prefix", IndexKind::Clustered}}, indexes_of)};
  if (options.version > 1) {
    model.fold = fold<true, false, 2>;
  } else if (options.cured) {
    model.fold = fold<true, false, 1>;
  } else {
    model.fold = options.breaks_rules ? fold<false, true, 1> : fold<false, false, 1>;
  }
  ReportDefinition report;
  report.descriptor.name = "tally";
  report.descriptor.row_table = "OrderStatusRow";
  report.descriptor.key = "order_id";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {{"group", FilterKind::Text}, {"prefix", FilterKind::Text}};
  report.plan = plan;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections::test
