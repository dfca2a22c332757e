#include "projections/models/tickets.h"

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::SlaOutcome;
using schema::TicketEvent;
using schema::TicketStage;
using Row = schema::TicketSlaRowT;
using Daily = schema::TicketSlaDailyRowT;

Daily& day_of(Tables& tables, const Row& row) {
  const Day day = utc_day(row.opened_at);
  Daily& daily = tables.of<Daily>().put(Key().i32(day));
  daily.day = day;
  return daily;
}

// Counts the outcome once more, or less (sign -1).
void count(Daily& daily, const Row& row, std::int64_t sign) {
  if (row.response == SlaOutcome::met) daily.response_met += sign;
  if (row.response == SlaOutcome::missed) daily.response_missed += sign;
  if (row.resolution == SlaOutcome::met) daily.resolution_met += sign;
  if (row.resolution == SlaOutcome::missed) daily.resolution_missed += sign;
}

bool is_paused(const Row& row) {
  return row.state == TicketStage::WaitingCustomer || row.state == TicketStage::WaitingVendor;
}

bool is_active(const Row& row) {
  return is_paused(row) || row.state == TicketStage::New || row.state == TicketStage::Assigned ||
         row.state == TicketStage::InProgress;
}

// A deadline that lies ahead again has not been missed.
void take_clock(Row& row, const schema::SlaClock* clock, TimestampUs now) {
  if (clock == nullptr) return;
  row.response_due = clock->response_due();
  row.resolution_due = clock->resolution_due();
  if (!row.first_responded_at && row.response_due && *row.response_due > now) {
    row.response = SlaOutcome::pending;
  }
  if (row.resolution_due && *row.resolution_due > now) row.resolution = SlaOutcome::pending;
}

void open(const EventView& event, const schema::TicketOpened& opened, Row& row) {
  row.ticket_id = std::string(event.aggregate_id);
  row.customer_id = string_of(opened.customer_id());
  row.kind = opened.kind();
  row.priority = opened.priority();
  row.subject = string_of(opened.subject());
  row.order_id = string_of(opened.order_id());
  row.opened_at = event.occurred_at();
  row.state = TicketStage::New;
  take_clock(row, opened.clock(), event.occurred_at());
}

void respond(Row& row, const schema::TicketFirstResponded& responded, TimestampUs now) {
  // An answer to a ticket on hold leaves it there.
  if (!is_paused(row)) row.state = TicketStage::InProgress;
  row.first_responded_at = now;
  row.response = responded.response_met() ? SlaOutcome::met : SlaOutcome::missed;
}

void pause(Row& row, schema::PauseReason reason, TimestampUs now) {
  row.paused_at = now;
  row.state = reason == schema::PauseReason::WaitingVendor ? TicketStage::WaitingVendor
                                                           : TicketStage::WaitingCustomer;
}

void resume(Row& row, const schema::TicketResumed& resumed, TimestampUs now) {
  row.state = row.first_responded_at ? TicketStage::InProgress : TicketStage::Assigned;
  row.paused_at = flatbuffers::nullopt;
  row.hold_seconds += resumed.hold_seconds();
  take_clock(row, resumed.clock(), now);
}

void reopen(Row& row, const schema::TicketReopened& reopened, TimestampUs now) {
  row.state = TicketStage::InProgress;
  row.resolution = SlaOutcome::pending;
  ++row.reopened;
  row.hold_seconds += reopened.hold_seconds();
  take_clock(row, reopened.clock(), now);
  // Missed for good: the deadline did not move ahead.
  if (row.resolution_due && *row.resolution_due <= now) row.resolution = SlaOutcome::missed;
}

void change(const schema::TicketEvents& e, Row& row, TimestampUs now) {
  switch (e.event_type()) {
    case TicketEvent::TicketAssigned:
      row.owner = string_of(e.event_as_TicketAssigned()->owner());
      if (row.state == TicketStage::New) row.state = TicketStage::Assigned;
      if (e.event_as_TicketAssigned()->reassigned()) ++row.reassigned;
      break;
    case TicketEvent::TicketFirstResponded:
      respond(row, *e.event_as_TicketFirstResponded(), now);
      break;
    case TicketEvent::TicketPaused:
      pause(row, e.event_as_TicketPaused()->reason(), now);
      break;
    case TicketEvent::TicketResumed:
      resume(row, *e.event_as_TicketResumed(), now);
      break;
    case TicketEvent::TicketEscalated:
      row.escalation_level = e.event_as_TicketEscalated()->level();
      break;
    case TicketEvent::TicketPriorityChanged:
      row.priority = e.event_as_TicketPriorityChanged()->to();
      // On hold the clock shows the instant at which it was stopped.
      take_clock(row, e.event_as_TicketPriorityChanged()->clock(),
                 row.paused_at ? *row.paused_at : now);
      break;
    case TicketEvent::TicketResolved:
      row.state = TicketStage::Resolved;
      row.resolution =
          e.event_as_TicketResolved()->resolution_met() ? SlaOutcome::met : SlaOutcome::missed;
      break;
    case TicketEvent::TicketClosed:
      row.state = TicketStage::Closed;
      row.satisfaction = e.event_as_TicketClosed()->satisfaction();
      break;
    case TicketEvent::TicketReopened:
      reopen(row, *e.event_as_TicketReopened(), now);
      break;
    case TicketEvent::TicketMerged:
      row.state = TicketStage::Merged;
      break;
    case TicketEvent::TicketCancelled:
      row.state = TicketStage::Cancelled;
      break;
    case TicketEvent::SlaBreached:
      (e.event_as_SlaBreached()->kind() == schema::SlaKind::Response ? row.response
                                                                     : row.resolution) =
          SlaOutcome::missed;
      break;
    case TicketEvent::NONE:
    case TicketEvent::TicketOpened:
    case TicketEvent::TicketReplied:
    case TicketEvent::SlaWarningRaised:
      break;
  }
}

Status fold(const EventView& event, Tables& tables) {
  const auto& e = *event.envelope.payload_as_TicketEvents();
  if (e.event_type() == TicketEvent::NONE || e.event_type() > TicketEvent::MAX)
    return unknown_event(event);
  Row& row = tables.of<Row>().put(event.aggregate_id);
  if (const auto* opened = e.event_as_TicketOpened()) {
    open(event, *opened, row);
    ++day_of(tables, row).opened;
    return {};
  }
  Daily& daily = day_of(tables, row);
  count(daily, row, -1);
  change(e, row, event.occurred_at());
  count(daily, row, 1);
  return {};
}

void indexes_of(const Row& row, IndexWriter& out) {
  out.add(0, "all", row.opened_at);
  out.add(1, enum_group(row.state), row.opened_at);
  out.add(2, row.customer_id, row.opened_at);
  const bool missed = row.response == SlaOutcome::missed || row.resolution == SlaOutcome::missed;
  const bool met = row.response == SlaOutcome::met && row.resolution == SlaOutcome::met;
  if (missed || met || is_active(row)) {
    out.add(3, missed ? "missed" : met ? "met" : "pending", row.opened_at);
  }
}

bool is_past(const flatbuffers::Optional<std::int64_t>& due, TimestampUs now) {
  return due && *due < now;
}

// The first that holds (domain.md 3.15). A clock on hold does not pass its deadlines.
schema::SlaStatus status_of(const Row& row, TimestampUs now) {
  const bool runs = is_active(row) && !is_paused(row);
  const bool late = runs && ((!row.first_responded_at && is_past(row.response_due, now)) ||
                             is_past(row.resolution_due, now));
  if (late || row.response == SlaOutcome::missed || row.resolution == SlaOutcome::missed) {
    return schema::SlaStatus::failed;
  }
  if (is_paused(row)) return schema::SlaStatus::paused;
  if (runs) {
    return row.first_responded_at ? schema::SlaStatus::resolution_due
                                  : schema::SlaStatus::first_response_due;
  }
  const bool done = row.state == TicketStage::Resolved || row.state == TicketStage::Closed;
  return done ? schema::SlaStatus::fulfilled : schema::SlaStatus::none;
}

std::string with_status(std::string bytes, TimestampUs as_of) {
  Row row;
  flatbuffers::GetRoot<schema::TicketSlaRow>(bytes.data())->UnPackTo(&row);
  row.sla_status = status_of(row, as_of);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::TicketSlaRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

void index_daily(const Daily& row, IndexWriter& out) { out.add(0, "all", row.day); }

std::string with_rates(std::string bytes, TimestampUs) {
  Daily row;
  flatbuffers::GetRoot<schema::TicketSlaDailyRow>(bytes.data())->UnPackTo(&row);
  const auto rate = [](std::int64_t met,
                       std::int64_t missed) -> flatbuffers::Optional<std::int32_t> {
    if (met + missed == 0) return flatbuffers::nullopt;
    return static_cast<std::int32_t>(part_of(1'000'000, met, met + missed));
  };
  row.response_met_ppm = rate(row.response_met, row.response_missed);
  row.resolution_met_ppm = rate(row.resolution_met, row.resolution_missed);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::TicketSlaDailyRow::Pack(builder, &row));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

Result<IndexQuery> plan(const Parameters& parameters) {
  IndexQuery query{.table = "TicketSlaRow", .index = "all", .group = "all"};
  for (const auto& [name, value] : parameters) {
    if (name == "state") {
      query.index = "state";
      query.group = enum_group(*enum_of<TicketStage>(value, schema::EnumNamesTicketStage())).take();
    } else if (name == "customer_id") {
      query.index = "customer";
      query.group = value;
    } else {
      query.index = "sla";
      query.group = value;
    }
  }
  return query;
}

}  // namespace

ModelDefinition tickets_model() {
  ModelDefinition model;
  model.name = "tickets";
  model.version = 2;
  model.wants = events_of({schema::AnyEvent::TicketEvents});
  model.tables = {
      define_table<Row>("TicketSlaRow", {{"all"}, {"state"}, {"customer"}, {"sla"}}, indexes_of),
      define_table<Daily>("TicketSlaDailyRow", {{"all"}}, index_daily)};
  model.fold = fold;
  ReportDefinition tickets;
  tickets.descriptor.name = "ticket_sla";
  tickets.descriptor.description = "Tickets with their deadlines and whether they were met.";
  tickets.descriptor.row_table = "TicketSlaRow";
  tickets.descriptor.key = "ticket_id";
  tickets.descriptor.exclusive = true;
  tickets.descriptor.filters = {
      {"state", FilterKind::Choice, "Only tickets in this state.",
       choices_of(schema::EnumNamesTicketStage()), false, ""},
      {"customer_id", FilterKind::Text, "Only this customer's.", {}, false, ""},
      {"sla",
       FilterKind::Choice,
       "Both deadlines met, one missed, or not decided.",
       {"met", "missed", "pending"},
       false,
       ""}};
  tickets.plan = plan;
  tickets.finish = with_status;
  ReportDefinition daily;
  daily.descriptor.name = "ticket_sla_daily";
  daily.descriptor.description = "Deadlines met and missed, by the day the tickets were opened.";
  daily.descriptor.row_table = "TicketSlaDailyRow";
  daily.descriptor.filters = {{"from", FilterKind::Date, "The first day.", {}, false, ""},
                              {"to", FilterKind::Date, "The last day.", {}, false, ""}};
  daily.plan = [](const Parameters& parameters) -> Result<IndexQuery> {
    IndexQuery query{.table = "TicketSlaDailyRow", .index = "all", .group = "all"};
    if (const auto from = parameters.find("from"); from != parameters.end()) {
      query.from = Key().i64(*day_from_text(from->second)).take();
    }
    if (const auto to = parameters.find("to"); to != parameters.end()) {
      query.until = Key().i64(*day_from_text(to->second) + 1).take();
    }
    return query;
  };
  daily.finish = with_rates;
  model.reports = {std::move(tickets), std::move(daily)};
  return model;
}

}  // namespace orderlog::projections
