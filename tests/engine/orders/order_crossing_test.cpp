// Messages of an order, its stock item and its account that cross (ADR 10): both sides have gone on
// when the other's word arrives, and end alike.
#include "tests/engine/orders/order_fixture.h"

namespace orderlog::engine::test {
namespace {

// A released order of ten, some of it reserved and the rest waiting, of which `cancelled` has just
// been cancelled; the stock item has not heard of that.
class OrderCrossing : public testing::Test {
 protected:
  void cancel_of(std::int64_t reserved, std::int64_t cancelled) {
    order.policy.order.plan_shipments_automatically = false;
    order.released().reserved(reserved, 10'000 - reserved);
    order.person();
    order.when(cancel_quantity(cancelled));
    EXPECT_EQ(order.then<schema::OrderLineCancelledT>().release->released_total, cancelled);
    order.then_no_more();
    order.engine_says();
  }
  static schema::CancelLineQuantityT cancel_quantity(std::int64_t milli) {
    schema::CancelLineQuantityT command;
    command.order_id = "O-1";
    command.line = 1;
    command.quantity = Quantity(milli);
    command.reason = "fewer";
    return command;
  }
  // heard: of what the line let go of, as much as the stock item knew.
  static schema::RecordReservationT stock_says(std::int64_t reserved, std::int64_t backordered,
                                               std::int64_t heard) {
    schema::RecordReservationT command;
    command.order_id = "O-1";
    command.line = 1;
    command.reserved_delta = reserved;
    command.backordered_delta = backordered;
    command.released_total = heard;
    return command;
  }
  const schema::OrderLineStateT& line() const { return *order.state().lines[0]; }

  OrderScenario order;
};

TEST_F(OrderCrossing, AFillIsNotCountedTwice) {
  cancel_of(4'000, 3'000);
  // It had filled all six before it heard; it will take three of the ten back.
  order.when(stock_says(6'000, -6'000, 0));
  EXPECT_EQ(order.then<schema::OrderLineStockRecordedT>().stock->reserved, 10'000);
  EXPECT_EQ(order.then<schema::OrderLineReservedT>().reserved.milli(), 7'000);
  order.then_no_more();
  EXPECT_EQ(line().backordered, 0);
}

// Five were lost, and became a backorder, before it heard that five were cancelled: it then lets go
// of the backorder, and what is left is reserved.
TEST_F(OrderCrossing, ALossIsNotTakenTwice) {
  cancel_of(10'000, 5'000);
  order.when(stock_says(-5'000, 5'000, 0));
  EXPECT_EQ(order.then<schema::OrderLineStockRecordedT>().stock->backordered, 5'000);
  order.then_no_more();
  EXPECT_EQ(line().reserved, 5'000);
  EXPECT_EQ(line().backordered, 0);
  ASSERT_NE(line().stock, nullptr);
  // What it tells after it has heard is told of what is left.
  order.when(stock_says(-2'000, 2'000, 5'000));
  order.then<schema::OrderLineStockRecordedT>();
  EXPECT_EQ(order.then<schema::OrderLineUnreservedT>().reserved.milli(), 3'000);
  order.then_no_more();
  EXPECT_EQ(line().backordered, 2'000);
  EXPECT_EQ(line().stock, nullptr);
}

// What is asked for after a release is answered after it: it is no part of what was let go.
TEST_F(OrderCrossing, WhatIsAskedForAfterwardsIsKept) {
  cancel_of(6'000, 4'000);
  order.person();
  order.when(amend_command(9));
  const auto amended = order.then<schema::OrderAmendedT>();
  ASSERT_EQ(amended.reservations.size(), 1u);
  EXPECT_EQ(amended.reservations[0]->released_total, 4'000);
  order.engine_says();
  order.when(stock_says(3'000, 0, 4'000));
  order.then<schema::OrderLineStockRecordedT>();
  EXPECT_EQ(order.then<schema::OrderLineReservedT>().reserved.milli(), 9'000);
  EXPECT_EQ(line().reserved, 9'000);
  EXPECT_EQ(line().backordered, 0);
  EXPECT_EQ(line().stock, nullptr);
}

// A refusal may be the first that tells what was heard: who reads the order learns of it.
TEST_F(OrderCrossing, ARefusalTellsWhatWasHeardToo) {
  cancel_of(6'000, 4'000);
  order.person();
  order.when(amend_command(9));
  order.then_ignore();
  const std::int64_t waiting = line().backordered;
  EXPECT_GT(waiting, 0) << "until it is heard of, the release is taken from what is unanswered";
  order.engine_says();
  auto refused = stock_says(0, 0, 4'000);
  refused.refused = true;
  order.when(refused);
  order.then<schema::OrderLineStockRecordedT>();
  EXPECT_EQ(order.then<schema::OrderLineUnreservedT>().backordered.milli(), 0);
  order.then_ignore();
  EXPECT_EQ(line().backordered, 0);
  EXPECT_EQ(line().reserved, 6'000);
}

// Ten were asked for, and three of them cancelled before the stock item had answered; nobody waits
// for what is short.
class UnansweredCrossing : public OrderCrossing {
 protected:
  void SetUp() override {
    order.policy.order.plan_shipments_automatically = false;
    auto command = OrderScenario::place_command();
    command.header->backorder = schema::BackorderWish::Never;
    order.when(std::move(command));
    order.then_ignore();
    order.credit_granted().stock_available();
    order.person();
    order.when(cancel_quantity(3'000));
    EXPECT_EQ(order.then<schema::OrderLineCancelledT>().release->released_total, 3'000);
    order.engine_says();
  }
};

// It gave eight of ten, and takes three of them back when it hears.
TEST_F(UnansweredCrossing, WhatIsShortIsNotWhatWasLetGo) {
  auto part = stock_says(8'000, 0, 0);
  part.short_milli = 2'000;
  order.when(part);
  EXPECT_EQ(order.then<schema::OrderLineStockRecordedT>().stock->claimed, 8'000);
  EXPECT_EQ(order.then<schema::OrderLineReservedT>().reserved.milli(), 5'000);
  EXPECT_EQ(order.then<schema::OrderCheckFailedT>().available.milli(), 5'000);
  EXPECT_EQ(order.then<schema::OrderHeldT>().reason, schema::HoldReason::Stock);
  order.then_no_more();
  EXPECT_EQ(line().reserved, 5'000);
  EXPECT_EQ(line().claimed, 5'000) << "two are asked for once more when the hold is released";
}

// Seven were given before; of ten in all it denied three, and takes three of the seven back.
TEST_F(UnansweredCrossing, WhatIsRefusedIsNotWhatWasLetGo) {
  order.when(stock_says(7'000, 0, 0));
  order.then<schema::OrderLineStockRecordedT>();
  EXPECT_EQ(order.then<schema::OrderLineReservedT>().reserved.milli(), 7'000);
  order.then_no_more();
  auto refusal = stock_says(0, 0, 0);
  refusal.refused = true;
  order.when(refusal);
  EXPECT_EQ(order.then<schema::OrderLineStockRecordedT>().stock->claimed, 7'000);
  EXPECT_EQ(order.then<schema::OrderLineUnreservedT>().reserved.milli(), 4'000);
  order.then<schema::OrderCheckFailedT>();
  order.then<schema::OrderHeldT>();
  order.then_no_more();
  EXPECT_EQ(line().reserved, 4'000);
}

// All ten have left; of five more that were asked for two were cancelled before the account had
// answered: three of its five are kept, and two go back.
TEST_F(OrderCrossing, CreditForWhatWasCancelledGoesBack) {
  order.released().reserved(10'000);
  order.dispatched("O-1-S1", 10'000);
  ASSERT_EQ(order.state().credit_left, 0);
  order.person();
  order.when(amend_command(15));
  EXPECT_EQ(order.then<schema::OrderAmendedT>().credit->amount.minor(), 5'000);
  order.when(cancel_quantity(2'000));
  EXPECT_EQ(order.then<schema::OrderLineCancelledT>().credit_released.minor(), 0);
  order.engine_says();
  schema::RecordCreditOutcomeT granted;
  granted.order_id = "O-1";
  granted.granted = true;
  granted.amount = Money(5'000, usd);
  order.when(granted);
  EXPECT_EQ(order.then<schema::OrderCheckPassedT>().credit.minor(), 3'000);
  EXPECT_EQ(order.state().credit_left, 3'000);
  const auto& replies = order.decision().replies().commands();
  ASSERT_EQ(replies.size(), 1u);
  const auto* release = replies[0].AsCreditCommands()->command.AsReleaseCredit();
  ASSERT_NE(release, nullptr);
  EXPECT_EQ(release->amount.minor(), 2'000);
}

}  // namespace
}  // namespace orderlog::engine::test
