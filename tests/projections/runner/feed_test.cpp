// The live feed: after the rows, in order, bounded.
#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

struct Feed : ::testing::Test {
  World world{{tally_model()}};
  WrittenLog& log = world.written;
  int notified = 0;

  FeedOptions options() {
    FeedOptions result;
    result.notify = [this] { ++notified; };
    return result;
  }
  void write(int events) {
    for (int i = 0; i < events; ++i) log.add("A-1", move_to("g"));
    world.catch_up();
  }
};

TEST_F(Feed, EventsComeInOrderAfterTheirRows) {
  FeedOptions asked;
  std::uint64_t readable = 0;
  asked.notify = [&] { readable = world.row<TallyRow>("tally", "A-1").version; };
  auto feed = world.runner->subscribe(std::move(asked)).value();
  write(3);
  EXPECT_EQ(readable, 3U);
  const auto events = feed->take(2).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]->position.seq, Sequence(1));
  EXPECT_EQ(events[1]->position.seq, Sequence(2));
  EXPECT_EQ(events[0]->envelope().aggregate_id()->str(), "A-1");
  EXPECT_EQ(feed->take(10).value().size(), 1U);
  EXPECT_TRUE(feed->take(10).value().empty());
}

TEST_F(Feed, OneNotificationUntilTheNextTake) {
  auto feed = world.runner->subscribe(options()).value();
  write(1);
  write(1);
  EXPECT_EQ(notified, 1);
  (void)feed->take(10).value();
  write(1);
  EXPECT_EQ(notified, 2);
}

TEST_F(Feed, LateBatchesAreLongerUnlessSomebodyListens) {
  RunnerOptions options = stepped(world.directory());
  options.batch_events_max = 2;
  options.batches_at_once_max = 3;
  world.open(options);
  const auto add = [&](int events) {
    for (int i = 0; i < events; ++i) log.add("A-1", move_to("g"));
  };
  const auto step = [&] {
    EXPECT_TRUE(world.runner->step().value());
    return world.runner->applied().at(0).value;
  };
  add(9);
  EXPECT_EQ(step(), 6U);
  EXPECT_EQ(step(), 9U);  // three behind are more than a batch
  add(2);
  EXPECT_EQ(step(), 11U);
  add(6);
  const auto feed = world.runner->subscribe(this->options()).value();
  EXPECT_EQ(step(), 13U);
}

TEST_F(Feed, ASlowSubscriberIsDroppedAndTold) {
  FeedOptions asked = options();
  asked.queue_events_max = 2;
  auto slow = world.runner->subscribe(std::move(asked)).value();
  auto quick = world.runner->subscribe(options()).value();
  write(5);
  EXPECT_EQ(quick->take(10).value().size(), 5U);
  EXPECT_EQ(slow->take(10).value().size(), 2U);  // what was there is still given
  EXPECT_EQ(slow->take(10).error().code, ErrorCode::Overflow);
  EXPECT_EQ(world.runner->stats().subscriptions_dropped, 1U);
  write(1);
  EXPECT_FALSE(slow->take(10).ok());
}

TEST_F(Feed, ChoosesByAggregateFilterAndAlerts) {
  FeedOptions shipments = options();
  shipments.wants = events_of({schema::AnyEvent::ShipmentEvents});
  FeedOptions mine = options();
  mine.filter = [](const EventView& event) { return event.aggregate_id == "A-2"; };
  FeedOptions alerts = options();
  alerts.alerts_only = true;
  auto by_type = world.runner->subscribe(std::move(shipments)).value();
  auto by_filter = world.runner->subscribe(std::move(mine)).value();
  auto by_alert = world.runner->subscribe(std::move(alerts)).value();
  log.add("S-1", schema::ShipmentPlannedT());
  log.add("A-1", schema::DeliveryDelayedT());
  log.add("A-2", move_to("g"));
  world.catch_up();
  const auto ids = [](Subscription& feed) {
    std::vector<std::string> result;
    const auto events = feed.take(10).value();
    for (const auto& event : events) result.push_back(event->envelope().aggregate_id()->str());
    return result;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(*by_type), Ids{"S-1"});
  EXPECT_EQ(ids(*by_filter), Ids{"A-2"});
  EXPECT_EQ(ids(*by_alert), Ids{"A-1"});
}

TEST_F(Feed, NothingComesAfterItWasGivenUp) {
  auto feed = world.runner->subscribe(options()).value();
  EXPECT_EQ(world.runner->stats().subscriptions, 1U);
  feed.reset();
  write(1);
  EXPECT_EQ(notified, 0);
  EXPECT_EQ(world.runner->stats().subscriptions, 0U);
}

TEST_F(Feed, SubscribersHaveABound) {
  std::vector<std::unique_ptr<Subscription>> feeds;
  for (std::size_t i = 0; i < feed_subscriptions_max; ++i) {
    feeds.push_back(world.runner->subscribe({}).value());
  }
  EXPECT_EQ(world.runner->subscribe({}).error().code, ErrorCode::Unavailable);
  feeds.pop_back();
  EXPECT_TRUE(world.runner->subscribe({}).ok());
}

TEST_F(Feed, ARebuildTellsNothingTwice) {
  auto feed = world.runner->subscribe(options()).value();
  write(3);
  EXPECT_EQ(feed->take(10).value().size(), 3U);
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_TRUE(feed->take(10).value().empty());
}

// A fold that subscribes: the batch was read when nobody wanted it.
Runner* runner_of_the_fold = nullptr;
std::unique_ptr<Subscription> joined_amid;

Status subscribing_fold(const EventView& event, Tables& tables) {
  if (!joined_amid) joined_amid = runner_of_the_fold->subscribe({}).value();
  return tally_model().fold(event, tables);
}

TEST(FeedJoinedAmidABatch, IsToldThatEventsAreMissing) {
  ModelDefinition model = tally_model();
  model.fold = subscribing_fold;
  World world({std::move(model)});
  runner_of_the_fold = world.runner.get();
  world.written.add("A-1", move_to("g"));
  world.catch_up();
  EXPECT_EQ(joined_amid->take(10).error().code, ErrorCode::Overflow);
  // The next one begins where the rows are, and misses nothing from there.
  joined_amid = world.runner->subscribe({}).value();
  EXPECT_EQ(world.runner->applied().front(), Sequence(1));
  world.written.add("A-1", move_to("g"));
  world.catch_up();
  EXPECT_EQ(joined_amid->take(10).value().size(), 1U);
  joined_amid.reset();
}

}  // namespace
}  // namespace orderlog::projections::test
