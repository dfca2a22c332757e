// Random lives of a ticket: whatever is paused, resumed, reprioritised and reopened, a deadline is
// the budget plus the hold away from the opening, counted in working seconds.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/engine/service/ticket_builders.h"

namespace orderlog::engine::test {
namespace {

// rapidcheck starts with small sizes, which would try little more than one step: always the whole
// range.
template <class Int>
Int pick(Int from, Int to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Int>(from, to));
}

WorkingCalendar some_calendar() {
  WorkingCalendar calendar;
  calendar.zone = *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York",
                                                 "Australia/Lord_Howe");
  calendar.weekday_mask = static_cast<std::uint8_t>(pick(1, 128));
  calendar.open_minute = pick(0, 1'380);
  calendar.close_minute = pick(calendar.open_minute + 30, 1'441);
  Day day = utc_day(scenario_start);
  for (int n = pick(0, 4); n > 0; --n) {
    day += pick(1, 20);
    calendar.holidays.push_back(day);
  }
  return calendar;
}

void run_timers(Ticket& ticket, TimestampUs until) {
  for (int guard = 0; guard < 10; ++guard) {
    const auto deadline = ticket.deadline();
    if (!deadline || *deadline > until) return;
    ticket.as_system().at(*deadline).when(check_sla()).then_ignore();
  }
  FAIL() << "the timers do not come to rest";
}

// Whether the deadline was still ahead whenever the clock was stopped; else hold may not move it.
bool missed(const Ticket& ticket) {
  return ticket.state().resolution_breached || ticket.state().response_breached;
}

RC_GTEST_PROP(SlaProperty, DueIsBudgetPlusHoldAfterTheOpening, ()) {
  Ticket ticket("T-1");
  const WorkingCalendar calendar = some_calendar();
  ticket.policy.sla.calendars[""] = calendar;
  TimestampUs now = scenario_start + pick<std::int64_t>(0, 400 * us_per_day);
  const auto priority = [] { return static_cast<TicketPriority>(pick(1, 5)); };
  ticket.at(now).when(open_ticket(priority())).then_ignore();
  const TimestampUs opened = now;
  ticket.when(assign("ann")).then_ignore();
  const int steps = pick(1, 15);
  for (int n = 0; n < steps && !missed(ticket); ++n) {
    now += pick<std::int64_t>(0, 6 * us_per_hour);
    run_timers(ticket, now);
    if (missed(ticket)) break;
    ticket.as("ann", Role::Service).at(now);
    const TicketStage stage = ticket.state().stage;
    if (stage == TicketStage::Resolved) {
      ticket.when(reopen()).then_ignore();
    } else if (ticket::is_paused(stage)) {
      ticket.when(resume()).then_ignore();
    } else if (pick(0, 2) == 0) {
      ticket.when(pause()).then_ignore();
    } else if (ticket.state().responded) {
      ticket.when(resolve()).then_ignore();
    } else {
      ticket.when(change_priority(priority())).then_ignore();
    }
    if (missed(ticket) || !ticket::is_running(ticket.state().stage)) continue;
    const auto& state = ticket.state();
    const auto index = static_cast<std::size_t>(state.priority);
    const auto resolution =
        working_seconds_between(calendar, ticket::tick(opened), *state.clock->resolution_due);
    RC_ASSERT(resolution.ok());
    RC_ASSERT(*resolution == ticket.policy.sla.resolution_seconds[index] + state.hold_seconds);
    if (pick(0, 4) == 0 && !state.responded && now <= *state.clock->response_due) {
      const auto response =
          working_seconds_between(calendar, ticket::tick(opened), *state.clock->response_due);
      RC_ASSERT(*response == ticket.policy.sla.response_seconds[index] + state.hold_seconds);
      ticket.when(respond()).then_ignore();
    }
  }
}

RC_GTEST_PROP(SlaProperty, EachDeadlineIsRaisedOnceAndTheTimersRest, ()) {
  Ticket ticket("T-1");
  ticket.policy.sla.calendars[""] = some_calendar();
  ticket.when(open_ticket(static_cast<TicketPriority>(pick(1, 5)))).then_ignore();
  int warnings = 0, breaches = 0, escalations = 0;
  TimestampUs last = ticket.now();
  while (const auto deadline = ticket.deadline()) {
    RC_ASSERT(*deadline > last);
    last = *deadline;
    ticket.as_system().at(last).when(check_sla());
    for (const auto& event : ticket.decision().events()) {
      warnings += event.type == schema::TicketEvent::SlaWarningRaised;
      breaches += event.type == schema::TicketEvent::SlaBreached;
      escalations += event.type == schema::TicketEvent::TicketEscalated;
    }
    ticket.then_ignore();
  }
  RC_ASSERT(warnings == 2);
  RC_ASSERT(breaches == 2);
  RC_ASSERT(escalations == 2);
}

}  // namespace
}  // namespace orderlog::engine::test
