#include "projections/models/lead_funnel.h"

#include <algorithm>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::LeadEvent;
using Row = schema::LeadFunnelRowT;
using Fact = schema::LeadFactRowT;

constexpr std::int64_t seconds_per_hour = 3'600;

bool is_zero(const Row& row) {
  return row.captured == 0 && row.contacted == 0 && row.converted == 0 && row.disqualified == 0 &&
         row.seconds_to_first_contact == 0 && row.costs.empty();
}

// Sums by currency, in the order of the currencies; the single column is the first of them.
void add_cost(Row& row, const schema::Money& cost, std::int64_t sign) {
  if (cost.minor() == 0) return;
  const auto place = std::find_if(row.costs.begin(), row.costs.end(), [&](const auto& sum) {
    return sum.currency() >= cost.currency();
  });
  if (place == row.costs.end() || place->currency() != cost.currency()) {
    row.costs.insert(place, schema::Money(sign * cost.minor(), cost.currency()));
  } else {
    *place = schema::Money(place->minor() + sign * cost.minor(), cost.currency());
    if (place->minor() == 0) row.costs.erase(place);
  }
  row.cost = row.costs.empty() ? schema::Money() : row.costs.front();
}

// Adds a lead to its group, or takes it out (sign -1): so that a new grade moves all that is known
// of it.
void count(const Fact& fact, std::int64_t sign, Tables& tables) {
  auto& rows = tables.of<Row>();
  Slot& slot = rows.reach(Key().text(fact.source).u8(static_cast<std::uint8_t>(fact.grade)));
  Row& row = rows.put(slot);
  row.source = fact.source;
  row.grade = fact.grade;
  row.captured += sign * (fact.captured ? 1 : 0);
  row.contacted += sign * (fact.contacted ? 1 : 0);
  row.converted += sign * (fact.converted ? 1 : 0);
  row.disqualified += sign * (fact.disqualified ? 1 : 0);
  row.seconds_to_first_contact += sign * fact.contact_seconds;
  add_cost(row, fact.cost, sign);
  if (is_zero(row)) rows.erase(slot);
}

Status fold(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_LeadEvents();
  if (e.event_type() == LeadEvent::NONE || e.event_type() > LeadEvent::MAX)
    return unknown_event(event);
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

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(0, "all", row.source);
  out.add(1, row.source, row.source);
  out.add(2, enum_group(row.grade), row.source);
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{.table = "LeadFunnelRow", .index = "all", .group = "all"};
  for (const auto& [name, value] : parameters) {
    query.index = name;
    query.group =
        name == "source"
            ? value
            : enum_group(*enum_of<schema::LeadGrade>(value, schema::EnumNamesLeadGrade())).take();
  }
  return query;
}

std::string with_rates(std::string bytes, TimestampUs) {
  Row row;
  flatbuffers::GetRoot<schema::LeadFunnelRow>(bytes.data())->UnPackTo(&row);
  if (row.captured > 0)
    row.conversion_ppm = static_cast<std::int32_t>(part_of(1'000'000, row.converted, row.captured));
  if (row.contacted > 0) {
    row.hours_to_first_contact =
        static_cast<std::int32_t>(row.seconds_to_first_contact / row.contacted / seconds_per_hour);
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
  model.version = 2;
  model.tables = {define_table<Row>("LeadFunnelRow", {{"all"}, {"source"}, {"grade"}}, indexes_of),
                  define_table<Fact>("LeadFactRow")};
  model.fold = fold;
  ReportDefinition report;
  report.descriptor.name = "lead_funnel";
  report.descriptor.description = "Leads captured, contacted and converted, by source and grade.";
  report.descriptor.row_table = "LeadFunnelRow";
  report.descriptor.exclusive = true;
  report.descriptor.filters = {
      {"source", FilterKind::Text, "Only leads of this source.", {}, false, ""},
      {"grade", FilterKind::Choice, "Only leads of this grade.",
       choices_of(schema::EnumNamesLeadGrade()), false, ""}};
  report.plan = plan;
  report.finish = with_rates;
  model.reports = {std::move(report)};
  return model;
}

}  // namespace orderlog::projections
