// Each transition of a shipment and each refusal (domain.md 3.11).
#include "engine/shipment/stages.h"
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {
namespace {

using schema::ShipmentStage;
using schema::TrackingCode;

template <class CommandT>
CommandT command() {
  CommandT made;
  made.shipment_id = "S-1";
  return made;
}

schema::PlanShipmentT plan_command() {
  auto plan = command<schema::PlanShipmentT>();
  plan.order_id = "O-1";
  plan.customer_id = "C-1";
  plan.time_zone = "Asia/Tokyo";
  auto line = std::make_unique<schema::ShipmentLineT>();
  line->line = 1;
  line->product_id = "P-1";
  line->stock_item_id = "P-1@MAIN";
  line->reservation_id = "O-1/1";
  line->quantity = Quantity(5'000);
  plan.lines.push_back(std::move(line));
  return plan;
}

class ShipmentScenario : public Scenario<ShipmentAggregate> {
 public:
  ShipmentScenario() : Scenario("S-1") { as("will", schema::Role::Warehouse); }

  // Through the warehouse and onto the road, up to `stage`.
  ShipmentScenario& until(ShipmentStage stage) {
    when(plan_command());
    then_ignore();
    if (stage >= ShipmentStage::Released) when(command<schema::ReleaseShipmentT>()).then_ignore();
    if (stage >= ShipmentStage::Picking) when(command<schema::StartPickingT>()).then_ignore();
    if (stage >= ShipmentStage::Packed) when(command<schema::PackShipmentT>()).then_ignore();
    if (stage >= ShipmentStage::Shipped) when(command<schema::DispatchShipmentT>()).then_ignore();
    return *this;
  }
  ShipmentScenario& tracked(TrackingCode code) {
    auto tracking = command<schema::RecordTrackingT>();
    tracking.code = code;
    when(tracking);
    return *this;
  }
};

TEST(Shipment, GoesStepByStepAndArrivesOnce) {
  ShipmentScenario shipment;
  shipment.when(plan_command());
  EXPECT_EQ(shipment.then<schema::ShipmentPlannedT>().order_id, "O-1");
  shipment.when(command<schema::ReleaseShipmentT>());
  shipment.then<schema::ShipmentReleasedT>();
  shipment.when(command<schema::StartPickingT>());
  EXPECT_EQ(shipment.then<schema::PickingStartedT>().lines.size(), 1u);
  shipment.when(command<schema::PackShipmentT>());
  EXPECT_EQ(shipment.then<schema::ShipmentPackedT>().parcels, 1u);
  shipment.at(*timestamp_from_text("2024-01-15T16:00:00Z"));
  shipment.when(command<schema::DispatchShipmentT>());
  EXPECT_EQ(shipment.then<schema::ShipmentDispatchedT>().shipped_on, *day_from_text("2024-01-16"))
      << "the day in Tokyo";
  shipment.tracked(TrackingCode::InTransit);
  shipment.then<schema::ShipmentTrackedT>();
  shipment.tracked(TrackingCode::OutForDelivery);
  shipment.then<schema::ShipmentTrackedT>();
  shipment.when(command<schema::ConfirmDeliveryT>());
  shipment.then<schema::ShipmentDeliveredT>();
  shipment.then_no_more();
  shipment.when(command<schema::ConfirmDeliveryT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
}

TEST(Shipment, NoStepIsLeftOut) {
  ShipmentScenario shipment;
  shipment.until(ShipmentStage::Planned);
  shipment.when(command<schema::StartPickingT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.when(command<schema::PackShipmentT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.when(command<schema::DispatchShipmentT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.when(command<schema::ConfirmDeliveryT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.tracked(TrackingCode::InTransit);
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.when(plan_command());
  shipment.then_rejected(RejectionCode::AlreadyExists);
}

TEST(Shipment, HistoryMayBeDispatchedFromAnyStageInTheHouseAndIsFlagged) {
  ShipmentScenario shipment;
  shipment.as_import();
  shipment.until(ShipmentStage::Planned);
  shipment.when(command<schema::DispatchShipmentT>());
  EXPECT_EQ(shipment.then<schema::ShipmentDispatchedT>().flags,
            (std::vector<std::string>{"import", "not packed"}));
  shipment.at(shipment.now() - 5 * us_per_day);
  shipment.when(command<schema::ConfirmDeliveryT>());
  EXPECT_EQ(shipment.then<schema::ShipmentDeliveredT>().flags,
            (std::vector<std::string>{"import", "delivered before dispatch"}));
}

TEST(Shipment, AHeldOneDoesNotLeave) {
  ShipmentScenario shipment;
  shipment.until(ShipmentStage::Packed);
  shipment.when(command<schema::HoldShipmentT>());
  shipment.then_rejected(RejectionCode::EngineOnly);
  shipment.as_system().when(command<schema::HoldShipmentT>());
  shipment.then<schema::ShipmentHeldT>();
  shipment.when(command<schema::HoldShipmentT>());
  shipment.then_nothing();
  shipment.as("will", schema::Role::Warehouse).when(command<schema::DispatchShipmentT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.as_system().when(command<schema::ResumeShipmentT>());
  shipment.then<schema::ShipmentResumedT>();
  shipment.as("will", schema::Role::Warehouse).when(command<schema::DispatchShipmentT>());
  shipment.then<schema::ShipmentDispatchedT>();
}

class CancelShipmentAt : public testing::TestWithParam<ShipmentStage> {};

TEST_P(CancelShipmentAt, IsPossibleInTheHouse) {
  ShipmentScenario shipment;
  shipment.until(GetParam());
  shipment.when(command<schema::CancelShipmentT>());
  const bool picked = GetParam() >= ShipmentStage::Picking;
  EXPECT_EQ(shipment.then<schema::ShipmentCancelledT>().picked, picked);
  shipment.when(command<schema::CancelShipmentT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.as_system().when(command<schema::CancelShipmentT>());
  shipment.then_nothing();
}

INSTANTIATE_TEST_SUITE_P(InTheHouse, CancelShipmentAt,
                         testing::Values(ShipmentStage::Planned, ShipmentStage::Released,
                                         ShipmentStage::Picking, ShipmentStage::Packed));

TEST(Shipment, IsNotCancelledOnTheRoadButTheOrderGetsAnAnswer) {
  ShipmentScenario shipment;
  shipment.until(ShipmentStage::Shipped);
  shipment.when(command<schema::CancelShipmentT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.as_system().when(command<schema::CancelShipmentT>());
  EXPECT_EQ(shipment.then<schema::ShipmentCancelRefusedT>().stage, ShipmentStage::Shipped);
}

TEST(Shipment, FailedDeliveriesAreCountedAndGoOnOrComeBack) {
  ShipmentScenario shipment;
  shipment.until(ShipmentStage::Shipped);
  auto failed = command<schema::RecordFailedDeliveryT>();
  shipment.when(failed);
  shipment.then_rejected(RejectionCode::InvalidArgument, "/reason");
  failed.reason = "nobody at home";
  shipment.when(failed);
  EXPECT_EQ(shipment.then<schema::DeliveryFailedT>().attempts, 1u);
  shipment.when(failed);
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.tracked(TrackingCode::InTransit);
  EXPECT_TRUE(shipment.then<schema::ShipmentTrackedT>().after_exception);
  shipment.when(failed);
  EXPECT_EQ(shipment.then<schema::DeliveryFailedT>().attempts, 2u);
  shipment.tracked(TrackingCode::ReturnedToSender);
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.tracked(TrackingCode::Returning);
  shipment.then<schema::ShipmentTrackedT>();
  shipment.when(command<schema::ConfirmDeliveryT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.tracked(TrackingCode::ReturnedToSender);
  shipment.then<schema::ShipmentTrackedT>();
  EXPECT_EQ(shipment.state().stage, ShipmentStage::ReturnedToSender);
  shipment.tracked(TrackingCode::InTransit);
  shipment.then_rejected(RejectionCode::InvalidTransition);
}

TEST(Shipment, LostIsTheEnd) {
  ShipmentScenario shipment;
  shipment.until(ShipmentStage::Packed);
  auto lost = command<schema::DeclareLostT>();
  shipment.when(lost);
  shipment.then_rejected(RejectionCode::InvalidTransition);
  shipment.when(command<schema::DispatchShipmentT>());
  shipment.then_ignore();
  shipment.when(lost);
  shipment.then<schema::ShipmentLostT>();
  shipment.when(command<schema::ConfirmDeliveryT>());
  shipment.then_rejected(RejectionCode::InvalidTransition);
}

TEST(Shipment, AShortPickLeavesTheRestAndNothingLeftCancels) {
  ShipmentScenario shipment;
  shipment.until(ShipmentStage::Picking);
  auto report = command<schema::ReportShortPickT>();
  report.line = 1;
  report.short_ = Quantity(6'000);
  shipment.when(report);
  shipment.then_rejected(RejectionCode::InvalidArgument, "/short");
  report.line = 7;
  shipment.when(report);
  shipment.then_rejected(RejectionCode::NotFound, "/line");
  report.line = 1;
  report.short_ = Quantity(2'000);
  shipment.when(report);
  EXPECT_EQ(shipment.then<schema::ShortPickedT>().rest.milli(), 3'000);
  shipment.then_no_more();
  report.short_ = Quantity(3'000);
  shipment.when(report);
  shipment.then<schema::ShortPickedT>();
  EXPECT_TRUE(shipment.then<schema::ShipmentCancelledT>().lines.empty());
  shipment.then_no_more();
}

TEST(Shipment, PlansAreChecked) {
  ShipmentScenario shipment;
  auto empty = plan_command();
  empty.lines.clear();
  shipment.when(std::move(empty));
  shipment.then_rejected(RejectionCode::InvalidArgument, "/lines");
  auto twice = plan_command();
  twice.lines.push_back(std::make_unique<schema::ShipmentLineT>(*twice.lines[0]));
  shipment.when(std::move(twice));
  shipment.then_rejected(RejectionCode::InvalidArgument, "/lines/1/line");
  auto nothing = plan_command();
  nothing.lines[0]->quantity = Quantity(0);
  shipment.when(std::move(nothing));
  shipment.then_rejected(RejectionCode::InvalidArgument, "/lines/0/quantity");
  auto foreign = plan_command();
  foreign.lines[0]->reservation_id = "O-2/1";
  shipment.when(std::move(foreign));
  EXPECT_EQ(shipment.then<schema::ShipmentPlannedT>().lines[0]->reservation_id, "O-1/1");
}

}  // namespace
}  // namespace orderlog::engine::test
