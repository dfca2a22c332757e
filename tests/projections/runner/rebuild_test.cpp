// Building beside what is served: versions, rebuilds, and that nobody sees a half-built model.
#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

struct Rebuild : ::testing::Test {
  World world{{tally_model()}, 2};
  WrittenLog& log = world.written;

  RunnerOptions one_commit_a_batch() {
    RunnerOptions options = stepped(world.directory());
    options.batch_events_max = 1;
    options.batches_at_once_max = 1;
    return options;
  }
  void write(int events) {
    for (int i = 0; i < events; ++i) log.add("A-" + std::to_string(i), move_to("g"));
  }
  ModelStats stats() { return world.runner->stats().models.at(0); }
  std::uint64_t sum_of_versions() {
    std::uint64_t sum = 0;
    for (const TallyRow& row : world.rows<TallyRow>("tally")) sum += row.version;
    return sum;
  }
  bool step() { return world.runner->step().value(); }
};

TEST_F(Rebuild, GivesTheSameRowsAsLive) {
  write(30);
  world.catch_up();
  write(10);
  world.catch_up();
  const Hash256 live = world.runner->state_hash("tally").value();
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_EQ(stats().generation, 2U);
  EXPECT_EQ(world.runner->state_hash("tally").value(), live);
  write(1);
  world.catch_up();
  EXPECT_EQ(sum_of_versions(), 41U);
}

TEST_F(Rebuild, NobodySeesItHalfDone) {
  write(20);
  world.catch_up();
  world.open(one_commit_a_batch());
  world.runner->rebuild("tally").value();
  EXPECT_EQ(world.runner->rebuild("tally").error().code, ErrorCode::Conflict);
  int steps = 0;
  while (step()) {
    EXPECT_EQ(sum_of_versions(), 20U);
    EXPECT_EQ(stats().generation, stats().rebuilding ? 1U : 2U);
    ++steps;
  }
  EXPECT_GT(steps, 10);
  EXPECT_EQ(stats().generation, 2U);
  EXPECT_EQ(world.runner->rebuild("nothing").error().code, ErrorCode::NotFound);
}

TEST_F(Rebuild, GoesOnAfterARestart) {
  write(20);
  world.catch_up();
  world.open(one_commit_a_batch());
  world.runner->rebuild("tally").value();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(step());
  const std::uint64_t done = stats().rebuild_done;
  EXPECT_GT(done, 0U);
  world.open(one_commit_a_batch());
  EXPECT_TRUE(stats().rebuilding);
  EXPECT_EQ(stats().rebuild_done, done);
  EXPECT_EQ(stats().rebuild_total, 20U);
  world.catch_up();
  EXPECT_EQ(stats().generation, 2U);
  EXPECT_EQ(sum_of_versions(), 20U);
}

TEST_F(Rebuild, ANewVersionIsBuiltBesideTheOldWhichIsServedMeanwhile) {
  write(20);
  world.catch_up();
  world.set_models({tally_model({.version = 2})});  // this build can't fold version 1 any more
  world.open(one_commit_a_batch());
  EXPECT_EQ(stats().version, 1U);
  while (step()) {
    EXPECT_EQ(sum_of_versions(), stats().version == 1 ? 20U : 40U);
  }
  EXPECT_EQ(stats().version, 2U);
  EXPECT_EQ(sum_of_versions(), 40U);
}

TEST_F(Rebuild, AnOldVersionThatIsStillDefinedGoesOnFolding) {
  write(20);
  world.catch_up();
  world.set_models({tally_model(), tally_model({.version = 2})});
  world.open(one_commit_a_batch());
  ASSERT_TRUE(step());
  log.add("A-0", move_to("g"));
  ASSERT_TRUE(step());
  EXPECT_EQ(stats().version, 1U);
  EXPECT_EQ(sum_of_versions(), 21U);
  world.catch_up();
  EXPECT_EQ(stats().version, 2U);
  EXPECT_EQ(sum_of_versions(), 42U);
}

TEST_F(Rebuild, TheFirstBuildIsNotServedEither) {
  write(20);
  world.runner.reset();
  std::filesystem::remove_all(world.directory() + "/projections");
  world.open(one_commit_a_batch());
  ASSERT_TRUE(step());
  EXPECT_EQ(world.ask("tally").error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(stats().ready);
  world.catch_up();
  EXPECT_EQ(sum_of_versions(), 20U);
}

TEST_F(Rebuild, WhatIsReplacedIsErased) {
  write(20);
  world.catch_up();
  for (int i = 0; i < 3; ++i) {
    world.runner->rebuild("tally").value();
    world.catch_up();
  }
  world.set_models({});
  world.open();
  world.set_models({tally_model()});
  world.open();
  world.catch_up();
  EXPECT_EQ(stats().generation, 1U) << "a model that nobody defines was kept";
  EXPECT_EQ(sum_of_versions(), 20U);
}

}  // namespace
}  // namespace orderlog::projections::test
