// Returns and base currency in sales_cube, order_status and delay_list.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "projections/models/deliveries.h"
#include "projections/models/order_status.h"
#include "projections/models/sales_cube.h"
#include "tests/projections/order_story.h"

namespace orderlog::projections::test {
namespace {

using Cell = schema::SalesCubeRowT;

Money eur(std::int64_t minor) { return Money(minor, schema::Currency::EUR); }

struct Returns : ::testing::Test {
  World world{{sales_model(), order_status_model(), deliveries_model()}, 3};
  WrittenLog& log = world.written;
  OrderStory order{log, "O-1", "ACME", {{.line = 1}, {.line = 2, .product = "P-2", .count = 5}}};

  void credit(const std::string& note, std::int64_t net, std::uint32_t line = 0,
              std::int64_t count = 0) {
    schema::CreditNoteIssuedT event;
    event.credit_note_id = note;
    event.order_id = "O-1";
    event.customer_id = "ACME";
    event.amount = usd(net * 11 / 10);
    event.net = usd(net);
    if (line != 0) {
      schema::ShippedQuantityT part;
      part.line = line;
      part.quantity = units(count);
      event.lines.push_back(own(std::move(part)));
    }
    log.add("I-1", std::move(event));
  }
  std::vector<Cell> cells(Parameters parameters) {
    world.catch_up();
    return world.rows<Cell>("sales_cube", std::move(parameters));
  }
};

TEST_F(Returns, GoodsGoBackToTheirProductInThePeriodOfTheSale) {
  order.place();
  log.now += 60 * us_per_day;
  credit("C-1", 2'000, 2, 2);
  const auto month = cells({{"period", "month"}});
  ASSERT_EQ(month.size(), 1U);
  EXPECT_EQ(*month[0].period_start, day("2024-01-01"));
  EXPECT_EQ(month[0].returns, usd(2'000));
  EXPECT_EQ(month[0].returned, units(2));
  EXPECT_EQ(month[0].net, usd(15'000));
  const auto products = cells({{"by", "product"}});
  EXPECT_EQ(products[0].returns, usd(0));
  EXPECT_EQ(products[1].returns, usd(2'000));
}

TEST_F(Returns, AnAllowanceIsSpreadByTheLines) {
  order.place();
  credit("C-1", 1'000);  // 10000 and 5000: 666.67 and 333.33
  const auto products = cells({{"by", "product"}});
  EXPECT_EQ(products[0].returns, usd(666));
  EXPECT_EQ(products[1].returns, usd(334));
  EXPECT_EQ(cells({})[0].returns, usd(1'000));
  EXPECT_EQ(cells({})[0].returned, units(0));
}

TEST_F(Returns, ACreditNoteThatIsHeardOfFirstCountsOnceItsOrderIsBooked) {
  credit("C-1", 500, 1, 1);
  EXPECT_TRUE(cells({}).empty());
  order.place();
  EXPECT_EQ(cells({})[0].returns, usd(500));
  order.cancel_order();
  EXPECT_TRUE(cells({}).empty());
}

TEST_F(Returns, AmountsInBaseCurrencyByTheOrdersOwnRate) {
  order.base_per_thousand = 900;
  order.place();
  Cell cell = cells({})[0];
  EXPECT_EQ(cell.base_net, eur(13'500));
  EXPECT_EQ(cell.base_margin, eur(5'400));
  const auto status = world.row<schema::OrderStatusRowT>("order_status", "O-1");
  EXPECT_EQ(status.base_total, eur(14'850));
  EXPECT_EQ(status.base_open_amount, eur(14'850));
  const auto delivery = world.row<schema::DelayListRowT>("delay_list", "O-1");
  EXPECT_EQ(delivery.base_amount, eur(13'500));
  order.cancel(1, 5, day("2024-01-16"));
  cell = cells({})[0];
  EXPECT_EQ(cell.base_net, eur(9'000));
  const auto later = world.row<schema::OrderStatusRowT>("order_status", "O-1");
  EXPECT_EQ(later.base_total, eur(9'900));
  EXPECT_EQ(later.base_open_amount, eur(9'900));
}

// Orders and invoices lie on different partitions: either may be heard of first.
RC_GTEST_PROP(ReturnsProperty, RowsDoNotDependOnThePartitionsOrder, ()) {
  World at_once({sales_model()}, 3), stepwise({sales_model()}, 3);
  const auto steps = *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(0, 12));
  for (World* world : {&at_once, &stepwise}) {
    std::vector<OrderStory> orders;
    for (int i = 0; i < 3; ++i) {
      orders.emplace_back(world->written, "O-" + std::to_string(i), "ACME",
                          std::vector<Sold>{{.line = 1}, {.line = 2, .product = "P-2"}});
    }
    int notes = 0;
    for (const int step : steps) {
      OrderStory& order = orders[static_cast<std::size_t>(step % 3)];
      if (step < 3) {
        order.place();
      } else if (step < 6 && order.lines[0].cancelled < order.lines[0].count) {
        order.cancel(1, 2, day("2024-01-16"));
      } else {
        schema::CreditNoteIssuedT event;
        event.credit_note_id = "C-" + std::to_string(notes++);
        event.order_id = order.id;
        event.net = usd(77);
        world->written.add("I-" + std::to_string(step), std::move(event));
      }
      if (world == &stepwise) world->catch_up();
    }
    world->catch_up();
  }
  RC_ASSERT(at_once.runner->state_hash("sales").value() ==
            stepwise.runner->state_hash("sales").value());
}

}  // namespace
}  // namespace orderlog::projections::test
