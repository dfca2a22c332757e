// Delays are raised once and cleared once, by dates in the customer's zone (domain.md 4.10, P8).
#include "tests/engine/fulfilment/story.h"

namespace orderlog::engine::test {
namespace {

using schema::DelayKind;
using schema::DelayLevel;

int raised(const Story& story, DelayKind kind) {
  int count = 0;
  for (const auto& event : story.all<schema::DeliveryDelayedT>()) count += event.kind == kind;
  return count;
}
int cleared(const Story& story, DelayKind kind) {
  int count = 0;
  for (const auto& event : story.all<schema::DelayClearedT>()) count += event.kind == kind;
  return count;
}

// The instant at which that day begins in New York.
TimestampUs day_in_new_york(Day day) { return *day_start(day, "America/New_York"); }

TEST(Delays, AMissedShipByAndAMissedPromiseAreEachToldOnceAndClearedOnce) {
  Story story;
  story.receive("P-1", 100);
  story.place({.lines = {{"P-1", 3}, {"P-1", 4}}});
  const Day ship_by = story.line("O-1", 1).terms->ship_by.value();
  const Day promised = story.line("O-1", 1).terms->promised_date.value();
  ASSERT_LT(ship_by, promised);
  story.advance_to(day_in_new_york(ship_by + 1) - 1);
  EXPECT_EQ(raised(story, DelayKind::ShipByMissed), 0) << "the day is not over in New York";
  story.advance_to(day_in_new_york(ship_by + 1));
  ASSERT_EQ(raised(story, DelayKind::ShipByMissed), 1) << "one event for both lines";
  const auto missed = story.last<schema::DeliveryDelayedT>();
  EXPECT_EQ(missed.lines, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(missed.level, DelayLevel::AtRisk);
  EXPECT_EQ(missed.cause, schema::DelayCause::Picking);
  story.advance_days(1);
  EXPECT_EQ(raised(story, DelayKind::ShipByMissed), 1);

  story.dispatch("O-1-S1");
  EXPECT_EQ(cleared(story, DelayKind::ShipByMissed), 1);
  story.advance_to(day_in_new_york(promised + 3));
  ASSERT_EQ(raised(story, DelayKind::DeliverByMissed), 1);
  EXPECT_EQ(story.last<schema::DeliveryDelayedT>().level, DelayLevel::Late);
  EXPECT_EQ(story.last<schema::DeliveryDelayedT>().cause, schema::DelayCause::Carrier);

  story.advance_to(day_in_new_york(promised + 3) + us_per_hour);
  story.deliver("O-1-S1");
  EXPECT_EQ(cleared(story, DelayKind::DeliverByMissed), 1);
  const auto delivered = story.last<schema::OrderLinesDeliveredT>();
  EXPECT_EQ(delivered.lines[0]->late_days, 3);
  EXPECT_TRUE(delivered.lines[0]->in_full);
  story.advance_days(30);
  EXPECT_EQ(story.count<schema::DeliveryDelayedT>(), 2);
  EXPECT_EQ(story.count<schema::DelayClearedT>(), 2);
  story.expect_sound();
}

TEST(Delays, ADeliveryLateOnTheLastDayIsInTimeWhateverTheHour) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  const Day promised = story.line("O-1", 1).terms->promised_date.value();
  story.dispatch("O-1-S1");
  story.advance_to(day_in_new_york(promised + 1) - us_per_minute);  // 23:59 at the customer's
  story.deliver("O-1-S1");
  EXPECT_EQ(story.last<schema::OrderLinesDeliveredT>().lines[0]->late_days, 0);
  EXPECT_EQ(story.count<schema::DeliveryDelayedT>(), 0);
  story.expect_sound();
}

TEST(Delays, AnArrivalExpectedTooLateIsPredictedAndClearedWhenTheCarrierCatchesUp) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  const Day promised = story.line("O-1", 1).terms->promised_date.value();
  story.dispatch("O-1-S1", promised + 2);
  ASSERT_EQ(raised(story, DelayKind::Predicted), 1);
  EXPECT_EQ(story.last<schema::DeliveryDelayedT>().late_days, 2);
  schema::RecordTrackingT tracking;
  tracking.shipment_id = "O-1-S1";
  tracking.code = schema::TrackingCode::InTransit;
  tracking.eta = promised + 1;
  story.give(tracking).expect_accepted();
  EXPECT_EQ(raised(story, DelayKind::Predicted), 1) << "told once";
  tracking.eta = promised;
  story.give(tracking).expect_accepted();
  EXPECT_EQ(cleared(story, DelayKind::Predicted), 1);
  story.expect_sound();
}

TEST(Delays, CarrierTroubleIsToldOnceAndClearedWhenItGoesOn) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.dispatch("O-1-S1");
  schema::RecordFailedDeliveryT failed;
  failed.shipment_id = "O-1-S1";
  failed.reason = "nobody at home";
  story.give(failed).expect_accepted();
  EXPECT_EQ(raised(story, DelayKind::CarrierException), 1);
  schema::RecordTrackingT tracking;
  tracking.shipment_id = "O-1-S1";
  tracking.code = schema::TrackingCode::OutForDelivery;
  story.give(tracking).expect_accepted();
  EXPECT_EQ(cleared(story, DelayKind::CarrierException), 1);
  story.deliver("O-1-S1");
  EXPECT_EQ(story.count<schema::DelayClearedT>(), 1);
  story.expect_sound();
}

TEST(Delays, ALostShipmentStaysAtRisk) {
  Story story;
  story.receive("P-1", 100);
  story.place({});
  story.dispatch("O-1-S1");
  schema::DeclareLostT lost;
  lost.shipment_id = "O-1-S1";
  lost.reason = "fell off the truck";
  story.give(lost).expect_accepted();
  EXPECT_EQ(raised(story, DelayKind::CarrierException), 1);
  EXPECT_EQ(story.lifecycle("O-1"), schema::OrderLifecycle::InFulfilment);
  schema::ShortCloseOrderT close;
  close.order_id = "O-1";
  close.reason = "lost";
  story.as("sam", schema::Role::Sales).give(close).expect_accepted();
  story.expect_sound();
}

TEST(Delays, ABackorderPromisedTooLateIsWatchedAndMovesThePromise) {
  Story story;
  story.policy.order.plan_shipments_automatically = false;
  story.place({});
  const Day before = story.line("O-1", 1).terms->promised_date.value();
  schema::PromiseBackorderT promise;
  promise.stock_item_id = "P-1@MAIN";
  promise.reservation_id = "O-1/1";
  promise.date = before + 20;
  story.as("will", schema::Role::Warehouse).give(promise).expect_accepted();
  ASSERT_EQ(raised(story, DelayKind::PreviousStepLate), 1);
  EXPECT_EQ(story.last<schema::DeliveryDelayedT>().level, DelayLevel::Watch);
  const auto moved = story.last<schema::OrderPromiseChangedT>();
  EXPECT_EQ(moved.old_date.value(), before);
  EXPECT_GT(moved.new_date, before + 20) << "it must be picked and carried after that";
  EXPECT_EQ(moved.cause, schema::DelayCause::Stock);
  story.receive("P-1", 10);
  EXPECT_EQ(cleared(story, DelayKind::PreviousStepLate), 1);
  story.expect_sound();
}

TEST(Delays, APromiseGivenAnewClearsTheAlarm) {
  Story story;
  story.place({});
  const Day promised = story.line("O-1", 1).terms->promised_date.value();
  story.advance_to(day_in_new_york(promised + 1));
  ASSERT_EQ(raised(story, DelayKind::DeliverByMissed), 1);
  EXPECT_EQ(story.last<schema::DeliveryDelayedT>().cause, schema::DelayCause::Stock);
  schema::RescheduleOrderT reschedule;
  reschedule.order_id = "O-1";
  reschedule.date = promised;
  story.as("sam", schema::Role::Sales)
      .give(reschedule)
      .expect_rejected(RejectionCode::InvalidArgument);
  reschedule.date = promised + 10;
  story.give(reschedule).expect_accepted();
  EXPECT_EQ(cleared(story, DelayKind::DeliverByMissed), 1);
  EXPECT_EQ(cleared(story, DelayKind::ShipByMissed), 1);
  story.advance_to(day_in_new_york(promised + 11));
  EXPECT_EQ(raised(story, DelayKind::DeliverByMissed), 2) << "the new promise is watched too";
  story.expect_sound();
}

TEST(Delays, CancellingClearsWhatWasRaised) {
  Story story;
  story.place({});
  const Day promised = story.line("O-1", 1).terms->promised_date.value();
  story.advance_to(day_in_new_york(promised + 1));
  story.cancel("O-1");
  EXPECT_EQ(story.count<schema::DelayClearedT>(), story.count<schema::DeliveryDelayedT>());
  story.advance_days(100);
  EXPECT_EQ(story.count<schema::DelayClearedT>(), story.count<schema::DeliveryDelayedT>());
  story.expect_sound();
}

}  // namespace
}  // namespace orderlog::engine::test
