// Backorders: who is served, in which order, from what (domain.md 3.9); goods that are expected.
#include "engine/stock/rules.h"
#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

std::vector<std::string> filled_in(const std::vector<schema::StockEventUnion>& events) {
  std::vector<std::string> ids;
  for (const auto& event : events) {
    if (const auto* filled = event.AsBackorderFilled()) ids.push_back(filled->reservation_id);
    if (const auto* part = event.AsBackorderPartiallyFilled()) ids.push_back(part->reservation_id);
  }
  return ids;
}

using Ids = std::vector<std::string>;

TEST(Backorder, IsServedByPriorityThenPromiseThenAge) {
  StockScenario item;
  item.when(backorder("undated", 1)).then_ignore();
  item.when(backorder("late", 1, 0, start_day + 9)).then_ignore();
  item.when(backorder("soon", 1, 0, start_day + 2)).then_ignore();
  item.when(backorder("soon, younger", 1, 0, start_day + 2)).then_ignore();
  item.when(backorder("urgent", 1, 5)).then_ignore();
  item.when(backorder("can wait", 1, -1, start_day)).then_ignore();
  item.when(receive(6)).then_ignore();
  EXPECT_EQ(filled_in(item.decision().events()),
            (Ids{"urgent", "soon", "soon, younger", "late", "undated", "can wait"}));
  item.expect_books(6, 6, 0);
}

TEST(Backorder, IsFilledInPartWhenThatIsAllThereIs) {
  StockScenario item;
  item.when(backorder("a", 5)).then_ignore();
  item.when(backorder("b", 5)).then_ignore();
  item.when(receive(7)).then<schema::StockReceivedT>();
  const auto& first = item.then<schema::BackorderFilledT>();
  EXPECT_EQ(first.order_id, "O-a");
  EXPECT_EQ(first.balance->reserved, 5 * unit);
  const auto& second = item.then<schema::BackorderPartiallyFilledT>();
  EXPECT_EQ(second.quantity.milli(), 2 * unit);
  EXPECT_EQ(second.rest.milli(), 3 * unit);
  item.then_no_more();
  item.expect_books(7, 7, 3);
}

TEST(Backorder, IsFilledFromWhatAnotherReservationGivesBack) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 5)).then_ignore();
  item.when(backorder("b", 2)).then_ignore();
  item.when(release("r", 3)).then<schema::StockReleasedT>();
  item.then<schema::BackorderFilledT>();
  item.expect_books(5, 4, 0);
}

// spree#7328: taking quantity out of a backorder frees no stock.
TEST(Backorder, IsNotFilledFromAnotherBackorderThatIsCancelled) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 5)).then_ignore();
  item.when(backorder("a", 4)).then_ignore();
  item.when(backorder("b", 4)).then_ignore();
  item.when(release("a"));
  EXPECT_EQ(item.then<schema::BackorderCancelledT>().quantity.milli(), 4 * unit);
  item.then_no_more();
  item.expect_books(5, 5, 4);
}

TEST(Backorder, TheReleasedReservationIsNotFilledItself) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(backorder("a", 5)).then_ignore();
  item.when(release("a"));
  item.then<schema::BackorderCancelledT>();
  item.then<schema::StockReleasedT>();
  item.then_no_more();
  item.expect_books(3, 0, 0);
}

TEST(Backorder, PutBackOnTheShelfIsStillReserved) {
  StockScenario item;
  item.when(receive(2)).then_ignore();
  item.when(reserve("r", 2)).then_ignore();
  item.when(pick("r", 2)).then_ignore();
  item.when(backorder("b", 1)).then_ignore();
  item.when(unpick("r", 2)).then<schema::StockUnpickedT>();
  item.then_no_more();
}

TEST(Backorder, OnlySoManyAreFilledAtOnceAndTheTimerGoesOn) {
  Runner<StockAggregate> item("widget@MAIN");
  constexpr int waiting = stock::fills_per_command_max * 2 + 50;
  for (int i = 0; i < waiting; ++i) item.run(backorder("b" + std::to_string(i), 1));
  EXPECT_EQ(next_deadline(item.state, item.policy), std::nullopt);
  const auto received = item.run(receive(waiting));
  EXPECT_EQ(received.events().size(), 1u + stock::fills_per_command_max);
  item.authority = schema::Authority::System;
  int runs = 0;
  for (auto due = next_deadline(item.state, item.policy); due;
       due = next_deadline(item.state, item.policy)) {
    EXPECT_GT(*due, item.now);
    item.now = *due;
    item.run(for_item(schema::ExpireHoldsT{}));
    ASSERT_LT(++runs, 10) << "the timer comes to no end";
  }
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(item.state.totals.backordered, 0);
  EXPECT_EQ(item.state.totals.reserved, waiting * unit);
}

// While a fill goes on in steps, there is free stock that is spoken for.
class UnfinishedFill : public ::testing::Test {
 protected:
  UnfinishedFill() : item("widget@MAIN") {
    const int waiting = stock::fills_per_command_max + 2;
    for (int i = 0; i < waiting; ++i) {
      item.run(backorder("b" + std::to_string(i), 1, 0, start_day + 5));
    }
    item.run(receive(waiting + 3));
    EXPECT_EQ(item.state.totals.available(), 5 * unit);
    EXPECT_EQ(item.state.totals.backordered, 2 * unit);
  }
  std::int64_t first_quantity(const schema::ReserveStockT& command) {
    const auto decision = item.run(command);
    if (const auto* all = decision.events().front().AsStockReserved()) return all->quantity.milli();
    const auto* refused = decision.events().front().AsStockReservationRefused();
    return refused == nullptr ? -1 : -refused->available.milli();
  }
  Runner<StockAggregate> item;
};

TEST_F(UnfinishedFill, ANewcomerMayTakeOnlyWhatOlderBackordersLeave) {
  EXPECT_EQ(first_quantity(reserve("n", 4)), -3 * unit);
}
TEST_F(UnfinishedFill, ANewcomerTakesTheRest) {
  EXPECT_EQ(first_quantity(reserve("n", 3)), 3 * unit);
  EXPECT_EQ(item.state.totals.backordered, 0);  // and those who wait are served beside it
}
TEST_F(UnfinishedFill, AHigherPriorityGoesFirst) {
  auto urgent = reserve("n", 5);
  urgent.priority = 1;
  EXPECT_EQ(first_quantity(urgent), 5 * unit);
  EXPECT_EQ(item.state.totals.backordered, 2 * unit);
}
TEST_F(UnfinishedFill, AnEarlierPromiseGoesFirst) {
  auto sooner = reserve("n", 5);
  sooner.promised_date = start_day + 1;
  EXPECT_EQ(first_quantity(sooner), 5 * unit);
}
TEST_F(UnfinishedFill, ASoftHoldComesLast) { EXPECT_TRUE(item.run(hold("cart", 4)).rejected()); }

TEST(PromiseBackorder, IsToldWithTheOldDate) {
  StockScenario item;
  item.when(backorder("b", 2)).then_ignore();
  auto promise = for_item(schema::PromiseBackorderT{});
  promise.reservation_id = "b";
  promise.date = start_day + 7;
  item.when(promise);
  EXPECT_FALSE(item.then<schema::BackorderPromisedT>().old_date.has_value());
  item.when(promise).then_nothing();
  promise.date = start_day + 9;
  item.when(promise);
  const auto& repromised = item.then<schema::BackorderPromisedT>();
  EXPECT_EQ(repromised.old_date, start_day + 7);
  EXPECT_EQ(repromised.order_id, "O-b");
  EXPECT_EQ(item.state().ledger.demand().at(start_day + 9), 2 * unit);
  EXPECT_EQ(item.state().ledger.demand().size(), 1u);
}

TEST(PromiseBackorder, NeedsABackorderAndADayToCome) {
  StockScenario item;
  item.when(receive(1)).then_ignore();
  item.when(reserve("r", 1)).then_ignore();
  auto promise = for_item(schema::PromiseBackorderT{});
  promise.reservation_id = "r";
  promise.date = start_day + 7;
  item.when(promise).then_rejected(RejectionCode::NotFound, "/reservation_id");
  promise.date = start_day - 1;
  item.when(promise).then_rejected(RejectionCode::InvalidArgument, "/date");
  item.as_system().when(promise).then_nothing();
}

TEST(ReprioritiseBackorder, ChangesTheQueueAndSaysSo) {
  StockScenario item;
  item.when(backorder("a", 1)).then_ignore();
  item.when(backorder("b", 1)).then_ignore();
  auto urgent = for_item(schema::ReprioritiseBackorderT{});
  urgent.reservation_id = "b";
  urgent.priority = 3;
  item.when(urgent);
  const auto& changed = item.then<schema::BackorderReprioritisedT>();
  EXPECT_EQ(changed.from, 0);
  EXPECT_EQ(changed.to, 3);
  item.when(urgent).then_nothing();
  urgent.reservation_id = "none";
  item.when(urgent).then_rejected(RejectionCode::NotFound, "/reservation_id");
  item.when(receive(1)).then_ignore();
  EXPECT_EQ(filled_in(item.decision().events()), Ids{"b"});
}

TEST(ExpectStock, IsIncomingUntilItIsCancelled) {
  StockScenario item;
  item.when(expect_goods("PO-1", 10, start_day + 3));
  EXPECT_EQ(item.then<schema::IncomingStockExpectedT>().balance->incoming, 10 * unit);
  item.when(expect_goods("PO-1", 10, start_day + 3)).then_nothing();
  item.when(expect_goods("PO-1", 11, start_day + 3)).then_rejected(RejectionCode::AlreadyExists);
  item.when(expect_goods("", 1, start_day)).then_rejected(RejectionCode::InvalidArgument);
  item.when(expect_goods("PO-2", 1, start_day - 1))
      .then_rejected(RejectionCode::InvalidArgument, "/date");
  auto cancel = for_item(schema::CancelIncomingT{});
  cancel.expectation_id = "PO-1";
  item.when(cancel);
  EXPECT_EQ(item.then<schema::IncomingStockCancelledT>().balance->incoming, 0);
  item.when(cancel).then_rejected(RejectionCode::NotFound, "/expectation_id");
}

TEST(RescheduleIncoming, KeepsTheOldDateOnRecord) {
  StockScenario item;
  item.when(expect_goods("PO-1", 10, start_day + 3)).then_ignore();
  auto later = for_item(schema::RescheduleIncomingT{});
  later.expectation_id = "PO-1";
  later.date = start_day + 8;
  item.when(later);
  const auto& moved = item.then<schema::IncomingStockRescheduledT>();
  EXPECT_EQ(moved.old_date, start_day + 3);
  EXPECT_EQ(moved.new_date, start_day + 8);
  item.when(later).then_nothing();
  EXPECT_EQ(item.state().incoming.at("PO-1").date, start_day + 8);
  later.expectation_id = "none";
  item.when(later).then_rejected(RejectionCode::NotFound, "/expectation_id");
}

}  // namespace
}  // namespace orderlog::engine::test
