// Reading one's own writes: callbacks come when the rows are readable, in time, and once.
#include <atomic>
#include <thread>

#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

struct Positions : ::testing::Test {
  World world{{tally_model()}, 2};
  WrittenLog& log = world.written;
  std::vector<Status> answers;

  void when(Position position, Clock::time_point deadline = Clock::now() + hours(1)) {
    world.runner->when_applied(position, deadline,
                               [this](const Status& status) { answers.push_back(status); });
  }
};

TEST_F(Positions, AnAppliedPositionAnswersAtOnce) {
  const Position written = log.add("A-1", move_to("g"));
  world.catch_up();
  when(written);
  when({written.partition, Sequence(0)});
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(answers[0].ok());
}

TEST_F(Positions, TheOthersWaitForTheirOwnPartition) {
  const Position first = log.add_to(PartitionId(0), "A-1", move_to("g"));
  const Position later{first.partition, first.seq.next()};
  when(first);
  when(later);
  EXPECT_TRUE(answers.empty());
  world.catch_up();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].ok());
  log.add_to(PartitionId(1), "B-1", move_to("g"));
  world.catch_up();
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(world.runner->stats().waiters, 1U);
  log.add_to(PartitionId(0), "A-1", move_to("g"));
  world.catch_up();
  EXPECT_EQ(answers.size(), 2U);
}

TEST_F(Positions, TheDeadlineAnswersToo) {
  when({PartitionId(0), Sequence(1)}, Clock::now());
  world.catch_up();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().code, ErrorCode::Timeout);
  log.add_to(PartitionId(0), "A-1", move_to("g"));
  world.catch_up();
  EXPECT_EQ(answers.size(), 1U);  // once
}

TEST_F(Positions, WaitersHaveABound) {
  RunnerOptions options = stepped(world.directory());
  options.waiters_max = 2;
  world.open(std::move(options));
  for (int i = 0; i < 3; ++i) when({PartitionId(0), Sequence(1)});
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().code, ErrorCode::Unavailable);
  world.runner.reset();  // nobody is left waiting
  EXPECT_EQ(answers.size(), 3U);
}

TEST_F(Positions, AnUnknownPartitionIsRefused) {
  when({PartitionId(9), Sequence(1)});
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().code, ErrorCode::InvalidArgument);
}

TEST_F(Positions, WithItsOwnThreadWrittenRowsCanBeReadAfterTheWait) {
  RunnerOptions options = stepped(world.directory());
  options.own_thread = true;
  world.open(std::move(options));
  ASSERT_TRUE(world.runner->wait_ready(seconds(30)).ok());
  for (int i = 1; i <= 200; ++i) {
    const Position written = log.add("A-1", move_to("g"));
    ASSERT_TRUE(world.runner->wait_for(written, seconds(30)).ok());
    EXPECT_GE(world.row<TallyRow>("tally", "A-1").version, static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(
      world.runner->wait_for({PartitionId(0), Sequence(1'000'000)}, milliseconds(5)).error().code,
      ErrorCode::Timeout);
}

TEST_F(Positions, WhatNobodyWaitsForIsFoldedTogether) {
  RunnerOptions options = stepped(world.directory());
  options.own_thread = true;
  options.batch_interval_ms = 3'600'000;
  world.open(std::move(options));
  ASSERT_TRUE(world.runner->wait_ready(seconds(30)).ok());
  ASSERT_TRUE(world.runner->wait_for(log.add("A-1", move_to("g")), seconds(30)).ok());
  Position last;
  for (int i = 0; i < 100; ++i) last = log.add("A-1", move_to("g"));
  ASSERT_TRUE(world.runner->wait_for(last, seconds(30)).ok());
  while (world.runner->stats().events < 101) std::this_thread::yield();
  EXPECT_EQ(world.runner->stats().batches, 2U);
}

TEST_F(Positions, MoreThanABatchDoesNotWaitForAnybody) {
  RunnerOptions options = stepped(world.directory());
  options.own_thread = true;
  options.batch_interval_ms = 3'600'000;
  options.batch_events_max = 3;
  options.batches_at_once_max = 1;
  for (int i = 0; i < 100; ++i) log.add("A-1", move_to("g"));
  world.open(std::move(options));
  // Up to three are left for the next batch.
  while (world.runner->stats().events < 97) std::this_thread::yield();
}

TEST_F(Positions, WhoGivesWayFoldsAllTheSame) {
  RunnerOptions options = stepped(world.directory());
  options.own_thread = true;
  options.batch_events_max = 3;
  options.batches_at_once_max = 1;
  std::atomic<int> asked = 0;
  options.gives_way = [&] { return ++asked, true; };
  Position last;
  for (int i = 0; i < 100; ++i) last = log.add("A-1", move_to("g"));
  world.open(std::move(options));
  ASSERT_TRUE(world.runner->wait_for(last, seconds(30)).ok());
  EXPECT_GE(asked, 33);
}

TEST_F(Positions, ReadersAndARebuildRunBesideTheWriter) {
  RunnerOptions options = stepped(world.directory());
  options.own_thread = true;
  world.open(std::move(options));
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> read = 0;
  std::thread reader([&] {
    std::uint64_t seen = 0;
    while (!done) {
      const auto page = world.ask("tally", {{"group", "g"}});
      if (!page) {
        ADD_FAILURE() << to_string(page.error());
        return;
      }
      EXPECT_GE(*page->total, seen) << "rows went away";
      seen = *page->total;
      ++read;
    }
  });
  Position last;
  for (int i = 0; i < 500; ++i) {
    last = log.add("A-" + std::to_string(i), move_to("g"));
    if (i == 200) world.runner->rebuild("tally").value();
  }
  EXPECT_TRUE(world.runner->wait_for(last, seconds(30)).ok());
  EXPECT_TRUE(world.runner->wait_ready(seconds(30)).ok());
  done = true;
  reader.join();
  EXPECT_GT(read, 0U);
  EXPECT_EQ(*world.ask("tally", {{"group", "g"}}).value().total, 500U);
  EXPECT_EQ(world.runner->stats().models.at(0).generation, 2U);
  EXPECT_EQ(world.runner->stats().lag_events, 0U);
}

}  // namespace
}  // namespace orderlog::projections::test
