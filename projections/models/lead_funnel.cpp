#include "projections/models/lead_funnel.h"

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::LeadEvent;
using Row = schema::LeadFunnelRowT;
using Fact = schema::LeadFactRowT;

constexpr std::int64_t seconds_per_hour = 3'600;

// Adds a lead to its group, or takes it out (sign -1): so that a new grade moves all that is known of it.
void count(const Fact& fact, std::int64_t sign, Tables& tables) {
  Row& row = tables.of<Row>().put(Key().text(fact.source).u8(static_cast<std::uint8_t>(fact.grade)));
  row.source = fact.source;
  row.grade = fact.grade;
  row.captured += sign * (fact.captured ? 1 : 0);
  row.contacted += sign * (fact.contacted ? 1 : 0);
  row.converted += sign * (fact.converted ? 1 : 0);
  row.disqualified += sign * (fact.disqualified ? 1 : 0);
  row.seconds_to_first_contact += sign * fact.contact_seconds;
  const auto currency = row.cost.currency() == schema::Currency::None ? fact.cost.currency() : row.cost.currency();
  if (fact.cost.currency() == currency) row.cost = schema::Money(row.cost.minor() + sign * fact.cost.minor(), currency);
}

Status fold(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_LeadEvents();
  if (e.event_type() == LeadEvent::NONE || e.event_type() > LeadEvent::MAX) return unknown_event(event);
  auto& facts = tables.of<Fact>();
  Fact& fact = facts.put(event.aggregate_id);
  count(fact, -1, tables);
  if (const auto* captured = e.event_as_LeadCaptured()) {
    fact.captured = true;
    fact.source = string_of(captured->source());
    if (fact.source.empty()) fact.source = string_of(captured->channel());
    fact.cost = money_of(captured->cost());
  } else if (const auto* scored = e.event_as_LeadScored()) {
    fact.grade = scored->grade();
  } else if (const auto* followed = e.event_as_LeadFollowedUp(); followed && followed->first()) {
    fact.contacted = true;
    fact.contact_seconds = (event.occurred_at() - followed->captured_at()) / us_per_second;
  } else if (e.event_as_LeadConverted()) {
    fact.converted = true;
  } else if (e.event_as_LeadDisqualified()) {
    fact.disqualified = true;
  } else if (e.event_as_LeadReopened()) {
    fact.disqualified = false;
  }
  count(fact, 1, tables);
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) { out.add(0, "all", row.source); }

std::string with_rates(std::string bytes, TimestampUs) {
  Row row;
  flatbuffers::GetRoot<schema::LeadFunnelRow>(bytes.data())->UnPackTo(&row);
  if (row.captured > 0) row.conversion_ppm = static_cast<std::int32_t>(part_of(1'000'000, row.converted, row.captured));
  if (row.contacted > 0) {
    row.hours_to_first_contact = static_cast<std::int32_t>(row.seconds_to_first_contact / row.contacted / seconds_per_hour);
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::LeadFunnelRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace

ModelDefinition lead_funnel_model() {
  ModelDefinition model;
  model.name = "lead_funnel";
  model.wants = events_of({schema::AnyEvent::LeadEvents});
  model.tables = {define_table<Row>("LeadFunnelRow", {{"all"}}, indexes_of), define_table<Fact>("LeadFactRow")};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "lead_funnel";
  report.descriptor.description = "Leads captured, contacted and converted, by source and grade.";
  report.descriptor.row_table = "LeadFunnelRow";
  report.plan = [](const Parameters&) -> Result<IndexQuery> {
    return IndexQuery{.table = "LeadFunnelRow", .index = "all", .group = "all"};
  };
  report.finish = with_rates;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
