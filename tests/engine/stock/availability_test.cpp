// What can be promised, and when (domain.md 3.8, 4.9, P8).
#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

schema::CheckAvailabilityT ask(std::int64_t units, Day material_date) {
  auto command = for_item(schema::CheckAvailabilityT{});
  command.order_id = "O-1";
  command.line = 7;
  command.quantity = Quantity(units * unit);
  command.material_date = material_date;
  return command;
}

// The scenario starts on a Monday; 14 working days later is a Friday.
constexpr Day replenished = start_day + 18;

class Availability : public StockScenario, public ::testing::Test {
 protected:
  // Asks as the engine does and gives back its one answer.
  schema::RecordAvailabilityT answer(std::int64_t units, Day material_date) {
    as_system().when(ask(units, material_date)).then_nothing();
    as("wendy", schema::Role::Warehouse);
    const auto& commands = decision().replies().commands();
    if (commands.size() != 1) {
      ADD_FAILURE() << "not one answer";
      return {};
    }
    return *commands.front().AsOrderCommands()->command.AsRecordAvailability();
  }
  Day earliest(std::int64_t units, Day material_date) {
    return answer(units, material_date).earliest_date.value_or(0);
  }
};

TEST_F(Availability, IsAskedByTheEngineOnly) {
  when(ask(1, start_day)).then_rejected(RejectionCode::EngineOnly);
  as_system().when(ask(0, start_day)).then_rejected(RejectionCode::InvalidArgument, "/quantity");
  auto nobody = ask(1, start_day);
  nobody.order_id.clear();
  when(nobody).then_rejected(RejectionCode::InvalidArgument, "/order_id");
}

TEST_F(Availability, AnswersTheLineThatAsked) {
  when(receive(5)).then_ignore();
  const auto told = answer(3, start_day + 2);
  EXPECT_EQ(told.order_id, "O-1");
  EXPECT_EQ(told.line, 7u);
  EXPECT_EQ(told.available.milli(), 5 * unit);
  EXPECT_EQ(told.earliest_date, start_day + 2);
  EXPECT_EQ(version(), 1u) << "a question is no event";
}

TEST_F(Availability, IsNeverInThePast) {
  when(receive(5)).then_ignore();
  EXPECT_EQ(earliest(3, start_day - 20), start_day);
  EXPECT_EQ(earliest(3, 0), start_day);
  EXPECT_GE(earliest(9, 0), start_day);
}

TEST_F(Availability, TakesReplenishmentWhenNothingIsExpected) {
  EXPECT_EQ(earliest(1, start_day), replenished);
  EXPECT_EQ(earliest(1, replenished + 5), replenished + 5);
}

TEST_F(Availability, WaitsForWhatIsExpected) {
  when(receive(2)).then_ignore();
  when(expect_goods("PO-1", 3, start_day + 4)).then_ignore();
  when(expect_goods("PO-2", 5, start_day + 9)).then_ignore();
  EXPECT_EQ(earliest(2, start_day), start_day);
  EXPECT_EQ(earliest(3, start_day), start_day + 4);
  EXPECT_EQ(earliest(5, start_day), start_day + 4);
  EXPECT_EQ(earliest(6, start_day), start_day + 9);
  EXPECT_EQ(earliest(6, start_day + 12), start_day + 12);
  EXPECT_EQ(earliest(11, start_day), replenished);
  EXPECT_EQ(answer(3, start_day).available.milli(), 2 * unit);
}

TEST_F(Availability, OverdueGoodsCountAsOfToday) {
  as_import().when(expect_goods("PO-1", 3, start_day - 4)).then_ignore();
  EXPECT_EQ(earliest(3, start_day), start_day);
  EXPECT_EQ(answer(3, start_day).available.milli(), 0);
}

TEST_F(Availability, LeavesTheSafetyStockAlone) {
  when(receive(5)).then_ignore();
  auto safety = for_item(schema::SetSafetyStockT{});
  safety.quantity = Quantity(2 * unit);
  when(safety).then_ignore();
  EXPECT_EQ(answer(4, start_day).available.milli(), 3 * unit);
  EXPECT_EQ(earliest(3, start_day), start_day);
  EXPECT_EQ(earliest(4, start_day), replenished);
}

TEST_F(Availability, LeavesReservationsHoldsAndDamageAlone) {
  when(receive(10)).then_ignore();
  when(reserve("r", 3)).then_ignore();
  when(hold("cart", 2)).then_ignore();
  when(adjust(0, 1)).then_ignore();
  EXPECT_EQ(answer(1, start_day).available.milli(), 4 * unit);
}

TEST_F(Availability, WhatIsExpectedMayBelongToWhoWaits) {
  when(backorder("b", 4, 0, start_day + 5)).then_ignore();
  when(expect_goods("PO-1", 6, start_day + 5)).then_ignore();
  EXPECT_EQ(earliest(2, start_day), start_day + 5);
  EXPECT_EQ(earliest(3, start_day), replenished);
}

// A promise for day 3 would leave nothing for the backorder that is promised for day 8.
TEST_F(Availability, BreaksNoLaterPromise) {
  when(backorder("b", 4, 0, start_day + 8)).then_ignore();
  when(expect_goods("PO-1", 4, start_day + 3)).then_ignore();
  EXPECT_EQ(earliest(1, start_day), replenished);
  when(expect_goods("PO-2", 1, start_day + 10)).then_ignore();
  EXPECT_EQ(earliest(1, start_day), start_day + 10);
  // What comes in time for the later promise frees the earlier goods.
  when(expect_goods("PO-3", 1, start_day + 6)).then_ignore();
  EXPECT_EQ(earliest(1, start_day), start_day + 3);
}

TEST_F(Availability, BackordersWithoutAPromiseComeFirst) {
  when(backorder("b", 4)).then_ignore();
  when(expect_goods("PO-1", 5, start_day + 3)).then_ignore();
  EXPECT_EQ(earliest(1, start_day), start_day + 3);
  EXPECT_EQ(earliest(2, start_day), replenished);
}

TEST_F(Availability, TodayIsTheWarehousesDay) {
  policy.site_calendar.zone = "Asia/Shanghai";
  at(scenario_start + 5 * us_per_hour);  // 17:00 UTC, past midnight there
  when(receive(5)).then_ignore();
  EXPECT_EQ(earliest(1, 0), start_day + 1);
}

}  // namespace
}  // namespace orderlog::engine::test
