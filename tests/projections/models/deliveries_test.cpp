// delay_list and otif_daily: which orders are late, and what was on time and in full.
#include "projections/models/deliveries.h"

#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

using schema::DelayKind;
using schema::DelayLevel;
using schema::DeliveryState;
using Order = schema::DelayListRowT;
using Otif = schema::OtifDailyRowT;

const Day promised = day("2024-01-20");

struct Deliveries : ::testing::Test {
  World world{{deliveries_model()}};
  WrittenLog& log = world.written;

  OrderStory placed(const std::string& id, std::vector<Sold> lines) {
    OrderStory order(log, id, "ACME", std::move(lines));
    order.place();
    return order;
  }
  OrderStory delivered(const std::string& id, Day on) {
    OrderStory order = placed(id, {{.promised = promised}});
    order.ship("S-" + id, 1, 10, on);
    order.deliver("S-" + id, 1, 10, on);
    return order;
  }
  Order row(const std::string& id) {
    world.catch_up();
    return world.row<Order>("delay_list", id);
  }
  std::vector<std::string> ids(const std::string& state) {
    world.catch_up();
    std::vector<std::string> result;
    for (const Order& order : world.rows<Order>("delay_list", {{"state", state}}, 2)) {
      result.push_back(order.order_id);
    }
    return result;
  }
  Otif otif(const std::string& on, Parameters parameters = {}) {
    parameters["from"] = parameters["to"] = on;
    const auto rows = world.rows<Otif>("otif_daily", parameters);
    EXPECT_EQ(rows.size(), 1U);
    return rows.empty() ? Otif() : rows.front();
  }
};

TEST_F(Deliveries, DatesDecideWhatIsLate) {
  delivered("early", promised - 1);
  delivered("just", promised);
  delivered("late", promised + 3);
  placed("waiting", {{.promised = promised}});
  EXPECT_EQ(ids("late"), std::vector<std::string>{"late"});
  EXPECT_EQ(ids("open"), std::vector<std::string>{"waiting"});
  EXPECT_EQ(ids("on_time"), (std::vector<std::string>{"early", "just"}));
  const Order late = row("late");
  EXPECT_EQ(late.delayed_days, 3);
  EXPECT_EQ(*late.expected_date, promised);
  EXPECT_EQ(*late.actual_date, promised + 3);
  EXPECT_EQ(late.customer_po, "PO-late");
  EXPECT_EQ(late.address->city, "Reims");
  EXPECT_EQ(late.amount, usd(10'000));
  ASSERT_EQ(late.items.size(), 1U);
  EXPECT_EQ(late.items[0]->delayed_days, 3);
  EXPECT_EQ(late.items[0]->rate.mantissa(), 1'000);
}

TEST_F(Deliveries, OneRowAnOrderHoweverManyLinesAreLate) {
  auto order = placed("O-1", {{.line = 1, .promised = promised},
                              {.line = 2, .product = "P-2", .promised = promised}});
  for (const std::uint32_t line : {1U, 2U}) {
    order.ship("S-1", line, 10, promised + 1);
    order.deliver("S-1", line, 10, promised + 2);
  }
  EXPECT_EQ(ids("late").size(), 1U);
  EXPECT_EQ(row("O-1").items.size(), 2U);
}

TEST_F(Deliveries, DispatchCountsUntilTheGoodsArrive) {
  auto order = placed("O-1", {{.promised = promised}});
  order.ship("S-1", 1, 10, promised - 2);
  EXPECT_EQ(row("O-1").state, DeliveryState::open);
  order.deliver("S-1", 1, 10, promised + 1);
  EXPECT_EQ(row("O-1").state, DeliveryState::late);
  auto other = placed("O-2", {{.promised = promised}});
  other.ship("S-2", 1, 10, promised + 1);
  EXPECT_EQ(row("O-2").state, DeliveryState::late);
}

TEST_F(Deliveries, AlertsSetTheStateOfAnOpenOrder) {
  auto order = placed("O-1", {{.promised = promised}});
  order.delay({1}, DelayLevel::Watch, DelayKind::PreviousStepLate);
  EXPECT_EQ(row("O-1").state, DeliveryState::watch);
  order.delay({1}, DelayLevel::AtRisk, DelayKind::ShipByMissed);
  EXPECT_EQ(row("O-1").state, DeliveryState::at_risk);
  log.now = start_of_tests + 6 * us_per_day;  // 2024-01-21
  order.delay({1}, DelayLevel::Late);
  log.now += us_per_day;
  Order got = row("O-1");
  EXPECT_EQ(got.state, DeliveryState::late);
  EXPECT_EQ(got.cause, schema::DelayCause::Stock);
  EXPECT_EQ(got.step_blocked, "stock");
  EXPECT_EQ(got.delayed_days, 2);  // and it grows with the day of the question
  EXPECT_EQ(*got.alert_age_seconds, seconds_per_day);
  order.clear({1}, DelayLevel::Late);
  EXPECT_EQ(row("O-1").state, DeliveryState::at_risk);
  order.clear({1}, DelayLevel::AtRisk, DelayKind::ShipByMissed);
  order.clear({1}, DelayLevel::Watch, DelayKind::PreviousStepLate);
  got = row("O-1");
  EXPECT_EQ(got.state, DeliveryState::open);
  EXPECT_FALSE(got.alert_raised_at);
}

TEST_F(Deliveries, ANewPromiseIsTheOneThatCounts) {
  auto order = placed("O-1", {{.promised = promised}});
  schema::OrderPromiseChangedT changed;
  changed.line = 1;
  changed.new_date = promised + 5;
  log.add("O-1", std::move(changed));
  order.sold(1).promised = promised + 5;
  order.ship("S-1", 1, 10, promised + 3);
  order.deliver("S-1", 1, 10, promised + 4);
  EXPECT_EQ(row("O-1").state, DeliveryState::on_time);
  EXPECT_TRUE(world.rows<Otif>("otif_daily", {{"to", "2024-01-20"}}).empty());
  EXPECT_EQ(otif("2024-01-25").lines_due, 1);
}

TEST_F(Deliveries, CancelledOrdersLeaveTheList) {
  auto order = placed("O-1", {{.promised = promised}});
  order.cancel(1, 10, promised);
  order.cancel_order();
  world.catch_up();
  EXPECT_TRUE(world.rows<Order>("delay_list").empty());
  EXPECT_TRUE(world.rows<Otif>("otif_daily").empty());
}

TEST_F(Deliveries, OnTimeInFullIsCountedByPromisedDate) {
  delivered("early", promised - 1);
  delivered("late", promised + 1);
  auto part = placed("part", {{.promised = promised}});
  part.ship("S", 1, 4, promised);
  part.deliver("S", 1, 4, promised);
  world.catch_up();
  Otif got = otif("2024-01-20");
  EXPECT_EQ(got.lines_due, 3);
  EXPECT_EQ(got.lines_open, 1);
  EXPECT_EQ(got.on_time, 1);
  EXPECT_EQ(got.early, 1);
  EXPECT_EQ(got.in_full, 2);
  EXPECT_EQ(got.otif, 1);
  EXPECT_EQ(got.quantity_due, units(30));
  EXPECT_EQ(got.quantity_on_time, units(14));
  EXPECT_EQ(*got.on_time_ppm, 333'333);
  EXPECT_EQ(*got.otif_quantity_ppm, 466'666);
  // The rest comes too late: in full, but not on time.
  part.ship("S2", 1, 6, promised + 1);
  part.deliver("S2", 1, 6, promised + 1);
  world.catch_up();
  got = otif("2024-01-20");
  EXPECT_EQ(got.lines_open, 0);
  EXPECT_EQ(got.on_time, 1);
  EXPECT_EQ(got.in_full, 3);
  EXPECT_EQ(got.quantity_on_time, units(14));
}

TEST_F(Deliveries, NothingDueIsNoRateAtAll) {
  auto order = placed("O-1", {{.promised = promised}});
  world.catch_up();
  EXPECT_EQ(otif("2024-01-20").lines_due, 1);
  order.cancel(1, 10, promised);
  world.catch_up();
  EXPECT_TRUE(world.rows<Otif>("otif_daily").empty());
}

TEST_F(Deliveries, ALineThatIsClosedShortIsNotInFull) {
  auto order = placed("O-1", {{.promised = promised}});
  order.ship("S-1", 1, 4, promised);
  order.deliver("S-1", 1, 4, promised);
  schema::OrderShortClosedT closed;
  closed.unbooked.push_back(own(order.order_line(order.sold(1), 6)));
  log.add("O-1", std::move(closed));
  EXPECT_EQ(row("O-1").state, DeliveryState::on_time);
  const Otif got = otif("2024-01-20");
  EXPECT_EQ(got.lines_open, 0);
  EXPECT_EQ(got.on_time, 1);
  EXPECT_EQ(got.in_full, 0);
  EXPECT_EQ(got.otif, 0);
}

TEST_F(Deliveries, TheCarrierIsTheOneThatTookTheGoods) {
  auto order = placed("O-1", {{.promised = promised}});
  order.carrier = "DHL";
  order.ship("S-1", 1, 10, promised);
  order.deliver("S-1", 1, 10, promised);
  world.catch_up();
  const auto rows = world.rows<Otif>("otif_daily", {{"by", "carrier"}});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].carrier, "DHL");
  EXPECT_EQ(*rows[0].otif_ppm, 1'000'000);
  EXPECT_EQ(world.rows<Otif>("otif_daily", {{"by", "customer"}}).front().customer_id, "ACME");
  EXPECT_EQ(world.rows<Otif>("otif_daily", {{"by", "site"}}).front().site, "MAIN");
}

TEST_F(Deliveries, WhatIsNotApprovedIsNotDue) {
  OrderStory order(log, "O-1", "ACME", {{.promised = promised}});
  order.submit();
  EXPECT_EQ(row("O-1").state, DeliveryState::open);
  EXPECT_TRUE(world.rows<Otif>("otif_daily").empty());
}

}  // namespace
}  // namespace orderlog::projections::test
