// sales_cube and product_ranking: the cube equals a plain recount, whatever happened to the orders.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "projections/models/periods.h"
#include "projections/models/sales_cube.h"
#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

using schema::SalesAxis;
using schema::SalesPeriod;
using Cell = schema::SalesCubeRowT;
using Ranking = schema::ProductRankingRowT;

struct Sales : ::testing::Test {
  World world{{sales_model()}};
  WrittenLog& log = world.written;

  std::vector<Cell> cells(Parameters parameters) {
    world.catch_up();
    return world.rows<Cell>("sales_cube", std::move(parameters), 3);
  }
};

TEST(Periods, BeginWhereTheCalendarSays) {
  const Day thursday = day("2021-04-01");
  EXPECT_EQ(period_start(SalesPeriod::year, thursday), day("2021-01-01"));
  EXPECT_EQ(period_start(SalesPeriod::quarter, thursday), day("2021-04-01"));
  EXPECT_EQ(period_start(SalesPeriod::quarter, day("2021-03-31")), day("2021-01-01"));
  EXPECT_EQ(period_start(SalesPeriod::month, day("2024-02-29")), day("2024-02-01"));
  EXPECT_EQ(period_start(SalesPeriod::week, thursday), day("2021-03-29"));
  // The first days of 2021 belong to the last ISO week of 2020.
  EXPECT_EQ(period_start(SalesPeriod::week, day("2021-01-03")), day("2020-12-28"));
  EXPECT_EQ(period_start(SalesPeriod::week, day("2021-01-04")), day("2021-01-04"));
}

TEST_F(Sales, AnApprovedOrderIsBookedInEveryPeriod) {
  OrderStory order(log, "O-1", "ACME", {{.line = 1}, {.line = 2, .product = "P-2", .count = 5}});
  order.submit();
  EXPECT_TRUE(cells({}).empty());
  order.approve();
  for (const char* period : {"all", "year", "quarter", "month", "week", "day"}) {
    const auto got = cells({{"period", period}, {"by", "region"}});
    ASSERT_EQ(got.size(), 1U) << period;
    EXPECT_EQ(got[0].value, "USA");
    EXPECT_EQ(got[0].orders, 1);
    EXPECT_EQ(got[0].lines, 2);
    EXPECT_EQ(got[0].quantity, units(15));
    EXPECT_EQ(got[0].net, usd(15'000));
    EXPECT_EQ(got[0].tax, usd(1'500));
    EXPECT_EQ(got[0].cost, usd(9'000));
    EXPECT_EQ(got[0].margin, usd(6'000));
  }
  // Two products of one class: one order there, one in each product.
  EXPECT_EQ(cells({{"by", "product"}}).size(), 2U);
  ASSERT_EQ(cells({{"by", "product_class"}}).size(), 1U);
  EXPECT_EQ(cells({{"by", "product_class"}})[0].orders, 1);
  EXPECT_EQ(*cells({{"period", "month"}})[0].period_start, day("2024-01-01"));
  EXPECT_FALSE(cells({{"period", "all"}})[0].period_start);
}

TEST_F(Sales, CurrenciesAreNeverAddedUp) {
  OrderStory dollars(log, "O-1", "ACME", {{}});
  OrderStory euros(log, "O-2", "ACME", {{}});
  euros.currency = schema::Currency::EUR;
  dollars.place();
  euros.place();
  const auto got = cells({{"by", "customer"}});
  ASSERT_EQ(got.size(), 2U);
  EXPECT_NE(got[0].currency, got[1].currency);
}

TEST_F(Sales, WhatIsCancelledLeavesTheDayOnWhichItWasBooked) {
  OrderStory january(log, "O-1", "ACME", {{.count = 10}});
  january.place();
  january.cancel(1, 4, day("2024-03-05"));
  auto got = cells({{"period", "month"}});
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(*got[0].period_start, day("2024-01-01"));
  EXPECT_EQ(got[0].quantity, units(6));
  EXPECT_EQ(got[0].orders, 1);
  january.cancel(1, 6, day("2024-03-05"));
  EXPECT_TRUE(cells({{"period", "month"}}).empty());
}

TEST_F(Sales, AnAmendmentPatchesTheBookedPeriod) {
  OrderStory order(log, "O-1", "ACME", {{.line = 1}, {.line = 2, .product = "P-2"}});
  order.place();
  schema::OrderAmendedT amended;
  amended.unbooked.push_back(own(order.order_line(order.sold(1), 10)));
  amended.booked.push_back(own(order.order_line(order.sold(1), 3)));
  amended.dimensions = own(order.dimensions());
  amended.dimensions->booked_on = day("2024-06-01");
  log.add("O-1", std::move(amended));
  const auto got = cells({{"period", "day"}});
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(*got[0].period_start, day("2024-01-15"));
  EXPECT_EQ(got[0].net, usd(13'000));
  EXPECT_EQ(got[0].orders, 1);
}

TEST_F(Sales, ACancelledOrderLeavesAltogether) {
  OrderStory order(log, "O-1", "ACME", {{}});
  order.place();
  order.cancel_order();
  EXPECT_TRUE(cells({}).empty());
}

TEST_F(Sales, PeriodsCanBeBounded) {
  for (const char* on : {"2024-01-31", "2024-02-01", "2024-03-15", "2024-04-01"}) {
    OrderStory order(log, std::string("O-") + on, "ACME", {{}});
    order.booked_on = day(on);
    order.place();
  }
  const auto got = cells({{"period", "month"}, {"from", "2024-02-10"}, {"to", "2024-03-31"}});
  ASSERT_EQ(got.size(), 2U);  // and the total said so
  EXPECT_EQ(*got[0].period_start, day("2024-02-01"));
  EXPECT_EQ(*got[1].period_start, day("2024-03-01"));
  EXPECT_EQ(world.ask("sales_cube", {{"from", "2024-02-10"}}).error().code,
            ErrorCode::InvalidArgument);
}

TEST_F(Sales, ASumThatDoesNotFitParksTheOrderAndNothingElse) {
  OrderStory huge(log, "huge", "ACME", {{.count = 1, .unit_minor = INT64_MAX / 11}});
  OrderStory more(log, "more", "ACME", {{.count = 1, .unit_minor = INT64_MAX / 11}});
  OrderStory small(log, "small", "BETA", {{.count = 1}});
  huge.place();
  for (int i = 0; i < 12; ++i) {
    more.id = "more-" + std::to_string(i);
    more.place();
  }
  small.place();
  const auto by_customer = cells({{"by", "customer"}});
  ASSERT_EQ(by_customer.size(), 1U);  // the small one no longer fits either: it would be lost
  EXPECT_GT(world.runner->stats().models[0].parked_keys, 0U);
  EXPECT_EQ(by_customer[0].orders +
                static_cast<std::int64_t>(world.runner->stats().models[0].parked_keys),
            14);
}

TEST_F(Sales, ProductsAreRankedWithShareAndClass) {
  const auto sell = [&](const std::string& id, const std::string& product, std::int64_t minor,
                        const char* on) {
    OrderStory order(log, id, "ACME", {{.product = product, .count = 1, .unit_minor = minor}});
    order.booked_on = day(on);
    order.place();
  };
  sell("O-1", "A", 7'000, "2024-02-10");
  sell("O-2", "B", 2'000, "2024-02-10");
  sell("O-3", "C", 600, "2024-02-10");
  sell("O-4", "D", 400, "2024-02-10");
  sell("O-5", "B", 100, "2024-01-10");
  sell("O-6", "A", 50, "2024-01-10");
  world.catch_up();
  const auto got =
      world.rows<Ranking>("product_ranking", {{"period", "month"}, {"date", "2024-02-29"}}, 1);
  ASSERT_EQ(got.size(), 4U);
  EXPECT_EQ(got[0].product_id, "A");
  EXPECT_EQ(got[0].rank, 1U);
  EXPECT_EQ(*got[0].share_ppm, 700'000);
  EXPECT_EQ(*got[0].rank_change, 1);
  EXPECT_EQ(got[0].abc, schema::AbcClass::a);
  EXPECT_EQ(got[1].abc, schema::AbcClass::a);  // begins at 70 %
  EXPECT_EQ(*got[1].rank_change, -1);
  EXPECT_EQ(got[2].abc, schema::AbcClass::b);
  EXPECT_EQ(got[3].abc, schema::AbcClass::c);
  EXPECT_FALSE(got[2].rank_change);
  EXPECT_EQ(*got[3].cumulative_ppm, 1'000'000);
}

// ---- against a plain recount

struct Recount {
  std::int64_t orders = 0;
  std::int64_t milli = 0;
  std::int64_t net = 0;
};

std::string recount_key(const char* by, const std::string& value, Day month) {
  return std::string(by) + "/" + value + "/" + day_to_text(month);
}

std::map<std::string, Recount> recount(const std::vector<OrderStory>& orders) {
  std::map<std::string, Recount> result;
  for (const OrderStory& order : orders) {
    const Day month = period_start(SalesPeriod::month, order.booked_on);
    std::map<std::string, Recount> of_order;
    for (const Sold& sold : order.lines) {
      const std::int64_t count = sold.count - sold.cancelled;
      if (count == 0) continue;
      for (const auto& key : {recount_key("region", order.region, month),
                              recount_key("product", sold.product, month)}) {
        of_order[key].orders = 1;
        of_order[key].milli += count * 1'000;
        of_order[key].net += count * sold.unit_minor;
      }
    }
    for (const auto& [key, part] : of_order) {
      result[key].orders += part.orders;
      result[key].milli += part.milli;
      result[key].net += part.net;
    }
  }
  return result;
}

RC_GTEST_PROP(SalesCube, EqualsARecountOfTheOrders, ()) {
  World world({sales_model()}, 3);
  std::vector<OrderStory> orders;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const bool place = orders.empty() || *rc::gen::inRange(0, 3) == 0;
    if (place) {
      std::vector<Sold> lines;
      for (std::uint32_t line = 1; line <= *rc::gen::inRange(1U, 4U); ++line) {
        lines.push_back({.line = line,
                         .product = "P-" + std::to_string(*rc::gen::inRange(0, 3)),
                         .count = *rc::gen::inRange(1, 20),
                         .unit_minor = *rc::gen::inRange(1, 1'000)});
      }
      orders.emplace_back(world.written, "O-" + std::to_string(i), "ACME", std::move(lines));
      orders.back().region = *rc::gen::element(std::string("USA"), std::string("UK"));
      orders.back().booked_on = day("2024-01-15") + *rc::gen::inRange(0, 90);
      orders.back().place();
    } else {
      OrderStory& order = orders[*rc::gen::inRange<std::size_t>(0, orders.size())];
      Sold& sold = order.lines[*rc::gen::inRange<std::size_t>(0, order.lines.size())];
      const std::int64_t left = sold.count - sold.cancelled;
      if (left > 0) {
        order.cancel(sold.line, *rc::gen::inRange<std::int64_t>(1, left + 1), day("2025-01-01"));
      }
    }
    if (*rc::gen::inRange(0, 4) == 0) world.catch_up();
  }
  world.catch_up();
  auto expected = recount(orders);
  for (const char* by : {"region", "product"}) {
    for (const Cell& cell : world.rows<Cell>("sales_cube", {{"by", by}, {"period", "month"}}, 2)) {
      const auto found = expected.find(recount_key(by, cell.value, *cell.period_start));
      RC_ASSERT(found != expected.end());
      RC_ASSERT(found->second.orders == cell.orders);
      RC_ASSERT(found->second.milli == cell.quantity.milli());
      RC_ASSERT(found->second.net == cell.net.minor());
      expected.erase(found);
    }
  }
  RC_ASSERT(expected.empty());
}

}  // namespace
}  // namespace orderlog::projections::test
