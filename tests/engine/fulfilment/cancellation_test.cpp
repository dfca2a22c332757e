// Cancelling at every stage (domain.md 3.17), and that stock and credit come back once (P3, P13).
#include "engine/order/status.h"
#include "tests/engine/fulfilment/story.h"

namespace orderlog::engine::test {
namespace {

using schema::HoldReason;
using schema::OrderLifecycle;

void expect_everything_given_back(const Story& story) {
  const auto& item = story.state<StockAggregate>("P-1@MAIN");
  EXPECT_EQ(item.totals.reserved, 0);
  EXPECT_EQ(item.totals.backordered, 0);
  EXPECT_EQ(story.state<CreditAggregate>("C-1").exposures.sums().total(), 0);
  story.expect_sound();
}

TEST(Cancellation, OfADraftIsFree) {
  Story story;
  auto place = story.order_command({});
  schema::DraftOrderT draft;
  draft.order_id = place.order_id;
  draft.header = std::move(place.header);
  draft.lines = std::move(place.lines);
  story.as("sam", schema::Role::Sales).give(std::move(draft)).expect_accepted();
  story.cancel("O-1");
  story.expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  expect_everything_given_back(story);
}

TEST(Cancellation, OfASubmittedOrderReleasesCreditAndWithdrawsTheApproval) {
  Story story;
  story.receive("P-1", 100);
  story.place({.discount_ppm = 200'000});
  ASSERT_EQ(story.lifecycle("O-1"), OrderLifecycle::Submitted);
  const std::string approval = story.order("O-1").approval_id;
  story.cancel("O-1");
  EXPECT_EQ(story.state<ApprovalAggregate>(approval).stage, schema::ApprovalStage::Withdrawn);
  EXPECT_EQ(story.count<schema::OrderLineCancelledT>(), 0) << "it was never in the books";
  expect_everything_given_back(story);
}

TEST(Cancellation, OfAnApprovedOrderReleasesItsStock) {
  Story story;
  story.policy.order.plan_shipments_automatically = false;
  story.receive("P-1", 6);
  story.place({});
  ASSERT_EQ(story.line("O-1", 1).backordered, 4'000);
  story.cancel("O-1");
  story.expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  const auto cancelled = story.last<schema::OrderLineCancelledT>();
  EXPECT_TRUE(cancelled.booked);
  EXPECT_EQ(cancelled.amounts->net.minor(), 10'000);
  EXPECT_EQ(story.state<StockAggregate>("P-1@MAIN").totals.available(), 6'000);
  expect_everything_given_back(story);
}

class CancelInTheHouse : public testing::TestWithParam<int> {};

void start_work(Story& story, int parameter) {
  if (parameter == 1) story.pick("O-1-S1");
  if (parameter == 2) story.pack("O-1-S1");
}

TEST_P(CancelInTheHouse, AsksTheShipmentFirst) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  start_work(story, GetParam());
  story.cancel("O-1");
  story.expect_accepted();
  EXPECT_EQ(story.count<schema::OrderCancellationRequestedT>(), 1);
  if (GetParam() > 0) {
    EXPECT_EQ(story.count<schema::ShipmentCancelRequestedT>("O-1-S1"), 1);
    EXPECT_NE(story.lifecycle("O-1"), OrderLifecycle::Cancelled) << "the warehouse has not agreed";
    schema::CancelShipmentT consent;
    consent.shipment_id = "O-1-S1";
    story.as("will", schema::Role::Warehouse).give(std::move(consent)).expect_accepted();
  }
  EXPECT_EQ(story.count<schema::ShipmentCancelledT>("O-1-S1"), 1);
  EXPECT_EQ(story.count<schema::StockUnpickedT>(), GetParam() == 0 ? 0 : 1);
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  EXPECT_EQ(story.state<StockAggregate>("P-1@MAIN").totals.available(), 100'000);
  expect_everything_given_back(story);
}

INSTANTIATE_TEST_SUITE_P(PlannedPickedPacked, CancelInTheHouse, testing::Values(0, 1, 2));

TEST(Cancellation, ThatTheWarehouseRefusesLeavesTheOrderAsItWas) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.pack("O-1-S1");
  story.cancel("O-1");
  schema::RefuseShipmentCancelT no;
  no.shipment_id = "O-1-S1";
  no.reason = "it is on the lorry";
  story.as("will", schema::Role::Warehouse).give(std::move(no)).expect_accepted();
  EXPECT_EQ(story.last<schema::ShipmentCancelRefusedT>().reason, "it is on the lorry");
  EXPECT_EQ(story.count<schema::OrderCancelRefusedT>(), 1);
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(story.count<schema::ShipmentCancelledT>("O-1-S1"), 0);
  // The order may ask again.
  story.cancel("O-1");
  story.expect_accepted();
  EXPECT_EQ(story.count<schema::ShipmentCancelRequestedT>("O-1-S1"), 2);
  story.expect_sound();
}

TEST(Cancellation, IsRefusedByWhoeverSendsTheGoodsOff) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.pack("O-1-S1");
  story.cancel("O-1");
  schema::DispatchShipmentT dispatch;
  dispatch.shipment_id = "O-1-S1";
  dispatch.carrier = "swift";
  story.as("will", schema::Role::Warehouse).give(std::move(dispatch)).expect_accepted();
  EXPECT_EQ(story.count<schema::OrderCancelRefusedT>(), 1);
  story.deliver("O-1-S1");
  EXPECT_EQ(story.line("O-1", 1).cancelled, 0);
  story.expect_sound();
}

TEST(Cancellation, NobodyAskedForIsNotRefused) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.pack("O-1-S1");
  schema::RefuseShipmentCancelT no;
  no.shipment_id = "O-1-S1";
  no.reason = "no";
  story.as("will", schema::Role::Warehouse).give(std::move(no));
  story.expect_rejected(RejectionCode::InvalidTransition);
}

TEST(Cancellation, OfWhatIsDispatchedIsRefused) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.dispatch("O-1-S1");
  story.cancel("O-1");
  story.expect_rejected(RejectionCode::InvalidTransition);
  schema::CancelShipmentT shipment;
  shipment.shipment_id = "O-1-S1";
  story.give(std::move(shipment)).expect_rejected(RejectionCode::InvalidTransition);
  story.deliver("O-1-S1");
  story.cancel("O-1");
  story.expect_rejected(RejectionCode::InvalidTransition);
  story.expect_sound();
}

TEST(Cancellation, OfAPartlyShippedOrderTakesTheOpenRestAndLetsItComplete) {
  Story story;
  story.receive("P-1", 4);
  story.place({.freight_minor = 700});
  story.dispatch("O-1-S1");
  story.cancel("O-1");
  story.expect_accepted();
  EXPECT_EQ(story.line("O-1", 1).cancelled, 6'000);
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_EQ(order::status_of(story.line("O-1", 1)), order::LineStatus::Shipped);
  EXPECT_EQ(story.order("O-1").totals->total.minor(), 4'700);
  EXPECT_EQ(story.last<schema::InvoiceIssuedT>().total.minor(), 4'700);
  story.deliver("O-1-S1");
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Completed);
  story.pay("PAY-1", "O-1-I1", 4'700);
  expect_everything_given_back(story);
}

TEST(Cancellation, OfAQuantityTakesTheBackorderFirstAndThenAsksShipments) {
  Story story;
  story.receive("P-1", 6);
  story.place({});
  story.cancel_quantity("O-1", 1, 3);
  story.expect_accepted();
  EXPECT_EQ(story.line("O-1", 1).backordered, 1'000);
  EXPECT_EQ(story.line("O-1", 1).reserved, 6'000);
  EXPECT_EQ(story.count<schema::ShipmentCancelledT>(), 0);
  story.cancel_quantity("O-1", 1, 3);
  story.expect_accepted();
  EXPECT_EQ(story.count<schema::ShipmentCancelledT>("O-1-S1"), 1);
  EXPECT_EQ(story.line("O-1", 1).cancelled, 6'000);
  EXPECT_EQ(story.line("O-1", 1).reserved, 4'000);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>("O-1-S2"), 1) << "the rest is planned anew";
  story.cancel_quantity("O-1", 1, 5);
  story.expect_rejected(RejectionCode::InvalidArgument);
  story.expect_sound();
}

TEST(Cancellation, OfTheLastQuantityCancelsTheOrder) {
  Story story;
  story.policy.order.plan_shipments_automatically = false;
  story.receive("P-1", 100);
  story.place({});
  story.cancel_quantity("O-1", 1, 10);
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Cancelled);
  expect_everything_given_back(story);
}

TEST(Cancellation, ShortCloseGivesTheRestBack) {
  Story story;
  story.receive("P-1", 4);
  story.place({});
  schema::ShortCloseOrderT close;
  close.order_id = "O-1";
  close.reason = "out of production";
  story.as("sam", schema::Role::Sales)
      .give(close)
      .expect_rejected(RejectionCode::InvalidTransition);
  story.dispatch("O-1-S1");
  story.as("sam", schema::Role::Sales).give(close).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::ShortClosed);
  story.deliver("O-1-S1");
  story.pay("PAY-1", "O-1-I1", 4'000);
  EXPECT_EQ(order::fulfilment_of(story.order("O-1")), order::FulfilmentStatus::Delivered);
  expect_everything_given_back(story);
}

TEST(Cancellation, AShipmentCancelledByTheWarehouseIsPlannedAnew) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.pack("O-1-S1");
  schema::CancelShipmentT cancel;
  cancel.shipment_id = "O-1-S1";
  cancel.reason = "the pallet broke";
  story.give(std::move(cancel)).expect_accepted();
  EXPECT_EQ(story.line("O-1", 1).reserved, 10'000) << "back to reserved, not lost";
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>("O-1-S2"), 1);
  story.dispatch("O-1-S2");
  story.deliver("O-1-S2");
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::Completed);
  story.expect_sound();
}

TEST(Cancellation, AShortPickTakesTheGapOutOfTheBooksAndBackordersIt) {
  Story story;
  story.receive("P-1", 10);
  story.place({});
  story.pick("O-1-S1");
  schema::ReportShortPickT report;
  report.shipment_id = "O-1-S1";
  report.line = 1;
  report.short_ = Quantity(3'000);
  report.reason = "not on the shelf";
  story.give(std::move(report)).expect_accepted();
  EXPECT_EQ(story.state<StockAggregate>("P-1@MAIN").totals.on_hand, 7'000);
  EXPECT_EQ(story.line("O-1", 1).picked, 7'000);
  EXPECT_EQ(story.line("O-1", 1).backordered, 3'000);
  schema::PackShipmentT pack;
  pack.shipment_id = "O-1-S1";
  story.give(std::move(pack)).expect_accepted();
  schema::DispatchShipmentT dispatch;
  dispatch.shipment_id = "O-1-S1";
  story.give(std::move(dispatch)).expect_accepted();
  EXPECT_EQ(story.line("O-1", 1).shipped, 7'000);
  story.receive("P-1", 3);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>("O-1-S2"), 1);
  story.expect_sound();
}

TEST(Cancellation, LostStockCallsItsShipmentBack) {
  Story story;
  story.receive("P-1", 10);
  story.place({});
  schema::AdjustStockT adjust;
  adjust.stock_item_id = "P-1@MAIN";
  adjust.delta = Quantity(-4'000);
  adjust.reason = "water damage";
  story.as("will", schema::Role::Warehouse).give(std::move(adjust)).expect_accepted();
  EXPECT_EQ(story.count<schema::ShipmentCancelledT>("O-1-S1"), 1);
  EXPECT_EQ(story.line("O-1", 1).reserved, 6'000);
  EXPECT_EQ(story.line("O-1", 1).backordered, 4'000);
  EXPECT_EQ(story.count<schema::ShipmentPlannedT>("O-1-S2"), 1);
  EXPECT_EQ(story.last<schema::ShipmentPlannedT>("O-1-S2").lines[0]->quantity.milli(), 6'000);
  story.expect_sound();
}

TEST(Cancellation, NothingLeavesWhileTheOrderIsOnHold) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.pack("O-1-S1");
  schema::PlaceHoldT hold;
  hold.order_id = "O-1";
  hold.reason = HoldReason::Fraud;
  story.as("sam", schema::Role::Sales).give(hold).expect_accepted();
  schema::DispatchShipmentT dispatch;
  dispatch.shipment_id = "O-1-S1";
  story.as("will", schema::Role::Warehouse)
      .give(dispatch)
      .expect_rejected(RejectionCode::InvalidTransition);
  schema::ReleaseHoldT release;
  release.order_id = "O-1";
  release.reason = HoldReason::Fraud;
  story.as("fay", schema::Role::Finance).give(release).expect_accepted();
  story.as("will", schema::Role::Warehouse).give(dispatch).expect_accepted();
  story.expect_sound();
}

TEST(Cancellation, AnAmendmentMovesStockCreditAndBooks) {
  Story story;
  story.policy.order.plan_shipments_automatically = false;
  story.receive("P-1", 12);
  story.place({});
  schema::AmendOrderT more;
  more.order_id = "O-1";
  auto line = std::make_unique<schema::OrderLineRequestT>();
  line->line = 1;
  line->product_id = "P-1";
  line->quantity = Quantity(15'000);
  more.set.push_back(std::move(line));
  story.as("sam", schema::Role::Sales).give(std::move(more)).expect_accepted();
  EXPECT_EQ(story.line("O-1", 1).reserved, 12'000);
  EXPECT_EQ(story.line("O-1", 1).backordered, 3'000);
  EXPECT_EQ(story.order("O-1").totals->total.minor(), 15'000);
  EXPECT_EQ(story.order("O-1").credit_left, 15'000);

  schema::AmendOrderT less;
  less.order_id = "O-1";
  auto fewer = std::make_unique<schema::OrderLineRequestT>();
  fewer->line = 1;
  fewer->product_id = "P-1";
  fewer->quantity = Quantity(2'000);
  less.set.push_back(std::move(fewer));
  story.give(std::move(less)).expect_accepted();
  EXPECT_EQ(story.line("O-1", 1).reserved, 2'000);
  EXPECT_EQ(story.line("O-1", 1).backordered, 0);
  EXPECT_EQ(story.order("O-1").credit_left, 2'000);
  story.expect_sound();
}

TEST(Cancellation, AnAmendmentThatGrowsTooMuchWaitsForItsApproval) {
  Story story;
  story.policy.order.plan_shipments_automatically = false;
  story.add_customer("C-9", 1'000'000'000);
  story.receive("P-1", 5'000);
  story.place({.customer_id = "C-9", .lines = {{"P-1", 900}}});  // 9,000.00: no approval
  ASSERT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  schema::AmendOrderT more;
  more.order_id = "O-1";
  auto line = std::make_unique<schema::OrderLineRequestT>();
  line->line = 1;
  line->product_id = "P-1";
  line->quantity = Quantity(2'000'000);
  more.set.push_back(std::move(line));
  story.give(std::move(more)).expect_accepted();
  EXPECT_TRUE(story.held("O-1", HoldReason::Approval));
  const auto asked = story.last<schema::ApprovalRequestedT>();
  for (std::size_t tier = 0; tier < asked.tiers.size(); ++tier) {
    schema::ApproveTierT approve;
    approve.approval_id = story.order("O-1").approval_id;
    approve.tier = static_cast<std::uint8_t>(tier + 1);
    story.as("boss" + std::to_string(tier), asked.tiers[tier]).give(approve).expect_accepted();
  }
  EXPECT_FALSE(story.held("O-1", HoldReason::Approval));
  story.expect_sound();
}

TEST(Cancellation, AReopenedOrderIsCheckedForCreditAgain) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.dispatch("O-1-S1");
  story.deliver("O-1-S1");
  ASSERT_EQ(story.lifecycle("O-1"), OrderLifecycle::Completed);
  schema::BlockCustomerT block;
  block.customer_id = "C-1";
  block.reason = "does not pay";
  story.as("cleo", schema::Role::CreditOfficer).give(std::move(block)).expect_accepted();
  schema::ReopenOrderT reopen;
  reopen.order_id = "O-1";
  reopen.reason = "wants more";
  story.as("sam", schema::Role::Sales).give(std::move(reopen)).expect_accepted();
  EXPECT_EQ(story.lifecycle("O-1"), OrderLifecycle::InFulfilment);
  EXPECT_TRUE(story.held("O-1", HoldReason::Credit));
  story.expect_sound();
}

}  // namespace
}  // namespace orderlog::engine::test
