// The service clock: budgets per priority and calendar, hold, warnings and breaches
// (domain.md 4.22, P14 with its vectors from frappe/helpdesk PR#2449, #2214, erpnext PR#47884,
// PR#49414).
#include "tests/engine/service/ticket_builders.h"

namespace orderlog::engine::test {
namespace {

void expect_breach(Ticket& ticket, schema::SlaKind kind, std::uint32_t level) {
  EXPECT_EQ(ticket.then<schema::SlaBreachedT>().kind, kind);
  const auto& escalated = ticket.then<schema::TicketEscalatedT>();
  EXPECT_EQ(escalated.level, level);
  EXPECT_FALSE(escalated.cause.empty());
}

struct OpeningVector {
  TicketPriority priority;
  const char* opened;
  const char* response_warn;
  const char* response_due;
  const char* resolution_due;
};

TEST(SlaClock, BudgetsRunInWorkingHours) {
  const OpeningVector vectors[] = {
      {TicketPriority::Urgent, "2024-01-15 12:00", "2024-01-15T12:22:30Z", "2024-01-15T12:30:00Z",
       "2024-01-15T14:00:00Z"},
      {TicketPriority::High, "2024-01-15 12:00", "2024-01-15T12:45:00Z", "2024-01-15T13:00:00Z",
       "2024-01-15T16:00:00Z"},
      {TicketPriority::Medium, "2024-01-15 12:00", "2024-01-15T18:00:00Z", "2024-01-16T12:00:00Z",
       "2024-01-18T12:00:00Z"},
      {TicketPriority::Low, "2024-01-15 12:00", "2024-01-17T14:00:00Z", "2024-01-18T12:00:00Z",
       "2024-01-26T12:00:00Z"},
      // Friday evening: Monday morning.
      {TicketPriority::High, "2024-01-19 17:30", "2024-01-22T10:15:00Z", "2024-01-22T10:30:00Z",
       "2024-01-22T13:30:00Z"},
      // On a Saturday and before opening, the clock starts when the desk opens.
      {TicketPriority::Urgent, "2024-01-20 12:00", "2024-01-22T10:22:30Z", "2024-01-22T10:30:00Z",
       "2024-01-22T12:00:00Z"},
      {TicketPriority::Urgent, "2024-01-15 03:00", "2024-01-15T10:22:30Z", "2024-01-15T10:30:00Z",
       "2024-01-15T12:00:00Z"},
  };
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector.opened);
    Ticket ticket("T-1");
    ticket.at(when_is(vector.opened)).when(open_ticket(vector.priority));
    const auto& clock = *ticket.then<schema::TicketOpenedT>().clock;
    EXPECT_EQ(text_of(clock.response_warn), vector.response_warn);
    EXPECT_EQ(text_of(clock.response_due), vector.response_due);
    EXPECT_EQ(text_of(clock.resolution_due), vector.resolution_due);
    EXPECT_EQ(ticket.deadline(), *clock.response_warn);
  }
}

TEST(SlaClock, HolidaysAndTiers) {
  Ticket ticket("T-1");
  WorkingCalendar gold;
  gold.zone = "Asia/Shanghai";
  gold.weekday_mask = every_day;
  gold.open_minute = 9 * 60;
  gold.close_minute = 21 * 60;
  gold.holidays = {day_from_text("2024-01-16").value()};
  ticket.policy.sla.calendars.emplace("gold", gold);
  // 12:00 UTC is 20:00 there: one hour is left, the next day is a holiday.
  ticket.when(open_ticket(TicketPriority::Urgent, "gold"));
  const auto& clock = *ticket.then<schema::TicketOpenedT>().clock;
  EXPECT_EQ(text_of(clock.response_due), "2024-01-15T12:30:00Z");
  EXPECT_EQ(text_of(clock.resolution_due), "2024-01-17T02:00:00Z");

  Ticket unknown("T-1");
  unknown.when(open_ticket(TicketPriority::Urgent, "platinum"));
  EXPECT_EQ(text_of(unknown.then<schema::TicketOpenedT>().clock->resolution_due),
            "2024-01-15T14:00:00Z");
}

TEST(SlaClock, TheTierIsTheCustomersUnlessGiven) {
  Ticket ticket("T-1");
  schema::CustomerStateT customer;
  customer.profile = std::make_unique<schema::CustomerProfileT>();
  customer.profile->value_class = "gold";
  ticket.reference.customers.emplace("C-1", customer);
  ticket.when(open_ticket(TicketPriority::Low));
  EXPECT_EQ(ticket.then<schema::TicketOpenedT>().tier, "gold");
  Ticket given("T-1");
  given.reference.customers.emplace("C-1", customer);
  given.when(open_ticket(TicketPriority::Low, "silver"));
  EXPECT_EQ(given.then<schema::TicketOpenedT>().tier, "silver");
}

TEST(SlaClock, ADayThatIsAnHourShorter) {
  Ticket ticket("T-1");
  WorkingCalendar night;
  night.zone = "Europe/Berlin";
  night.weekday_mask = every_day;
  night.open_minute = 60;
  night.close_minute = 5 * 60;
  ticket.policy.sla.calendars[""] = night;
  // 2024-03-31: 02:00 to 03:00 does not exist, the shift has three hours.
  ticket.at(when_is("2024-03-30 22:00")).when(open_ticket(TicketPriority::High));
  const auto& clock = *ticket.then<schema::TicketOpenedT>().clock;
  EXPECT_EQ(text_of(clock.response_due), "2024-03-31T01:00:00Z");
  EXPECT_EQ(text_of(clock.resolution_due), "2024-04-01T00:00:00Z");
}

TEST(SlaTimer, WarnsThenBreachesThenRests) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::High)).then_ignore();
  ticket.as_system().at(when_is("2024-01-15 12:44")).when(check_sla()).then_nothing();
  ticket.when_due(check_sla());
  const auto& warning = ticket.then<schema::SlaWarningRaisedT>();
  EXPECT_EQ(warning.kind, schema::SlaKind::Response);
  EXPECT_EQ(timestamp_to_text(warning.due), "2024-01-15T13:00:00Z");
  EXPECT_EQ(text_of(ticket.deadline()), "2024-01-15T13:00:00Z");
  ticket.when_due(check_sla());
  expect_breach(ticket, schema::SlaKind::Response, 1);
  EXPECT_EQ(text_of(ticket.deadline()), "2024-01-15T15:00:00Z");
  ticket.when_due(check_sla());
  EXPECT_EQ(ticket.then<schema::SlaWarningRaisedT>().kind, schema::SlaKind::Resolution);
  ticket.when_due(check_sla());
  expect_breach(ticket, schema::SlaKind::Resolution, 2);
  EXPECT_FALSE(ticket.deadline());
  ticket.as_system().at(when_is("2024-02-15 12:00")).when(check_sla()).then_nothing();
}

TEST(SlaTimer, ALateTimerSkipsTheWarningOfWhatIsMissed) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::High)).then_ignore();
  ticket.as_system().at(when_is("2024-01-15 15:30")).when(check_sla());
  expect_breach(ticket, schema::SlaKind::Response, 1);
  EXPECT_EQ(ticket.then<schema::SlaWarningRaisedT>().kind, schema::SlaKind::Resolution);
}

TEST(SlaTimer, AnAnswerStopsTheResponseClock) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::High)).then_ignore();
  ticket.when(assign("ann")).then_ignore();
  ticket.at(when_is("2024-01-15 13:00")).when(respond());
  // Exactly at the deadline is in time; the warning was due meanwhile.
  EXPECT_EQ(ticket.then<schema::SlaWarningRaisedT>().kind, schema::SlaKind::Response);
  EXPECT_TRUE(ticket.then<schema::TicketFirstRespondedT>().response_met);
  EXPECT_EQ(text_of(ticket.deadline()), "2024-01-15T15:00:00Z");
}

TEST(SlaTimer, WhoActsAfterTheDeadlineFindsItMissed) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::High)).then_ignore();
  ticket.when(assign("ann")).then_ignore();
  ticket.at(when_is("2024-01-15 13:01")).when(respond());
  expect_breach(ticket, schema::SlaKind::Response, 1);
  EXPECT_FALSE(ticket.then<schema::TicketFirstRespondedT>().response_met);
  ticket.at(when_is("2024-01-15 16:01")).when(resolve());
  expect_breach(ticket, schema::SlaKind::Resolution, 2);
  EXPECT_FALSE(ticket.then<schema::TicketResolvedT>().resolution_met);
}

// helpdesk PR#2449: hold is added to what is left, in working time, not to the start.
TEST(P14, HoldOverAWeekendMovesTheDeadlineByWorkingTimeOnly) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Medium);  // resolution due Thursday 12:00
  ticket.at(when_is("2024-01-18 10:00")).when(pause()).then_ignore();  // 2 h are left
  EXPECT_FALSE(ticket.deadline());
  ticket.as_system().when(check_sla()).then_nothing();
  ticket.as("ann", Role::Service).at(when_is("2024-01-22 11:00")).when(resume());
  const auto& resumed = ticket.then<schema::TicketResumedT>();
  EXPECT_EQ(resumed.hold_seconds, (8 + 8 + 1) * 3600);
  EXPECT_EQ(text_of(resumed.clock->resolution_due), "2024-01-22T13:00:00Z");
  // Its warning (18 of 24 h) was due at 14:00 on Wednesday: that stays.
  EXPECT_EQ(text_of(resumed.clock->resolution_warn), "2024-01-17T14:00:00Z");
}

TEST(P14, HoldOutsideWorkingHoursIsNoHold) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Medium);
  ticket.at(when_is("2024-01-15 18:00")).when(pause()).then_ignore();
  ticket.at(when_is("2024-01-16 10:00")).when(resume());
  const auto& resumed = ticket.then<schema::TicketResumedT>();
  EXPECT_EQ(resumed.hold_seconds, 0);
  EXPECT_EQ(text_of(resumed.clock->resolution_due), "2024-01-18T12:00:00Z");
}

TEST(P14, HoldBeforeTheAnswerStopsBothClocks) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::High)).then_ignore();
  ticket.when(assign("ann")).then_ignore();
  ticket.at(when_is("2024-01-15 12:30")).when(pause()).then_ignore();
  ticket.at(when_is("2024-01-15 14:30")).when(resume());
  const auto& resumed = ticket.then<schema::TicketResumedT>();
  EXPECT_EQ(text_of(resumed.clock->response_warn), "2024-01-15T14:45:00Z");
  EXPECT_EQ(text_of(resumed.clock->response_due), "2024-01-15T15:00:00Z");
  EXPECT_EQ(text_of(resumed.clock->resolution_due), "2024-01-15T18:00:00Z");
}

TEST(P14, AMissedDeadlineIsNotRevivedByHold) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::High);  // due 16:00
  ticket.at(when_is("2024-01-15 16:30")).when(pause());
  expect_breach(ticket, schema::SlaKind::Resolution, 1);
  ticket.then<schema::TicketPausedT>();
  ticket.at(when_is("2024-01-16 12:00")).when(resume());
  EXPECT_EQ(text_of(ticket.then<schema::TicketResumedT>().clock->resolution_due),
            "2024-01-15T16:00:00Z");
  EXPECT_FALSE(ticket.deadline());
  ticket.when(resolve());
  EXPECT_FALSE(ticket.then<schema::TicketResolvedT>().resolution_met);
}

TEST(P14, ResolvedOnHoldCountsWhenTheClockStopped) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::High);
  ticket.at(when_is("2024-01-15 15:00")).when(pause()).then_ignore();
  ticket.at(when_is("2024-01-17 11:00")).when(resolve());
  EXPECT_EQ(ticket.then<schema::TicketResumedT>().hold_seconds, (3 + 8 + 1) * 3600);
  EXPECT_TRUE(ticket.then<schema::TicketResolvedT>().resolution_met);
}

TEST(P14, APriorityChangeCountsFromTheOpening) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Low)).then_ignore();
  ticket.when(assign("ann")).then_ignore();
  ticket.at(when_is("2024-01-15 12:30")).when(pause()).then_ignore();
  ticket.at(when_is("2024-01-15 13:30")).when(resume()).then_ignore();
  ticket.at(when_is("2024-01-15 14:30")).when(change_priority(TicketPriority::High));
  const auto& changed = ticket.then<schema::TicketPriorityChangedT>();
  EXPECT_EQ(changed.from, TicketPriority::Low);
  EXPECT_EQ(changed.to, TicketPriority::High);
  // 12:00 + 1 h on hold + 1 h, and + 4 h.
  EXPECT_EQ(text_of(changed.clock->response_due), "2024-01-15T14:00:00Z");
  EXPECT_EQ(text_of(changed.clock->resolution_due), "2024-01-15T17:00:00Z");
  // The response is late by the new measure, at once.
  ticket.when_due(check_sla());
  expect_breach(ticket, schema::SlaKind::Response, 1);
  // Back to Low nothing is missed any more, and the clock is watched again.
  ticket.when(change_priority(TicketPriority::Low)).then_ignore();
  EXPECT_FALSE(ticket.state().response_breached);
  EXPECT_EQ(text_of(ticket.deadline()), "2024-01-17T15:00:00Z");
  ticket.when(change_priority(TicketPriority::Low)).then_nothing();
  ticket.when(change_priority(TicketPriority::None))
      .then_rejected(RejectionCode::InvalidArgument, "/priority");
}

TEST(P14, APriorityChangeDoesNotJudgeTheResponseAgain) {
  Ticket ticket("T-1");
  ticket.when(open_ticket(TicketPriority::Medium)).then_ignore();
  ticket.when(assign("ann")).then_ignore();
  ticket.at(when_is("2024-01-15 17:00")).when(respond()).then_ignore();
  ticket.when(change_priority(TicketPriority::Urgent));
  const auto& changed = ticket.then<schema::TicketPriorityChangedT>();
  EXPECT_EQ(text_of(changed.clock->response_due), "2024-01-16T12:00:00Z");
  EXPECT_EQ(text_of(changed.clock->resolution_due), "2024-01-15T14:00:00Z");
  EXPECT_TRUE(ticket.state().response_met);
}

TEST(P14, APriorityChangeOnHold) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Low);
  ticket.at(when_is("2024-01-15 15:00")).when(pause()).then_ignore();
  ticket.at(when_is("2024-01-15 17:00")).when(change_priority(TicketPriority::High));
  EXPECT_EQ(text_of(ticket.then<schema::TicketPriorityChangedT>().clock->resolution_due),
            "2024-01-15T16:00:00Z");
  EXPECT_FALSE(ticket.deadline());
  // The clock stopped at 15:00 with an hour left.
  ticket.at(when_is("2024-01-16 10:00")).when(resume());
  EXPECT_EQ(text_of(ticket.then<schema::TicketResumedT>().clock->resolution_due),
            "2024-01-16T11:00:00Z");
}

TEST(P14, TheTimeBetweenResolvedAndReopenedIsHold) {
  Ticket ticket("T-1");
  start(ticket, TicketPriority::Medium);  // due Thursday 12:00
  ticket.at(when_is("2024-01-16 12:00")).when(resolve()).then_ignore();
  ticket.when(close()).then_ignore();
  ticket.at(when_is("2024-01-23 12:00")).when(reopen());
  const auto& reopened = ticket.then<schema::TicketReopenedT>();
  EXPECT_EQ(reopened.hold_seconds, 5 * 8 * 3600);
  EXPECT_EQ(text_of(reopened.clock->resolution_due), "2024-01-25T12:00:00Z");
  // A priority change afterwards comes to the same.
  ticket.when(change_priority(TicketPriority::High)).then_ignore();
  ticket.when(change_priority(TicketPriority::Medium));
  EXPECT_EQ(text_of(ticket.then<schema::TicketPriorityChangedT>().clock->resolution_due),
            "2024-01-25T12:00:00Z");
}

}  // namespace
}  // namespace orderlog::engine::test
