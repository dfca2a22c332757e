// One bad event stops its own key, visibly, and nothing else.
#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

struct Parked : ::testing::Test {
  World world{{tally_model()}};
  WrittenLog& log = world.written;

  ModelStats stats() { return world.runner->stats().models.at(0); }
  void reopen(TallyOptions options, std::size_t parked_keys_max = 10) {
    world.set_models({tally_model(options)});
    RunnerOptions runner = stepped(world.directory());
    runner.parked_keys_max = parked_keys_max;
    world.open(std::move(runner));
  }
  std::vector<schema::ParkedRowT> parked() {
    return world.rows<schema::ParkedRowT>("parked_events", {}, 1);
  }
};

TEST_F(Parked, TheKeyAndItsFollowersWaitAndTheOthersGoOn) {
  log.add("A-1", move_to("g"));
  log.add("A-1", poison());
  log.add("A-1", move_to("h"));
  log.add("A-2", move_to("g"));
  world.catch_up();
  EXPECT_EQ(world.row<TallyRow>("tally", "A-1").version, 1U);
  EXPECT_EQ(world.row<TallyRow>("tally", "A-2").version, 1U);
  EXPECT_EQ(stats().parked_keys, 1U);
  EXPECT_EQ(stats().parked_events, 2U);
  const auto rows = parked();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].model, "tally");
  EXPECT_EQ(rows[0].aggregate, "OrderEvents");
  EXPECT_EQ(rows[0].aggregate_id, "A-1");
  EXPECT_EQ(rows[0].seq, 2U);
  EXPECT_EQ(rows[0].events, 2U);
  EXPECT_NE(rows[0].reason.find("poison"), std::string::npos);
}

TEST_F(Parked, StaysParkedAfterARestartUntilTheModelIsRebuilt) {
  log.add("A-1", poison());
  log.add("B-1", poison());
  world.catch_up();
  reopen({.cured = true});
  log.add("A-1", move_to("h"));
  world.catch_up();
  EXPECT_EQ(stats().parked_keys, 2U);
  EXPECT_EQ(parked().size(), 2U);
  EXPECT_EQ(parked()[0].events, 2U);
  EXPECT_TRUE(world.rows<TallyRow>("tally").empty());
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_EQ(stats().parked_keys, 0U);
  EXPECT_TRUE(parked().empty());
  EXPECT_EQ(world.row<TallyRow>("tally", "A-1").version, 2U);
}

TEST_F(Parked, AnAggregateOfAnotherTypeWithTheSameIdIsNotMeant) {
  log.add("A-1", poison());
  schema::ShipmentPlannedT planned;
  log.add("A-1", std::move(planned));
  world.catch_up();
  EXPECT_EQ(stats().parked_events, 1U);
  EXPECT_EQ(world.row<TallyRow>("tally", "A-1").version, 1U);
}

TEST_F(Parked, TooManyStopTheModelAndOnlyARebuildStartsItAgain) {
  reopen({}, 2);
  for (const char* id : {"A-1", "A-2", "A-3"}) log.add(id, poison());
  log.add("A-4", move_to("g"));
  world.catch_up();
  EXPECT_TRUE(stats().failed);
  EXPECT_NE(stats().error.find("2 keys"), std::string::npos) << stats().error;
  EXPECT_EQ(world.ask("tally").error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(world.runner->stats().stopped);  // the runner goes on
  reopen({.cured = true});
  world.catch_up();
  EXPECT_TRUE(stats().failed) << "events were passed over while it was stopped";
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_FALSE(stats().failed);
  EXPECT_EQ(world.rows<TallyRow>("tally").size(), 4U);
}

TEST_F(Parked, AFoldThatChangesAndThenRefusesIsStopped) {
  reopen({.breaks_rules = true});
  log.add("A-1", poison());
  world.catch_up();
  EXPECT_TRUE(stats().failed);
  EXPECT_EQ(stats().parked_keys, 0U);
}

TEST_F(Parked, ARebuildThatFailsDoesNotReplaceWhatAnswers) {
  log.add("A-1", move_to("g"));
  world.catch_up();
  reopen({.breaks_rules = true});
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_EQ(stats().generation, 2U);
  reopen({.cured = true});
  log.add("A-1", poison());
  world.catch_up();
  reopen({.breaks_rules = true});
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_EQ(stats().generation, 2U);
  EXPECT_TRUE(stats().ready);
  EXPECT_NE(stats().error.find("rebuild failed"), std::string::npos) << stats().error;
  EXPECT_EQ(world.row<TallyRow>("tally", "A-1").version, 2U);
}

}  // namespace
}  // namespace orderlog::projections::test
