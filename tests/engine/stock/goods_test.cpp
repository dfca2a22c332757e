// What comes in, goes out of the books or is counted (domain.md 3.8), soft holds (4.12).
#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

TEST(StockItemId, NamesOneSkuAtOneLocation) {
  for (const char* id : {"widget", "@MAIN", "widget@", "a@b@c", ""}) {
    Scenario<StockAggregate> item{id};
    item.when(receive(1)).then_rejected(RejectionCode::InvalidArgument, "/stock_item_id");
  }
}

TEST(StockItemId, IsNewUntilItsFirstEvent) {
  StockScenario item;
  EXPECT_FALSE(item.state().exists);
  item.when(receive(1)).then_ignore();
  EXPECT_TRUE(item.state().exists);
}

TEST(ReceiveStock, IsOnHandAndInTheBalance) {
  StockScenario item;
  item.when(receive(5));
  const auto& received = item.then<schema::StockReceivedT>();
  EXPECT_EQ(received.quantity.milli(), 5 * unit);
  ASSERT_NE(received.balance, nullptr);
  EXPECT_EQ(received.balance->on_hand, 5 * unit);
  item.then_no_more();
  item.expect_books(5, 0, 0);
}

TEST(ReceiveStock, RefusesWhatIsNoQuantity) {
  StockScenario item;
  item.when(receive(0)).then_rejected(RejectionCode::InvalidArgument, "/quantity");
  item.when(receive(-1)).then_rejected(RejectionCode::InvalidArgument, "/quantity");
  item.when(receive(2'000'000'000)).then_rejected(RejectionCode::LimitExceeded, "/quantity");
  item.policy.order.quantity_milli_max = std::numeric_limits<std::int64_t>::max();
  item.when(receive(2'000'000'000'000)).then_rejected(RejectionCode::Overflow, "/quantity");
  EXPECT_FALSE(item.state().exists);
}

TEST(ReceiveStock, ComesOffWhatWasExpected) {
  StockScenario item;
  item.when(expect_goods("PO-1", 10, start_day + 3)).then<schema::IncomingStockExpectedT>();
  item.when(receive(4, "PO-1"));
  EXPECT_EQ(item.then<schema::StockReceivedT>().balance->incoming, 6 * unit);
  item.when(receive(7, "PO-1")).then_rejected(RejectionCode::LimitExceeded, "/quantity");
  item.when(receive(6, "PO-1"));
  EXPECT_EQ(item.then<schema::StockReceivedT>().balance->incoming, 0);
  item.when(receive(1, "PO-1")).then_rejected(RejectionCode::NotFound, "/expectation_id");
  EXPECT_TRUE(item.state().incoming.empty());
}

TEST(ReceiveStock, OverDeliveryIsToleratedAsFarAsThePolicySays) {
  StockScenario item;
  item.policy.stock.over_delivery_ppm = 100'000;
  item.when(expect_goods("PO-1", 10, start_day)).then_ignore();
  item.when(receive(12, "PO-1")).then_rejected(RejectionCode::LimitExceeded, "/quantity");
  item.when(receive(11, "PO-1")).then<schema::StockReceivedT>();
  EXPECT_EQ(item.state().totals.incoming, 0);
}

TEST(ReceiveStock, ThePastIsTakenAsItWas) {
  StockScenario item;
  item.as_import().when(receive(7, "unknown")).then<schema::StockReceivedT>();
  item.expect_books(7, 0, 0);
}

TEST(AdjustStock, NeedsAReasonAndAChange) {
  StockScenario item;
  item.when(adjust(0)).then_rejected(RejectionCode::InvalidArgument, "/delta");
  auto silent = adjust(1);
  silent.reason.clear();
  item.when(silent).then_rejected(RejectionCode::InvalidArgument, "/reason");
}

TEST(AdjustStock, NothingFallsBelowZero) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(adjust(-6)).then_rejected(RejectionCode::InsufficientStock, "/delta");
  item.when(adjust(0, 6)).then_rejected(RejectionCode::InvalidArgument, "/damaged_delta");
  item.when(adjust(0, -1)).then_rejected(RejectionCode::InvalidArgument, "/damaged_delta");
  item.when(adjust(-1, 2));
  const auto& adjusted = item.then<schema::StockAdjustedT>();
  EXPECT_EQ(adjusted.balance->on_hand, 4 * unit);
  EXPECT_EQ(adjusted.balance->damaged, 2 * unit);
  EXPECT_EQ(item.state().totals.available(), 2 * unit);
}

// A short pick that a count, or another picker, came before.
TEST(AdjustStock, TheEngineTakesWhatIsThere) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(adjust(0, 4)).then_ignore();
  item.as_system();
  item.when(adjust(-3));
  const auto& adjusted = item.then<schema::StockAdjustedT>();
  EXPECT_EQ(adjusted.balance->on_hand, 2 * unit);
  EXPECT_EQ(adjusted.balance->damaged, 2 * unit);
  item.when(adjust(-3)).then_ignore();
  item.when(adjust(-1)).then_nothing();
}

TEST(AdjustStock, BreaksTheNewestReservationAndItWaits) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("old", 6)).then_ignore();
  item.when(reserve("new", 4)).then_ignore();
  item.when(adjust(-3));
  const auto& broken = item.then<schema::ReservationBrokenT>();
  EXPECT_EQ(broken.reservation_id, "new");
  EXPECT_EQ(broken.order_id, "O-new");
  EXPECT_EQ(broken.quantity.milli(), 3 * unit);
  EXPECT_EQ(broken.balance->reserved, 7 * unit);
  EXPECT_EQ(broken.balance->backordered, 3 * unit);
  const auto& adjusted = item.then<schema::StockAdjustedT>();
  EXPECT_EQ(adjusted.balance->on_hand, 7 * unit);
  item.then_no_more();
  item.expect_books(7, 7, 3);
  item.when(receive(5)).then<schema::StockReceivedT>();
  EXPECT_EQ(item.then<schema::BackorderFilledT>().reservation_id, "new");
  item.expect_books(12, 10, 0);
}

TEST(AdjustStock, WhatIsPickedBreaksLast) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("old", 5)).then_ignore();
  item.when(reserve("new", 5)).then_ignore();
  item.when(pick("new", 5)).then_ignore();
  item.when(adjust(-6));
  EXPECT_EQ(item.then<schema::ReservationBrokenT>().reservation_id, "old");
  const auto& second = item.then<schema::ReservationBrokenT>();
  EXPECT_EQ(second.reservation_id, "new");
  EXPECT_EQ(second.quantity.milli(), 1 * unit);
  item.then<schema::StockAdjustedT>();
  EXPECT_EQ(item.state().ledger.find("new")->picked, 4 * unit);
  item.expect_books(4, 4, 6);
}

TEST(AdjustStock, DamageTakesStockFromReservations) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(reserve("r", 3)).then_ignore();
  item.when(adjust(0, 1)).then<schema::ReservationBrokenT>();
  item.then<schema::StockAdjustedT>();
  item.expect_books(3, 2, 1);
}

TEST(AdjustStock, SoftHoldsEndBeforeReservationsBreak) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(hold("cart", 2)).then_ignore();
  item.when(reserve("r", 3)).then_ignore();
  item.when(adjust(-2));
  EXPECT_EQ(item.then<schema::StockHoldReleasedT>().hold_id, "cart");
  item.then<schema::StockAdjustedT>();
  item.expect_books(3, 3, 0);
}

TEST(AdjustStock, BreaksOnlySoManyAtOnce) {
  Runner<StockAggregate> item("widget@MAIN");
  item.run(receive(2'000));
  for (int i = 0; i < 1'001; ++i) item.run(reserve("r" + std::to_string(i), 1));
  const auto refused = item.run(count(0));
  ASSERT_TRUE(refused.rejected());
  EXPECT_EQ(refused.rejection().code, RejectionCode::LimitExceeded);
  EXPECT_FALSE(item.run(count(1)).rejected());
  EXPECT_EQ(find_discrepancy(item.state), std::nullopt);
}

TEST(CountStock, TellsTheDifferenceEvenWhenThereIsNone) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(count(5));
  EXPECT_EQ(item.then<schema::StockCountedT>().difference.milli(), 0);
  item.when(count(3));
  EXPECT_EQ(item.then<schema::StockCountedT>().difference.milli(), -2 * unit);
  item.when(count(-1)).then_rejected(RejectionCode::InvalidArgument, "/counted");
  item.expect_books(3, 0, 0);
}

TEST(CountStock, FindsDamagedGoodsGone) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(adjust(0, 4)).then_ignore();
  item.when(count(2));
  EXPECT_EQ(item.then<schema::StockCountedT>().balance->damaged, 2 * unit);
  EXPECT_EQ(find_discrepancy(item.state()), std::nullopt);
}

TEST(CountStock, BelowTheReservationsBreaksTheNewest) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 5)).then_ignore();
  item.when(count(2)).then<schema::ReservationBrokenT>();
  EXPECT_EQ(item.then<schema::StockCountedT>().balance->reserved, 2 * unit);
  item.expect_books(2, 2, 3);
}

TEST(CountStock, MoreThanThoughtFillsWhoWaits) {
  StockScenario item;
  item.when(backorder("r", 4)).then_ignore();
  item.when(count(3)).then<schema::StockCountedT>();
  EXPECT_EQ(item.then<schema::BackorderPartiallyFilledT>().rest.milli(), 1 * unit);
  item.expect_books(3, 3, 1);
}

TEST(ScrapStock, TakesTheDamagedFirst) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(adjust(0, 2)).then_ignore();
  auto scrap = for_item(schema::ScrapStockT{});
  scrap.quantity = Quantity(3 * unit);
  item.when(scrap).then_rejected(RejectionCode::InvalidArgument, "/reason");
  scrap.reason = "broken";
  item.when(scrap);
  const auto& scrapped = item.then<schema::StockScrappedT>();
  EXPECT_EQ(scrapped.balance->on_hand, 2 * unit);
  EXPECT_EQ(scrapped.balance->damaged, 0);
  item.when(scrap).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.expect_books(2, 0, 0);
}

TEST(ScrapStock, OfReservedGoodsBreaksTheReservation) {
  StockScenario item;
  item.when(receive(2)).then_ignore();
  item.when(reserve("r", 2)).then_ignore();
  auto scrap = for_item(schema::ScrapStockT{});
  scrap.quantity = Quantity(1 * unit);
  scrap.reason = "broken";
  item.when(scrap).then<schema::ReservationBrokenT>();
  item.then<schema::StockScrappedT>();
  item.expect_books(1, 1, 1);
}

TEST(RestockReturn, IsAvailableAgainAndFillsWhoWaits) {
  StockScenario item;
  item.when(backorder("r", 1)).then_ignore();
  auto restock = for_item(schema::RestockReturnT{});
  restock.quantity = Quantity(2 * unit);
  restock.document = "RMA-1";
  item.when(restock);
  EXPECT_EQ(item.then<schema::StockRestockedT>().document, "RMA-1");
  item.then<schema::BackorderFilledT>();
  item.expect_books(2, 1, 0);
}

TEST(RestockReturn, OfDamagedGoodsIsNotAvailable) {
  StockScenario item;
  auto restock = for_item(schema::RestockReturnT{});
  restock.quantity = Quantity(2 * unit);
  restock.condition = schema::RestockCondition::Damaged;
  item.when(restock);
  EXPECT_EQ(item.then<schema::StockRestockedT>().condition, schema::RestockCondition::Damaged);
  EXPECT_EQ(item.state().totals.damaged, 2 * unit);
  item.when(reserve("r", 1)).then<schema::StockReservationRefusedT>();
}

TEST(TransferStock, TakesOnlyWhatIsAvailable) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 2)).then_ignore();
  auto transfer = for_item(schema::TransferStockT{});
  transfer.to_location = "NORTH";
  transfer.quantity = Quantity(4 * unit);
  item.when(transfer).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  transfer.quantity = Quantity(3 * unit);
  item.when(transfer);
  const auto& out = item.then<schema::StockTransferredOutT>();
  EXPECT_EQ(out.to_stock_item_id, "widget@NORTH");
  EXPECT_EQ(out.balance->on_hand, 2 * unit);
  item.expect_books(2, 2, 0);
}

TEST(TransferStock, GoesToAnotherLocationOfTheSameSku) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  auto transfer = for_item(schema::TransferStockT{});
  transfer.quantity = Quantity(1 * unit);
  for (const char* nowhere : {"", "MAIN", "NORTH@SOUTH"}) {
    transfer.to_location = nowhere;
    item.when(transfer).then_rejected(RejectionCode::InvalidArgument, "/to_location");
  }
  transfer.to_location = std::string(65, 'x');
  item.when(transfer).then_rejected(RejectionCode::LimitExceeded, "/to_location");
}

TEST(AcceptTransfer, IsOnHandAndFillsWhoWaits) {
  StockScenario item;
  item.when(backorder("r", 2)).then_ignore();
  auto arrived = for_item(schema::AcceptTransferT{});
  arrived.from_stock_item_id = "widget@NORTH";
  arrived.quantity = Quantity(3 * unit);
  item.when(arrived);
  EXPECT_EQ(item.then<schema::StockTransferredInT>().balance->on_hand, 3 * unit);
  item.then<schema::BackorderFilledT>();
  item.expect_books(3, 2, 0);
}

TEST(BlockStock, PromisesNothingUntilItIsUnblockedAndThenServesWhoWaited) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  auto block = for_item(schema::BlockStockT{});
  block.reason = "yearly count";
  item.when(block);
  EXPECT_TRUE(item.then<schema::StockBlockedT>().balance->blocked);
  item.when(block).then_rejected(RejectionCode::InvalidTransition);
  item.when(hold("cart", 1)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.when(reserve("none", 1, schema::BackorderPolicy::Never));
  EXPECT_EQ(item.then<schema::StockReservationRefusedT>().available, Quantity(0));
  item.when(backorder("r", 2)).then<schema::BackorderOpenedT>();
  item.when(receive(1)).then<schema::StockReceivedT>();
  item.then_no_more();
  item.expect_books(6, 0, 2);

  auto unblock = for_item(schema::UnblockStockT{});
  item.when(unblock);
  EXPECT_FALSE(item.then<schema::StockUnblockedT>().balance->blocked);
  item.then<schema::BackorderFilledT>();
  item.expect_books(6, 2, 0);
  item.when(unblock).then_rejected(RejectionCode::InvalidTransition);
}

TEST(BlockStock, LetsGoWhatWasPromisedBefore) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 2)).then_ignore();
  auto block = for_item(schema::BlockStockT{});
  item.when(block).then_rejected(RejectionCode::InvalidArgument, "/reason");
  block.reason = "inspection";
  item.when(block).then_ignore();
  item.when(pick("r", 2)).then<schema::StockPickedT>();
  item.as_system().when(issue("r", 2)).then<schema::StockIssuedT>();
  item.expect_books(3, 0, 0);
}

TEST(SetSafetyStock, IsKeptAndOnlyToldWhenItChanges) {
  StockScenario item;
  auto safety = for_item(schema::SetSafetyStockT{});
  safety.quantity = Quantity(5 * unit);
  item.when(safety);
  EXPECT_EQ(item.then<schema::SafetyStockSetT>().balance->safety, 5 * unit);
  item.when(safety).then_nothing();
  safety.quantity = Quantity(-1);
  item.when(safety).then_rejected(RejectionCode::InvalidArgument, "/quantity");
}

TEST(HoldStock, HoldsWhatIsAvailableUntilItsTimeIsUp) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(hold("cart", 4)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.when(hold("cart", 2));
  const auto& held = item.then<schema::StockHeldT>();
  ASSERT_TRUE(held.expires_at.has_value());
  EXPECT_EQ(*held.expires_at, scenario_start + 600 * us_per_second);
  item.when(hold("cart", 2)).then_nothing();
  item.when(hold("other", 2)).then_rejected(RejectionCode::InsufficientStock);
  EXPECT_EQ(item.deadline(), scenario_start + 600 * us_per_second);
  item.when_due(for_item(schema::ExpireHoldsT{}));
  EXPECT_EQ(item.then<schema::StockHoldExpiredT>().hold_id, "cart");
  EXPECT_EQ(item.deadline(), std::nullopt);
  EXPECT_EQ(item.state().totals.available(), 3 * unit);
}

TEST(HoldStock, LastsAsLongAsItSays) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  auto brief = hold("cart", 1);
  brief.ttl_seconds = 0;
  item.when(brief).then_rejected(RejectionCode::InvalidArgument, "/ttl_seconds");
  brief.ttl_seconds = 5;
  item.when(brief).then_ignore();
  EXPECT_EQ(item.deadline(), scenario_start + 5 * us_per_second);
  item.policy.stock.soft_hold_ttl_seconds = 0;  // off: holds do not end by themselves
  item.when(hold("kept", 1));
  EXPECT_FALSE(item.then<schema::StockHeldT>().expires_at.has_value());
}

TEST(HoldStock, TheTimerDoesNothingBeforeItIsDue) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(hold("cart", 1)).then_ignore();
  item.when(for_item(schema::ExpireHoldsT{})).then_rejected(RejectionCode::EngineOnly);
  item.as_system().when(for_item(schema::ExpireHoldsT{})).then_nothing();
}

TEST(ReleaseHoldOfStock, GivesBackOnce) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(hold("cart", 2)).then_ignore();
  auto give_back = for_item(schema::ReleaseHoldOfStockT{});
  give_back.hold_id = "cart";
  item.when(give_back).then<schema::StockHoldReleasedT>();
  item.when(give_back).then_rejected(RejectionCode::NotFound, "/hold_id");
  item.as_system().when(give_back).then_nothing();
  EXPECT_EQ(item.state().totals.available(), 3 * unit);
}

TEST(ReleaseHoldOfStock, WhatItFreesGoesToWhoWaits) {
  StockScenario item;
  item.when(receive(2)).then_ignore();
  item.when(hold("cart", 2)).then_ignore();
  item.when(backorder("r", 2)).then_ignore();
  auto give_back = for_item(schema::ReleaseHoldOfStockT{});
  give_back.hold_id = "cart";
  item.when(give_back).then<schema::StockHoldReleasedT>();
  item.then<schema::BackorderFilledT>();
  item.expect_books(2, 2, 0);
}

}  // namespace
}  // namespace orderlog::engine::test
