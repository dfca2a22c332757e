// alerts: raised once, cleared once, kept as history.
#include "projections/models/alerts.h"

#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

using schema::DelayKind;
using schema::DelayLevel;
using Row = schema::AlertRowT;

struct Alerts : ::testing::Test {
  World world{{alerts_model()}};
  WrittenLog& log = world.written;
  OrderStory order{log, "O-1", "ACME", {{.promised = day("2024-01-20")}}};

  std::vector<Row> rows(Parameters parameters = {}) {
    world.catch_up();
    return world.rows<Row>("alerts", std::move(parameters));
  }
};

TEST_F(Alerts, OneRowForEachLineOfAnAlert) {
  order.delay({1, 2}, DelayLevel::Late);
  const auto active = rows({{"state", "active"}});
  ASSERT_EQ(active.size(), 2U);
  for (const Row& row : active) {
    EXPECT_EQ(row.order_id, "O-1");
    EXPECT_EQ(row.customer_id, "ACME");
    EXPECT_EQ(row.level, DelayLevel::Late);
    EXPECT_EQ(row.kind, DelayKind::DeliverByMissed);
    EXPECT_EQ(row.raised_at, start_of_tests);
    EXPECT_TRUE(row.active);
  }
  EXPECT_NE(active[0].alert_id, active[1].alert_id);
}

TEST_F(Alerts, SayingItTwiceRaisesNothing) {
  order.delay({1}, DelayLevel::Late);
  log.now += us_per_hour;
  order.delay({1}, DelayLevel::Late);
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0].raised_at, start_of_tests);
  EXPECT_EQ(*rows()[0].age_seconds, 3600);
}

TEST_F(Alerts, ClearedOnceAndThenHistory) {
  order.delay({1}, DelayLevel::Late);
  log.now += us_per_hour;
  order.clear({1}, DelayLevel::Late);
  log.now += us_per_hour;
  order.clear({1}, DelayLevel::Late);
  EXPECT_TRUE(rows({{"state", "active"}}).empty());
  const auto cleared = rows({{"state", "cleared"}});
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_EQ(*cleared[0].cleared_at, start_of_tests + us_per_hour);
  EXPECT_EQ(cleared[0].cleared_by, "delivered");
  EXPECT_EQ(*cleared[0].age_seconds, 3600);
  EXPECT_TRUE(rows({{"level", "Late"}}).empty());
}

TEST_F(Alerts, RaisedAgainItIsAnotherAlert) {
  order.delay({1}, DelayLevel::Late);
  order.clear({1}, DelayLevel::Late);
  log.now += us_per_hour;
  order.delay({1}, DelayLevel::Late);
  EXPECT_EQ(rows().size(), 2U);
  EXPECT_EQ(rows({{"state", "active"}}).size(), 1U);
  EXPECT_EQ(rows({{"state", "cleared"}}).size(), 1U);
}

TEST_F(Alerts, KindsAndLevelsAreTheirOwnAlerts) {
  order.delay({1}, DelayLevel::AtRisk, DelayKind::ShipByMissed);
  order.delay({1}, DelayLevel::Watch);
  order.delay({1}, DelayLevel::Late);
  EXPECT_EQ(rows({{"order_id", "O-1"}}).size(), 3U);
  EXPECT_EQ(rows({{"level", "Late"}}).size(), 1U);
  // Clearing a level clears the lower ones of its kind, and no other kind.
  order.clear({1}, DelayLevel::Late);
  const auto left = rows({{"state", "active"}});
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].kind, DelayKind::ShipByMissed);
}

TEST_F(Alerts, ListsByCustomerAndOrder) {
  order.delay({1}, DelayLevel::Late);
  OrderStory other(log, "O-11", "BETA", {{.promised = day("2024-01-20")}});
  other.delay({1}, DelayLevel::Late);
  EXPECT_EQ(rows({{"customer_id", "BETA"}}).size(), 1U);
  EXPECT_EQ(rows({{"order_id", "O-1"}}).size(), 1U);  // not those of O-11
}

}  // namespace
}  // namespace orderlog::projections::test
