// lead_funnel, ticket_sla, customer_360 and audit_trail.
#include <gtest/gtest.h>

#include "events/schema/read_models_desk_generated.h"
#include "projections/models/audit_trail.h"
#include "projections/models/customer_360.h"
#include "projections/models/lead_funnel.h"
#include "projections/models/tickets.h"
#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

Money eur(std::int64_t minor) { return Money(minor, schema::Currency::EUR); }

// ---- lead_funnel

struct LeadFunnel : ::testing::Test {
  using Row = schema::LeadFunnelRowT;
  World world{{lead_funnel_model()}};
  WrittenLog& log = world.written;

  void capture(const std::string& id, const std::string& source, Money cost,
               schema::LeadGrade grade) {
    schema::LeadCapturedT captured;
    captured.channel = "web";
    captured.source = source;
    captured.cost = cost;
    log.add(id, std::move(captured));
    schema::LeadScoredT scored;
    scored.grade = grade;
    log.add(id, std::move(scored));
  }
  std::vector<Row> rows(Parameters parameters = {}) {
    world.catch_up();
    return world.rows<Row>("lead_funnel", std::move(parameters));
  }
};

TEST_F(LeadFunnel, OneRowForEachSourceAndGradeThatHasLeads) {
  capture("L-1", "fair", usd(100), schema::LeadGrade::A);
  capture("L-2", "fair", eur(7), schema::LeadGrade::A);
  capture("L-3", "referral", Money(), schema::LeadGrade::C);
  const auto at = log.now;
  log.now += 3 * us_per_hour;
  schema::LeadFollowedUpT followed;
  followed.first = true;
  followed.captured_at = at;
  log.add("L-1", std::move(followed));
  log.add("L-1", schema::LeadConvertedT());
  ASSERT_EQ(rows().size(), 2U);  // none for the leads before their score
  const Row fair = rows({{"source", "fair"}}).at(0);
  EXPECT_EQ(fair.captured, 2);
  EXPECT_EQ(fair.contacted, 1);
  EXPECT_EQ(*fair.hours_to_first_contact, 3);
  EXPECT_EQ(*fair.conversion_ppm, 500'000);
  ASSERT_EQ(fair.costs.size(), 2U);
  EXPECT_EQ(fair.cost, fair.costs[0]);
  EXPECT_EQ(rows({{"grade", "C"}}).at(0).source, "referral");
  EXPECT_TRUE(rows({{"grade", "B"}}).empty());
}

// ---- ticket_sla

struct Tickets : ::testing::Test {
  using Row = schema::TicketSlaRowT;
  World world{{tickets_model()}};
  WrittenLog& log = world.written;

  std::unique_ptr<schema::SlaClockT> clock(std::int64_t response_hours,
                                           std::int64_t resolution_hours) {
    schema::SlaClockT clock;
    clock.response_due = log.now + response_hours * us_per_hour;
    clock.resolution_due = log.now + resolution_hours * us_per_hour;
    return own(std::move(clock));
  }
  void SetUp() override {
    schema::TicketOpenedT opened;
    opened.customer_id = "ACME";
    opened.kind = schema::TicketKind::Service;
    opened.priority = schema::TicketPriority::High;
    opened.clock = clock(1, 4);
    log.add("T-1", std::move(opened));
    schema::TicketAssignedT assigned;
    assigned.owner = "sue";
    log.add("T-1", std::move(assigned));
  }
  void pause() {
    schema::TicketPausedT paused;
    paused.reason = schema::PauseReason::WaitingCustomer;
    log.add("T-1", std::move(paused));
  }
  void resume(std::int64_t seconds) {
    schema::TicketResumedT resumed;
    resumed.hold_seconds = seconds;
    resumed.clock = clock(1, 4);
    log.add("T-1", std::move(resumed));
  }
  void respond() {
    schema::TicketFirstRespondedT responded;
    responded.response_met = true;
    log.add("T-1", std::move(responded));
  }
  Row row() {
    world.catch_up();
    return world.row<Row>("ticket_sla", "T-1");
  }
};

TEST_F(Tickets, HoldsAddUp) {
  pause();
  resume(100);
  EXPECT_EQ(row().state, schema::TicketStage::Assigned);
  respond();
  pause();
  resume(50);
  EXPECT_EQ(row().state, schema::TicketStage::InProgress);
  EXPECT_EQ(row().hold_seconds, 150);
}

TEST_F(Tickets, AnAnswerLeavesATicketOnHold) {
  pause();
  respond();
  EXPECT_EQ(row().state, schema::TicketStage::WaitingCustomer);
  EXPECT_EQ(row().response, schema::SlaOutcome::met);
}

TEST_F(Tickets, StatusIsTheFirstThatHolds) {
  using schema::SlaStatus;
  EXPECT_EQ(row().sla_status, SlaStatus::first_response_due);
  respond();
  EXPECT_EQ(row().sla_status, SlaStatus::resolution_due);
  pause();
  log.now += 10 * us_per_hour;
  EXPECT_EQ(row().sla_status, SlaStatus::paused);  // the clock stands
  resume(36'000);
  EXPECT_EQ(row().sla_status, SlaStatus::resolution_due);
  log.now += 5 * us_per_hour;
  EXPECT_EQ(row().sla_status, SlaStatus::failed);
  schema::TicketPriorityChangedT changed;
  changed.to = schema::TicketPriority::Low;
  changed.clock = clock(24, 72);
  log.add("T-1", std::move(changed));
  EXPECT_EQ(row().sla_status, SlaStatus::resolution_due);
  schema::TicketResolvedT resolved;
  resolved.resolution_met = true;
  log.add("T-1", std::move(resolved));
  EXPECT_EQ(row().sla_status, SlaStatus::fulfilled);
}

TEST_F(Tickets, ADeadlineThatLiesAheadAgainIsNotMissed) {
  schema::SlaBreachedT breached;
  breached.kind = schema::SlaKind::Response;
  log.add("T-1", std::move(breached));
  EXPECT_EQ(row().response, schema::SlaOutcome::missed);
  schema::TicketPriorityChangedT changed;
  changed.to = schema::TicketPriority::Low;
  changed.clock = clock(24, 72);
  log.add("T-1", std::move(changed));
  EXPECT_EQ(row().response, schema::SlaOutcome::pending);
  using Daily = schema::TicketSlaDailyRowT;
  world.catch_up();
  EXPECT_EQ(world.rows<Daily>("ticket_sla_daily").at(0).response_missed, 0);
  EXPECT_EQ(world.rows<Daily>("ticket_sla_daily", {{"to", "2024-01-15"}}).size(), 1U);
  EXPECT_TRUE(world.rows<Daily>("ticket_sla_daily", {{"from", "2024-01-16"}}).empty());
}

// ---- customer_360

struct Customers : ::testing::Test {
  using Row = schema::Customer360RowT;
  World world{{customer_360_model()}, 3};
  WrittenLog& log = world.written;
  OrderStory order{log, "O-1", "ACME", {{.promised = day("2024-01-20")}}};

  Row row() {
    world.catch_up();
    return world.row<Row>("customer_360", "ACME");
  }
};

TEST_F(Customers, OrdersCountOnceWithWhatIsLeftOfThem) {
  order.place();
  order.cancel(1, 4, day("2024-01-16"));
  order.approve();
  EXPECT_EQ(row().orders, 1);
  EXPECT_EQ(row().ordered_net, usd(6'000));
  order.cancel_order();
  EXPECT_EQ(row().ordered_net, usd(0));
  EXPECT_EQ(row().cancelled_orders, 1);
}

TEST_F(Customers, AmountsAreKeptByCurrency) {
  order.place();
  schema::InvoiceIssuedT issued;
  issued.customer_id = "ACME";
  issued.total = eur(500);
  log.add("I-1", std::move(issued));
  EXPECT_EQ(row().amounts.size(), 2U);
  schema::CustomerRegisteredT registered;
  registered.profile = own(schema::CustomerProfileT());
  registered.profile->currency = schema::Currency::EUR;
  log.add("ACME", std::move(registered));
  EXPECT_EQ(row().invoiced, eur(500));
  EXPECT_EQ(row().ordered_net, eur(0));
}

TEST_F(Customers, ServiceHistory) {
  schema::TicketOpenedT opened;
  opened.customer_id = "ACME";
  log.add("T-1", std::move(opened));
  EXPECT_EQ(row().open_tickets, 1);
  EXPECT_EQ(*row().last_ticket_at, start_of_tests);
  schema::TicketClosedT closed;
  closed.satisfaction = 4;
  log.add("T-1", std::move(closed));
  EXPECT_EQ(row().open_tickets, 0);
  EXPECT_EQ(row().satisfaction_sum, 4);
  log.add("T-1", schema::TicketReopenedT());
  EXPECT_EQ(row().open_tickets, 1);
  EXPECT_EQ(row().tickets, 1);
}

// ---- audit_trail

struct AuditTrail : ::testing::Test {
  using Row = schema::AuditTrailRowT;
  World world{{audit_trail_model()}};
  WrittenLog& log = world.written;

  void release(const std::string& order, schema::HoldReason reason) {
    schema::OrderHoldReleasedT event;
    event.reason = reason;
    log.add(order, std::move(event));
  }
  std::vector<Row> rows(Parameters parameters = {}) {
    world.catch_up();
    return world.rows<Row>("audit_trail", std::move(parameters));
  }
};

TEST_F(AuditTrail, TellsReleasesAndOverrides) {
  release("O-1", schema::HoldReason::Credit);
  release("O-1", schema::HoldReason::Manual);
  EXPECT_EQ(rows({{"state", "hold_released"}}).size(), 2U);
  const auto overridden = rows({{"state", "overridden"}});
  ASSERT_EQ(overridden.size(), 1U);
  EXPECT_EQ(overridden[0].detail, "Credit: ");
}

TEST_F(AuditTrail, ARefusalIsFoundWithItsAggregate) {
  release("O-1", schema::HoldReason::Credit);
  schema::CommandRefusedT refused;
  refused.command = "ReleaseHold";
  refused.aggregate = "Order";
  refused.refused_id = "O-1";
  refused.reason = "the hold is for the credit officer";
  log.add("audit", std::move(refused));
  const auto found = rows({{"aggregate", "Order"}, {"aggregate_id", "O-1"}});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].refused);  // the newest first
  EXPECT_EQ(found[0].what, "CommandRefused");
  EXPECT_TRUE(rows({{"aggregate", "Order"}, {"aggregate_id", "O-2"}}).empty());
  EXPECT_EQ(rows({{"from", "2024-01-15"}, {"to", "2024-01-15"}}).size(), 2U);
  EXPECT_TRUE(rows({{"from", "2024-01-16"}}).empty());
  EXPECT_FALSE(world.ask("audit_trail", {{"aggregate_id", "O-1"}}).ok());
  EXPECT_FALSE(world.ask("audit_trail", {{"who", "ann"}, {"state", "refused"}}).ok());
}

}  // namespace
}  // namespace orderlog::projections::test
