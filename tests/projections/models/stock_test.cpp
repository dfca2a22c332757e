// stock_position, reservation_audit and backorder_list.
#include "projections/models/stock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/schema/read_models_desk_generated.h"
#include "tests/projections/fixture.h"

namespace orderlog::projections::test {
namespace {

using Audit = schema::ReservationAuditRowT;
using Backorder = schema::BackorderListRowT;
using Stock = schema::StockPositionRowT;

constexpr const char* item = "TEA@MAIN";

// Tells one stock item's events with its balance, as the engine does.
class Shelf {
 public:
  Shelf(WrittenLog& log, std::string id) : log_(log), id_(std::move(id)) {}

  schema::StockBalanceT balance;

  void receive(std::int64_t count, const std::string& expectation = {}) {
    balance.on_hand += milli(count);
    if (!expectation.empty()) balance.incoming -= milli(count);
    schema::StockReceivedT event;
    event.quantity = units(count);
    event.expectation_id = expectation;
    add(std::move(event));
  }
  void expect(const std::string& id, std::int64_t count, const char* date) {
    balance.incoming += milli(count);
    schema::IncomingStockExpectedT event;
    event.expectation_id = id;
    event.quantity = units(count);
    event.date = day(date);
    add(std::move(event));
  }
  void reserve(const std::string& id, const std::string& order, std::int64_t count) {
    balance.reserved += milli(count);
    add(claim<schema::StockReservedT>(id, order, count));
  }
  void release(const std::string& id, const std::string& order, std::int64_t count) {
    balance.reserved -= milli(count);
    add(claim<schema::StockReleasedT>(id, order, count));
  }
  void issue(const std::string& id, const std::string& order, std::int64_t count) {
    balance.reserved -= milli(count);
    balance.on_hand -= milli(count);
    add(claim<schema::StockIssuedT>(id, order, count));
  }
  void backorder(const std::string& id, const std::string& order, std::int64_t count,
                 const char* promised = nullptr, int priority = 0) {
    balance.backordered += milli(count);
    auto event = claim<schema::BackorderOpenedT>(id, order, count);
    if (promised) event.promised_date = day(promised);
    event.priority = priority;
    add(std::move(event));
  }
  void promise(const std::string& id, const std::string& order, const char* date, const char* old) {
    schema::BackorderPromisedT event;
    event.reservation_id = id;
    event.order_id = order;
    event.date = day(date);
    if (old) event.old_date = day(old);
    add(std::move(event));
  }
  void fill(const std::string& id, const std::string& order, std::int64_t count) {
    balance.backordered -= milli(count);
    balance.reserved += milli(count);
    add(claim<schema::BackorderFilledT>(id, order, count));
  }
  void lose(const std::string& id, const std::string& order, std::int64_t count) {
    balance.reserved -= milli(count);
    balance.backordered += milli(count);
    add(claim<schema::ReservationBrokenT>(id, order, count));
  }
  void keep_safe(std::int64_t count) {
    balance.safety = milli(count);
    schema::SafetyStockSetT event;
    event.quantity = units(count);
    add(std::move(event));
  }

 private:
  static std::int64_t milli(std::int64_t count) { return count * milli_per_unit; }
  template <class Event>
  static Event claim(const std::string& id, const std::string& order, std::int64_t count) {
    Event event;
    event.reservation_id = id;
    event.order_id = order;
    event.line = 1;
    event.quantity = units(count);
    return event;
  }
  template <class Event>
  void add(Event event) {
    event.balance = own(balance);
    log_.add(id_, std::move(event));
  }

  WrittenLog& log_;
  std::string id_;
};

struct StockReports : ::testing::Test {
  World world{{stock_model()}, 3};
  WrittenLog& log = world.written;
  Shelf shelf{log, item};

  Stock position() {
    world.catch_up();
    return world.row<Stock>("stock_position", item);
  }
  Audit audit() {
    world.catch_up();
    return world.row<Audit>("reservation_audit", item);
  }
  std::vector<Backorder> backorders(Parameters parameters = {}) {
    world.catch_up();
    return world.rows<Backorder>("backorder_list", std::move(parameters), 2);
  }
};

// 2024-01-15 is a Monday.
TEST_F(StockReports, PromisesWhatIsThereComesAndIsNotOwed) {
  shelf.receive(20);
  shelf.keep_safe(5);
  shelf.expect("PO-1", 10, "2024-01-18");
  shelf.expect("PO-2", 7, "2024-01-30");
  shelf.expect("PO-0", 1, "2024-01-02");  // overdue: counted as of today
  shelf.backorder("R-1", "O-1", 4, "2024-01-20");
  shelf.backorder("R-2", "O-2", 2);  // promised for no date: counts at once
  const Stock row = position();
  EXPECT_EQ(row.atp_today, units(20 - 5 + 1 - 2));
  EXPECT_EQ(row.atp_7_days, units(20 - 5 + 1 + 10 - 2 - 4));
  EXPECT_EQ(row.atp_30_days, units(20 - 5 + 1 + 10 + 7 - 2 - 4));
  ASSERT_EQ(row.incoming_by_week.size(), 2U);
  EXPECT_EQ(row.incoming_by_week[0]->day, day("2024-01-15"));
  EXPECT_EQ(row.incoming_by_week[0]->quantity, units(11));
  EXPECT_EQ(row.incoming_by_week[1]->day, day("2024-01-29"));
  shelf.promise("R-1", "O-1", "2024-01-26", "2024-01-20");
  EXPECT_EQ(position().atp_7_days, units(20 - 5 + 1 + 10 - 2));
}

TEST_F(StockReports, ForetellsTheDayOnWhichStockRunsOut) {
  shelf.receive(100);
  EXPECT_FALSE(position().projected_stock_out_date);  // nothing leaves
  shelf.reserve("R-1", "O-1", 28);
  shelf.issue("R-1", "O-1", 28);  // one a day, over 28 days
  EXPECT_EQ(*position().projected_stock_out_date, day("2024-01-15") + 73);  // 72 last 72 days
  shelf.expect("PO-1", 10, "2024-02-01");
  EXPECT_EQ(*position().projected_stock_out_date, day("2024-01-15") + 83);
  log.now += 28 * us_per_day;
  EXPECT_FALSE(position().projected_stock_out_date);  // the issues have left the window
}

TEST_F(StockReports, BackordersInTheOrderOfFillingWithTheirSupply) {
  shelf.backorder("R-1", "O-1", 5, "2024-02-10");
  shelf.backorder("R-2", "O-2", 5, "2024-02-01");
  shelf.backorder("R-3", "O-3", 5, nullptr, 9);
  shelf.expect("PO-1", 7, "2024-01-20");
  shelf.expect("PO-2", 6, "2024-01-25");
  const auto rows = backorders();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].reservation_id, "R-3");  // the higher priority
  EXPECT_EQ(rows[0].source_of_supply, "PO-1");
  EXPECT_EQ(*rows[0].eta, day("2024-01-20"));
  EXPECT_EQ(rows[1].reservation_id, "R-2");
  EXPECT_EQ(rows[1].source_of_supply, "PO-2");
  EXPECT_EQ(rows[2].reservation_id, "R-1");  // 15 are wanted, 13 come
  EXPECT_FALSE(rows[2].eta);
  shelf.promise("R-1", "O-1", "2024-02-12", nullptr);
  shelf.promise("R-1", "O-1", "2024-02-14", "2024-02-12");
  shelf.fill("R-3", "O-3", 5);
  ASSERT_EQ(backorders().size(), 2U);
  EXPECT_EQ(backorders({{"order_id", "O-1"}})[0].repromise_count, 1U);
  EXPECT_EQ(*backorders({{"order_id", "O-1"}})[0].promised_date, day("2024-02-14"));
  EXPECT_TRUE(backorders({{"sku", "COFFEE"}}).empty());
}

TEST_F(StockReports, AClaimThatLosesItsStockWaitsWithItsPromise) {
  shelf.receive(5);
  shelf.reserve("R-1", "O-1", 5);
  EXPECT_TRUE(backorders().empty());
  shelf.lose("R-1", "O-1", 2);
  ASSERT_EQ(backorders().size(), 1U);
  EXPECT_EQ(backorders()[0].quantity, units(2));
  EXPECT_EQ(backorders()[0].reserved, units(3));
}

TEST_F(StockReports, WhatAnEndedOrderHoldsIsAnOrphan) {
  shelf.receive(10);
  shelf.reserve("R-1", "O-1", 4);
  shelf.reserve("R-2", "O-2", 3);
  EXPECT_EQ(audit().orphan_reservations, 0);
  log.add("O-1", schema::OrderCancelledT());
  EXPECT_EQ(audit().orphan_reservations, 1);
  EXPECT_EQ(audit().orphan_quantity, units(4));
  EXPECT_EQ(world.rows<Audit>("reservation_audit", {{"state", "orphans"}}).size(), 1U);
  shelf.release("R-1", "O-1", 4);
  EXPECT_EQ(audit().orphan_reservations, 0);
  EXPECT_EQ(audit().orphan_quantity, units(0));
  EXPECT_TRUE(world.rows<Audit>("reservation_audit", {{"state", "orphans"}}).empty());
  log.add("O-2", schema::OrderCompletedT());
  log.add("O-2", schema::OrderReopenedT());
  EXPECT_EQ(audit().orphan_reservations, 0);
}

// Orders and stock lie on different partitions: either may be heard of first.
RC_GTEST_PROP(StockClaims, RowsDoNotDependOnThePartitionsOrder, ()) {
  World at_once({stock_model()}, 3), stepwise({stock_model()}, 3);
  const auto steps = *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(0, 36));
  for (World* world : {&at_once, &stepwise}) {
    Shelf shelves[] = {{world->written, "TEA@MAIN"}, {world->written, "TEA@SIDE"}};
    for (const int step : steps) {
      const std::string number = std::to_string(step / 2 % 3);
      Shelf& shelf = shelves[step % 2];
      switch (step / 6) {
        case 0:
          shelf.reserve("R-" + number, "O-" + number, 2);
          break;
        case 1:
          shelf.release("R-" + number, "O-" + number, 2);
          break;
        case 2:
          shelf.backorder("R-" + number, "O-" + number, 1, "2024-02-01");
          break;
        case 3:
          shelf.fill("R-" + number, "O-" + number, 1);
          break;
        case 4:
          world->written.add("O-" + number, schema::OrderCompletedT());
          break;
        default:
          world->written.add("O-" + number, schema::OrderReopenedT());
      }
      if (world == &stepwise) world->catch_up();
    }
    world->catch_up();
  }
  RC_ASSERT(at_once.runner->state_hash("stock").value() ==
            stepwise.runner->state_hash("stock").value());
}

}  // namespace
}  // namespace orderlog::projections::test
