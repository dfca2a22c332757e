// Reservations: reserve, release, pick, unpick, issue (domain.md 3.8, P1 to P3).
#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

using schema::BackorderPolicy;
using schema::ReservePolicy;

TEST(ReserveStock, TakesFromTheShelf) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("r", 4));
  const auto& reserved = item.then<schema::StockReservedT>();
  EXPECT_EQ(reserved.order_id, "O-r");
  EXPECT_EQ(reserved.line, 1u);
  EXPECT_EQ(reserved.quantity.milli(), 4 * unit);
  EXPECT_EQ(reserved.balance->reserved, 4 * unit);
  EXPECT_EQ(reserved.balance->ledger_reserved, 4 * unit);
  item.then_no_more();
  item.expect_books(10, 4, 0);
}

TEST(ReserveStock, TheSameIdAgainIsARepeat) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("r", 4)).then_ignore();
  item.when(reserve("r", 4)).then_nothing();
  item.as_system().when(reserve("r", 9)).then_nothing();
  item.expect_books(10, 4, 0);
}

TEST(ReserveStock, ATopUpAddsToTheReservation) {
  StockScenario item;
  item.when(receive(6)).then_ignore();
  item.when(reserve("r", 4)).then_ignore();
  auto more = reserve("r", 3, BackorderPolicy::Always);
  more.top_up = true;
  item.as_system().when(more);
  EXPECT_EQ(item.then<schema::StockPartiallyReservedT>().quantity.milli(), 2 * unit);
  EXPECT_EQ(item.then<schema::BackorderOpenedT>().quantity.milli(), 1 * unit);
  EXPECT_EQ(item.state().ledger.size(), 1u);
  EXPECT_EQ(item.state().ledger.find("r")->reserved, 6 * unit);
  item.expect_books(6, 6, 1);
}

TEST(ReserveStock, ATopUpOfAnUnknownIdOpensIt) {
  StockScenario item;
  item.when(receive(6)).then_ignore();
  auto more = reserve("r", 3);
  more.top_up = true;
  item.as_system().when(more).then<schema::StockReservedT>();
  item.expect_books(6, 3, 0);
}

TEST(ReserveStock, InFullOrNotAtAll) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  for (const auto wish : {BackorderPolicy::Ask, BackorderPolicy::Never}) {
    item.when(reserve("r", 4, wish, ReservePolicy::Full));
    const auto& refused = item.then<schema::StockReservationRefusedT>();
    EXPECT_EQ(refused.available.milli(), 3 * unit);
    EXPECT_EQ(refused.quantity.milli(), 4 * unit);
    EXPECT_EQ(refused.order_id, "O-r");
    item.then_no_more();
  }
  EXPECT_EQ(item.state().ledger.size(), 0u);
}

TEST(ReserveStock, InPartAndTheRestIsLeft) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(reserve("r", 4, BackorderPolicy::Never, ReservePolicy::Partial));
  const auto& partly = item.then<schema::StockPartiallyReservedT>();
  EXPECT_EQ(partly.quantity.milli(), 3 * unit);
  EXPECT_EQ(partly.short_.milli(), 1 * unit);
  item.then_no_more();
  item.expect_books(3, 3, 0);
  item.when(reserve("s", 1, BackorderPolicy::Ask, ReservePolicy::Partial))
      .then<schema::StockReservationRefusedT>();
}

TEST(ReserveStock, InPartAndTheRestWaits) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  for (const auto policy : {ReservePolicy::Full, ReservePolicy::Partial}) {
    StockScenario other;
    other.when(receive(3)).then_ignore();
    other.when(reserve("r", 4, BackorderPolicy::Always, policy));
    EXPECT_EQ(other.then<schema::StockPartiallyReservedT>().short_.milli(), 1 * unit);
    EXPECT_EQ(other.then<schema::BackorderOpenedT>().quantity.milli(), 1 * unit);
    other.expect_books(3, 3, 1);
  }
  item.when(backorder("r", 3)).then<schema::StockReservedT>();
  item.when(backorder("s", 2));
  EXPECT_EQ(item.then<schema::BackorderOpenedT>().balance->backordered, 2 * unit);
  item.then_no_more();
}

TEST(ReserveStock, ThePastWaitsInsteadOfBeingRefused) {
  StockScenario item;
  item.as_import().when(reserve("r", 4, BackorderPolicy::Never)).then<schema::BackorderOpenedT>();
  item.expect_books(0, 0, 4);
}

TEST(ReserveStock, RefusesWhatIsIncomplete) {
  StockScenario item;
  item.when(reserve("", 1)).then_rejected(RejectionCode::InvalidArgument, "/reservation_id");
  item.when(reserve("r", 0)).then_rejected(RejectionCode::InvalidArgument, "/quantity");
  auto odd = backorder("r", 1);
  odd.promised_date = day_max + 1;
  item.when(odd).then_rejected(RejectionCode::InvalidArgument, "/promised_date");
}

TEST(ReserveStock, HasALimitOfOpenReservations) {
  StockScenario item;
  item.policy.stock.reservations_max = 1;
  item.when(receive(5)).then_ignore();
  item.when(reserve("a", 1)).then_ignore();
  item.when(reserve("b", 1)).then_rejected(RejectionCode::LimitExceeded);
  item.as_system().when(reserve("b", 1)).then<schema::StockReservationRefusedT>();
}

TEST(ReserveStock, TurnsASoftHoldIntoAReservation) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(hold("cart", 3)).then_ignore();
  item.when(reserve("other", 1)).then<schema::StockReservationRefusedT>();
  auto checkout = reserve("r", 2);
  checkout.hold_id = "cart";
  item.when(checkout);
  const auto& reserved = item.then<schema::StockReservedT>();
  EXPECT_EQ(reserved.hold_id, "cart");
  EXPECT_EQ(reserved.balance->soft_held, 0);
  item.expect_books(3, 2, 0);
  EXPECT_EQ(item.state().totals.available(), 1 * unit);
}

TEST(ReserveStock, AHoldThatHasEndedIsNoHelpAndNoHarm) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  auto checkout = reserve("r", 2);
  checkout.hold_id = "gone";
  item.when(checkout);
  EXPECT_EQ(item.then<schema::StockReservedT>().hold_id, "");
}

TEST(ReleaseStock, GivesBackExactlyWhatIsLeft) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("r", 8)).then_ignore();
  item.when(release("r", 3));
  EXPECT_EQ(item.then<schema::StockReleasedT>().quantity.milli(), 3 * unit);
  item.when(release("r", 6)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.when(release("r"));
  EXPECT_EQ(item.then<schema::StockReleasedT>().quantity.milli(), 5 * unit);
  item.expect_books(10, 0, 0);
}

TEST(ReleaseStock, TwiceIsRefusedToAClientAndNothingToTheEngine) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("r", 8)).then_ignore();
  item.when(release("r")).then_ignore();
  item.when(release("r")).then_rejected(RejectionCode::NotFound, "/reservation_id");
  item.when(release("never")).then_rejected(RejectionCode::NotFound, "/reservation_id");
  item.as_system().when(release("r")).then_nothing();
  item.expect_books(10, 0, 0);
}

TEST(ReleaseStock, TheBackorderGoesFirst) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(backorder("r", 5)).then_ignore();
  item.when(release("r", 3));
  EXPECT_EQ(item.then<schema::BackorderCancelledT>().quantity.milli(), 2 * unit);
  EXPECT_EQ(item.then<schema::StockReleasedT>().quantity.milli(), 1 * unit);
  item.expect_books(3, 2, 0);
}

TEST(ReleaseStock, PickedGoodsOnlyOnTheEnginesWord) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 5)).then_ignore();
  item.when(pick("r", 4)).then_ignore();
  item.when(release("r", 2)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.when(release("r"));
  EXPECT_EQ(item.then<schema::StockReleasedT>().quantity.milli(), 1 * unit);
  item.when(release("r")).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.as_system().when(release("r"));
  EXPECT_EQ(item.then<schema::StockReleasedT>().quantity.milli(), 4 * unit);
  // The shipment's own cancellation comes late: nothing is left to put back.
  item.when(unpick("r", 4)).then_nothing();
  item.expect_books(5, 0, 0);
}

TEST(PickStock, MovesBetweenShelfAndDock) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 3)).then_ignore();
  item.when(pick("none", 1)).then_rejected(RejectionCode::NotFound, "/reservation_id");
  item.when(unpick("none", 1)).then_rejected(RejectionCode::NotFound, "/reservation_id");
  item.when(pick("r", 4)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  auto for_shipment = pick("r", 2);
  for_shipment.shipment_id = "S-1";
  item.when(for_shipment);
  const auto& picked = item.then<schema::StockPickedT>();
  EXPECT_EQ(picked.shipment_id, "S-1");
  EXPECT_EQ(picked.balance->reserved, 3 * unit);
  EXPECT_EQ(item.state().ledger.find("r")->picked, 2 * unit);
  item.when(unpick("r", 3)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.when(unpick("r", 1)).then<schema::StockUnpickedT>();
  EXPECT_EQ(item.state().ledger.find("r")->picked, 1 * unit);
  item.expect_books(5, 3, 0);
}

TEST(PickStock, TheEngineTakesWhatIsThere) {
  StockScenario item;
  item.when(receive(3)).then_ignore();
  item.when(reserve("r", 3)).then_ignore();
  item.as_system().when(pick("r", 5));
  EXPECT_EQ(item.then<schema::StockPickedT>().quantity.milli(), 3 * unit);
  item.when(pick("r", 5)).then_nothing();
  item.when(pick("none", 5)).then_nothing();
  item.when(unpick("r", 9));
  EXPECT_EQ(item.then<schema::StockUnpickedT>().quantity.milli(), 3 * unit);
}

TEST(IssueStock, TakesPickedThenReserved) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("r", 6)).then_ignore();
  item.when(pick("r", 2)).then_ignore();
  item.when(issue("r", 3));
  const auto& issued = item.then<schema::StockIssuedT>();
  EXPECT_EQ(issued.unreserved.milli(), 0);
  EXPECT_EQ(issued.balance->on_hand, 7 * unit);
  EXPECT_EQ(issued.balance->reserved, 3 * unit);
  EXPECT_EQ(item.state().ledger.find("r")->picked, 0);
  EXPECT_EQ(item.state().ledger.find("r")->reserved, 3 * unit);
  item.when(issue("r", 3)).then<schema::StockIssuedT>();
  EXPECT_EQ(item.state().ledger.size(), 0u);
  EXPECT_EQ(item.state().totals.issued, 6 * unit);
  item.expect_books(4, 0, 0);
}

TEST(IssueStock, MoreThanReservedIsRefused) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.when(reserve("r", 2)).then_ignore();
  item.when(issue("r", 3)).then_rejected(RejectionCode::InsufficientStock, "/quantity");
  item.when(issue("none", 1)).then_rejected(RejectionCode::NotFound, "/reservation_id");
  item.as_system().when(issue("none", 1)).then_nothing();
  item.expect_books(10, 2, 0);
}

TEST(IssueStock, ThePastIsTakenWholeAndFlagged) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.as_import().when(issue("none", 4));
  const auto& issued = item.then<schema::StockIssuedT>();
  EXPECT_EQ(issued.unreserved.milli(), 4 * unit);
  EXPECT_EQ(issued.balance->on_hand, 6 * unit);
  item.when(issue("none", 9));
  EXPECT_EQ(item.then<schema::StockIssuedT>().balance->on_hand, 0);
  // What left without having come must have come: the books stay whole.
  EXPECT_EQ(item.state().totals.issued, 13 * unit);
  EXPECT_EQ(item.state().totals.received, 13 * unit);
  item.expect_books(0, 0, 0);
}

// On several partitions a shipment's word may arrive before its order's.
TEST(IssueStock, AReservationThatComesAfterItsGoodsHaveLeftIsDoneWith) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.as_import().when(issue("r", 4)).then_ignore();
  item.when(reserve("r", 6));
  const auto& done = item.then<schema::ReservationIssuedBeforeT>();
  EXPECT_EQ(done.order_id, "O-r");
  EXPECT_EQ(done.line, 1u);
  EXPECT_EQ(done.quantity.milli(), 4 * unit);
  EXPECT_EQ(item.then<schema::StockReservedT>().quantity.milli(), 2 * unit);
  item.then_no_more();
  item.expect_books(6, 2, 0);
  EXPECT_TRUE(item.state().issued_ahead.empty());
}

TEST(IssueStock, OfAReservationThatComesInPartsEachFindsWhatIsLeft) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.as_import().when(issue("r", 4)).then_ignore();
  item.when(reserve("r", 3));
  EXPECT_EQ(item.then<schema::ReservationIssuedBeforeT>().quantity.milli(), 3 * unit);
  item.then_no_more();
  item.when(reserve("r", 3));
  EXPECT_EQ(item.then<schema::ReservationIssuedBeforeT>().quantity.milli(), 1 * unit);
  item.then<schema::StockReservedT>();
  item.expect_books(6, 2, 0);
}

TEST(IssueStock, AClientsReservationTakesFromTheShelf) {
  StockScenario item;
  item.when(receive(10)).then_ignore();
  item.as_import().when(issue("r", 4)).then_ignore();
  item.as("clerk", schema::Role::Warehouse, schema::Authority::Normal);
  item.when(reserve("r", 4)).then<schema::StockReservedT>();
  item.expect_books(6, 4, 0);
}

TEST(IssueStock, ThePastBreaksTheNewestReservations) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("old", 2)).then_ignore();
  item.when(reserve("new", 3)).then_ignore();
  item.as_import().when(issue("none", 4));
  EXPECT_EQ(item.then<schema::ReservationBrokenT>().reservation_id, "new");
  EXPECT_EQ(item.then<schema::ReservationBrokenT>().quantity.milli(), 1 * unit);
  item.then<schema::StockIssuedT>();
  item.expect_books(1, 1, 4);
}

TEST(IssueStock, WhatHasLeftNoLongerWaits) {
  StockScenario item;
  item.as_import().when(reserve("r", 4)).then<schema::BackorderOpenedT>();
  item.when(issue("r", 4));
  EXPECT_EQ(item.then<schema::StockIssuedT>().unreserved.milli(), 4 * unit);
  EXPECT_EQ(item.then<schema::BackorderCancelledT>().reason, "issued");
  item.expect_books(0, 0, 0);
  EXPECT_EQ(item.state().ledger.size(), 0u);
}

TEST(IssueStock, TheEngineIssuesNoMoreThanWasEverReserved) {
  StockScenario item;
  item.when(receive(5)).then_ignore();
  item.when(reserve("r", 4)).then_ignore();
  item.when(pick("r", 4)).then_ignore();
  item.when(count(3)).then<schema::ReservationBrokenT>();
  item.then<schema::StockCountedT>();
  item.as_system().when(issue("r", 9));
  EXPECT_EQ(item.then<schema::StockIssuedT>().quantity.milli(), 4 * unit);
  item.then<schema::BackorderCancelledT>();
  item.expect_books(0, 0, 0);
}

}  // namespace
}  // namespace orderlog::engine::test
