// Each transition of an order and each refusal (domain.md 3.6, 3.7), and answers that come late or
// twice.
#include "tests/engine/orders/order_fixture.h"

namespace orderlog::engine::test {
namespace {

using schema::HoldReason;
using schema::OrderLifecycle;

schema::PlaceHoldT hold_command(HoldReason reason) {
  schema::PlaceHoldT command;
  command.order_id = "O-1";
  command.reason = reason;
  return command;
}
schema::ReleaseHoldT release_command(HoldReason reason) {
  schema::ReleaseHoldT command;
  command.order_id = "O-1";
  command.reason = reason;
  return command;
}
schema::CancelOrderT cancel_command() {
  schema::CancelOrderT command;
  command.order_id = "O-1";
  command.reason = "changed his mind";
  return command;
}
schema::ReleaseOrderT release_order() {
  schema::ReleaseOrderT command;
  command.order_id = "O-1";
  return command;
}
schema::RejectOrderT reject_order() {
  schema::RejectOrderT command;
  command.order_id = "O-1";
  command.reason = "no";
  return command;
}

TEST(OrderLifecycle, ChecksLeadToApprovalAndRelease) {
  OrderScenario order;
  order.submitted().credit_granted();
  EXPECT_EQ(order.state().lifecycle, OrderLifecycle::Submitted);
  order.engine_says();
  schema::RecordAvailabilityT stock;
  stock.order_id = "O-1";
  stock.line = 1;
  stock.available = Quantity(10'000);
  order.when(stock);
  order.then<schema::OrderCheckPassedT>();
  const auto& approved = order.then<schema::OrderApprovedT>();
  ASSERT_EQ(approved.reservations.size(), 1u);
  EXPECT_EQ(approved.reservations[0]->reservation_id, "O-1/1");
  EXPECT_EQ(approved.reservations[0]->stock_item_id, "P-1@MAIN");
  EXPECT_EQ(approved.dimensions->salesperson, "sam");
  order.then<schema::OrderReleasedT>();
  order.then_no_more();
  order.when(stock);
  order.then_nothing();
}

TEST(OrderLifecycle, WithoutAutomaticReleaseSomebodyReleases) {
  OrderScenario order;
  order.policy.order.release_automatically = false;
  order.released();
  EXPECT_EQ(order.state().lifecycle, OrderLifecycle::Approved);
  order.person().when(hold_command(HoldReason::Manual));
  order.then<schema::OrderHeldT>();
  order.when(release_order());
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(release_command(HoldReason::Manual));
  order.then<schema::OrderHoldReleasedT>();
  order.when(release_order());
  order.then<schema::OrderReleasedT>();
  order.then_no_more();
}

TEST(OrderLifecycle, WhatIsNotListedIsRefused) {
  OrderScenario order;
  order.person().when(cancel_command());
  order.then_rejected(RejectionCode::NotFound);
  order.when(release_order());
  order.then_rejected(RejectionCode::NotFound);
  order.when(hold_command(HoldReason::Manual));
  order.then_rejected(RejectionCode::NotFound);
  order.submitted();
  order.person().when(release_order());
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(amend_command(3));
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(reject_order());
  order.then<schema::OrderRejectedT>();
  order.then_no_more();
  EXPECT_EQ(order.state().lifecycle, OrderLifecycle::Rejected);
  order.when(release_order());
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(cancel_command());
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(hold_command(HoldReason::Manual));
  order.then_rejected(RejectionCode::InvalidTransition);
}

TEST(OrderLifecycle, CreditForAnOrderThatHasEndedGoesBack) {
  OrderScenario order;
  order.submitted();
  order.person().when(reject_order());
  order.then_ignore();
  order.engine_says();
  schema::RecordCreditOutcomeT credit;
  credit.order_id = "O-1";
  credit.granted = true;
  order.when(credit);
  order.then_nothing();
  EXPECT_EQ(order.decision().replies().commands().size(), 1u);
}

TEST(OrderLifecycle, EngineCommandsAreRefusedToClients) {
  OrderScenario order;
  order.submitted();
  order.person(schema::Role::Admin);
  schema::RecordCreditOutcomeT credit;
  credit.order_id = "O-1";
  credit.granted = true;
  order.when(credit);
  order.then_rejected(RejectionCode::EngineOnly);
  schema::RecordShippedT shipped;
  shipped.order_id = "O-1";
  order.when(std::move(shipped));
  order.then_rejected(RejectionCode::EngineOnly);
  schema::CheckOrderDatesT check;
  check.order_id = "O-1";
  order.when(check);
  order.then_rejected(RejectionCode::EngineOnly);
}

TEST(OrderLifecycle, AnswersForAnUnknownOrderChangeNothing) {
  OrderScenario order;
  order.engine_says();
  schema::RecordReservationT told;
  told.order_id = "O-1";
  told.line = 1;
  told.reserved_delta = 5;
  order.when(told);
  order.then_nothing();
}

TEST(OrderLifecycle, StockShortWithoutBackordersHolds) {
  OrderScenario order;
  auto command = OrderScenario::place_command();
  command.header->backorder = schema::BackorderWish::Never;
  order.when(std::move(command));
  order.then_ignore();
  order.credit_granted().engine_says();
  schema::RecordAvailabilityT stock;
  stock.order_id = "O-1";
  stock.line = 1;
  stock.available = Quantity(4'000);
  stock.earliest_date = utc_day(order.now()) + 5;
  order.when(stock);
  EXPECT_EQ(order.then<schema::OrderCheckFailedT>().available.milli(), 4'000);
  EXPECT_EQ(order.then<schema::OrderHeldT>().reason, HoldReason::Stock);
  order.then_no_more();
  order.person().when(release_command(HoldReason::Stock));
  order.then<schema::OrderHoldReleasedT>();
  order.then<schema::OrderApprovedT>();
  order.then<schema::OrderReleasedT>();
  order.then_no_more();
  // Somebody took even more in the meantime: held again, and stock is asked again on release.
  order.engine_says();
  schema::RecordReservationT told;
  told.order_id = "O-1";
  told.line = 1;
  told.refused = true;
  order.when(told);
  order.then<schema::OrderCheckFailedT>();
  order.then<schema::OrderHeldT>();
  order.then_no_more();
  order.person().when(release_command(HoldReason::Stock));
  EXPECT_EQ(order.then<schema::OrderHoldReleasedT>().reservations.size(), 1u);
  order.then_no_more();
}

TEST(OrderLifecycle, HoldsNeedTheRightRole) {
  OrderScenario order;
  order.released();
  order.person(schema::Role::CreditOfficer).when(hold_command(HoldReason::Credit));
  order.then<schema::OrderHeldT>();
  order.when(hold_command(HoldReason::Credit));
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(hold_command(HoldReason::Approval));
  order.then_rejected(RejectionCode::InvalidArgument, "/reason");
  order.person(schema::Role::Warehouse).when(release_command(HoldReason::Credit));
  order.then_rejected(RejectionCode::Forbidden);
  order.when(release_command(HoldReason::Fraud));
  order.then_rejected(RejectionCode::InvalidTransition, "/reason");
  order.person(schema::Role::Finance).when(release_command(HoldReason::Credit));
  order.then<schema::OrderHoldReleasedT>();
  order.then_no_more();
}

TEST(OrderLifecycle, ReservationsArePlannedOnceAllLinesHaveAnswered) {
  OrderScenario order;
  auto command = OrderScenario::place_command();
  command.lines.push_back(OrderScenario::request(2, "P-2", 4));
  order.when(std::move(command));
  order.then_ignore();
  order.credit_granted().stock_available();
  schema::RecordAvailabilityT stock;
  stock.order_id = "O-1";
  stock.line = 2;
  stock.available = Quantity(4'000);
  order.when(stock);
  order.then_ignore();
  schema::RecordReservationT told;
  told.order_id = "O-1";
  told.line = 1;
  told.reserved_delta = 10'000;
  order.when(told);
  EXPECT_EQ(order.then<schema::OrderLineReservedT>().reserved.milli(), 10'000);
  order.then_no_more();
  told.line = 2;
  told.reserved_delta = 1'000;
  order.when(told);
  order.then<schema::OrderLineReservedT>();
  order.then_no_more();
  told.reserved_delta = 0;
  told.backordered_delta = 3'000;
  order.when(told);
  order.then<schema::OrderLineBackorderedT>();
  EXPECT_EQ(order.then<schema::OrderShipmentRequestedT>().lines.size(), 2u);
  order.then_no_more();
}

TEST(OrderLifecycle, ShippedAndDeliveredCountOnce) {
  OrderScenario order;
  order.released().reserved(10'000);
  ASSERT_EQ(order.state().shipments.size(), 1u);
  order.dispatched("O-1-S1", 10'000);
  EXPECT_EQ(order.state().lines[0]->shipped, 10'000);
  order.engine_says();
  schema::RecordShippedT again;
  again.order_id = "O-1";
  again.shipment_id = "O-1-S1";
  again.lines.push_back(OrderScenario::quantity(1, 10'000));
  order.when(std::move(again));
  order.then_nothing();
  order.delivered("O-1-S1", 10'000);
  schema::RecordDeliveredT twice;
  twice.order_id = "O-1";
  twice.shipment_id = "O-1-S1";
  twice.lines.push_back(OrderScenario::quantity(1, 10'000));
  order.when(std::move(twice));
  order.then_nothing();
  EXPECT_EQ(order.state().lines[0]->delivered, 10'000);
}

TEST(OrderLifecycle, SharesOfInvoicesSumToTheOrder) {
  OrderScenario order;
  order.policy.tax.default_rate_ppm = 70'000;
  order.policy.order.plan_shipments_automatically = false;
  auto command = OrderScenario::place_command();
  command.lines.clear();
  command.lines.push_back(OrderScenario::request(1, "P-1", 7));
  command.lines[0]->unit_price = UnitPrice(1'333'333, usd, 5);
  command.header->freight = Money(101, usd);
  order.when(std::move(command));
  order.then_ignore();
  order.credit_granted().stock_available();
  std::int64_t invoiced = 0;
  std::int64_t exposed = 0;
  for (const std::int64_t milli : {1'000, 2'500, 3'500}) {
    order.reserved(milli);
    const std::string shipment = "X" + std::to_string(milli);
    order.engine_says();
    schema::RecordShippedT shipped;
    shipped.order_id = "O-1";
    shipped.shipment_id = shipment;
    shipped.lines.push_back(OrderScenario::quantity(1, milli));
    order.when(std::move(shipped));
    const auto& event = order.then<schema::OrderLinesShippedT>();
    invoiced += event.invoice->total.minor();
    exposed += event.exposure.minor();
    order.then_ignore();
  }
  EXPECT_EQ(invoiced, order.state().totals->total.minor());
  EXPECT_EQ(exposed, order.state().totals->base_total.minor());
  EXPECT_EQ(order.state().credit_left, 0);
}

TEST(OrderLifecycle, AmendmentsStayAboveWhatIsShippedAndPlanned) {
  OrderScenario order;
  order.released().reserved(4'000, 6'000);
  ASSERT_EQ(order.state().lines[0]->planned, 4'000);
  order.person().when(amend_command(3));
  order.then_rejected(RejectionCode::InvalidTransition, "/set/0/quantity");
  schema::AmendOrderT remove;
  remove.order_id = "O-1";
  remove.remove.push_back(1);
  order.when(remove);
  order.then_rejected(RejectionCode::InvalidTransition, "/remove");
  order.when(amend_command(4));
  const auto& amended = order.then<schema::OrderAmendedT>();
  ASSERT_EQ(amended.releases.size(), 1u);
  EXPECT_EQ(amended.releases[0]->quantity.milli(), 6'000);
  EXPECT_EQ(amended.unbooked[0]->net.minor(), 10'000);
  EXPECT_EQ(amended.booked[0]->net.minor(), 4'000);
  EXPECT_EQ(amended.credit_released.minor(), 6'000);
  order.then_no_more();
  schema::AmendOrderT other;
  other.order_id = "O-1";
  other.set.push_back(OrderScenario::request(1, "P-2", 5));
  order.when(std::move(other));
  order.then_rejected(RejectionCode::InvalidArgument, "/set/0/product_id");
}

TEST(OrderLifecycle, CompletedIsOverUntilReopened) {
  OrderScenario order;
  order.released().reserved(10'000).dispatched("O-1-S1", 10'000).delivered("O-1-S1", 10'000);
  EXPECT_EQ(order.state().lifecycle, OrderLifecycle::InFulfilment) << "not invoiced yet";
  order.engine_says();
  schema::RecordInvoicedT invoiced;
  invoiced.order_id = "O-1";
  invoiced.invoice_id = "O-1-I1";
  invoiced.total = Money(10'000, usd);
  invoiced.lines.push_back(OrderScenario::quantity(1, 10'000));
  order.when(std::move(invoiced));
  order.then<schema::OrderLinesInvoicedT>();
  order.then<schema::OrderCompletedT>();
  order.then_no_more();
  order.person().when(cancel_command());
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(amend_command(12));
  order.then_rejected(RejectionCode::InvalidTransition);
  schema::ReopenOrderT reopen;
  reopen.order_id = "O-1";
  reopen.reason = "wants more";
  order.when(reopen);
  order.then<schema::OrderReopenedT>();
  order.then_no_more();
  order.when(reopen);
  order.then_rejected(RejectionCode::InvalidTransition);
  order.when(amend_command(12));
  EXPECT_EQ(order.then<schema::OrderAmendedT>().reservations[0]->quantity.milli(), 2'000);
  order.then_no_more();
}

TEST(OrderLifecycle, DatesAreWatchedByTheTimer) {
  OrderScenario order;
  order.released().reserved(10'000);
  ASSERT_TRUE(order.deadline().has_value());
  schema::CheckOrderDatesT check;
  check.order_id = "O-1";
  order.engine_says().when(check);
  order.then_nothing();
  order.when_due(check);
  EXPECT_EQ(order.then<schema::DeliveryDelayedT>().kind, schema::DelayKind::ShipByMissed);
  order.then_no_more();
  order.when_due(check);
  EXPECT_EQ(order.then<schema::DeliveryDelayedT>().kind, schema::DelayKind::DeliverByMissed);
  order.then_no_more();
  EXPECT_FALSE(order.deadline().has_value());
}

}  // namespace
}  // namespace orderlog::engine::test
