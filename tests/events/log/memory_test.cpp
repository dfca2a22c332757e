// The faults that the log in memory can be told to make, and that it is otherwise the twin of the
// embedded one: the same random calls give the same answers and the same frames.
#include <gtest/gtest.h>

#include <random>

#include "events/log/memory_log.h"
#include "events/log/verify.h"
#include "log_setup.h"

namespace orderlog::log {
namespace {

using test::must;
using test::PartitionWriter;

class MemoryLogTest : public testing::Test {
 protected:
  void SetUp() override {
    MemoryLogOptions options;
    options.partition_count = 2;
    log = must(open_memory_log(options));
  }
  // Appends `count` commits; what becomes of each is kept in `outcomes`.
  void append(PartitionWriter& writer, int count) {
    for (int i = 0; i < count; ++i) {
      must(writer.append_events(*log, 1, [this](const Status& s) {
        outcomes.push_back(s.ok() ? "ok" : std::string(to_string(s.error().code)));
      }));
    }
  }
  std::uint64_t durable(std::uint32_t partition) {
    return log->durable_end(PartitionId(partition)).last_commit.value;
  }
  using Outcomes = std::vector<std::string>;

  std::unique_ptr<MemoryLog> log;
  Outcomes outcomes;
};

TEST_F(MemoryLogTest, NothingHappensBeforeItsStep) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append(writer, 3);
  EXPECT_EQ(log->pending(), 3u);
  EXPECT_EQ(durable(0), 0u);
  EXPECT_TRUE(outcomes.empty());
  EXPECT_EQ(log->step(2), 2u);
  EXPECT_EQ(durable(0), 2u);
  EXPECT_EQ(outcomes, (Outcomes{"ok", "ok"}));
}

TEST_F(MemoryLogTest, ACrashLosesTheUnsyncedTail) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append(writer, 5);
  log->step(2);
  log->crash();
  EXPECT_EQ(durable(0), 2u);
  EXPECT_EQ(log->step(), 0u);
  EXPECT_EQ(outcomes.size(), 2u);  // nobody hears of the lost ones
  PartitionWriter next(must(log->claim(PartitionId(0))));
  EXPECT_EQ(next.term, Term(2));
  append(next, 1);
  log->step();
  EXPECT_EQ(durable(0), 3u);
}

TEST_F(MemoryLogTest, ACrashMayLeaveWhatNobodyHeardOf) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append(writer, 5);
  log->crash(3);
  EXPECT_EQ(durable(0), 3u);
  EXPECT_TRUE(outcomes.empty());
}

TEST_F(MemoryLogTest, AFailedSyncIsFinal) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append(writer, 4);
  log->step(1);
  log->fail_next_sync(error(ErrorCode::Io, "the disk is gone"), 1);
  log->step(1);
  EXPECT_EQ(outcomes, (Outcomes{"ok", "Io", "Io", "Io"}));
  EXPECT_EQ(writer.append_events(*log, 1).error().code, ErrorCode::Io);
  EXPECT_EQ(log->claim(PartitionId(1)).error().code, ErrorCode::Io);
  EXPECT_TRUE(log->stats().failed);
  EXPECT_TRUE(test::waits_for_more(*log));
  log->crash();
  EXPECT_EQ(durable(0), 2u);  // one of the three was there after all
  EXPECT_TRUE(log->claim(PartitionId(0)).ok());
}

TEST_F(MemoryLogTest, AFenceMayAbortWhatWasQueued) {
  PartitionWriter stale(must(log->claim(PartitionId(0))));
  PartitionWriter other(must(log->claim(PartitionId(1))));
  append(stale, 1);
  log->step();
  append(stale, 2);
  append(other, 1);
  const Claim claim = must(log->fence(PartitionId(0), true));
  EXPECT_EQ(outcomes, (Outcomes{"ok", "Fenced", "Fenced", "ok"}));
  EXPECT_EQ(claim.end.last_commit, CommitIndex(1));
  EXPECT_EQ(stale.append_events(*log, 1).error().code, ErrorCode::Fenced);
  PartitionWriter fresh(claim);
  append(fresh, 1);
  append(other, 1);
  log->step();
  EXPECT_EQ(durable(0), 2u);
  EXPECT_EQ(durable(1), 2u);
}

TEST_F(MemoryLogTest, AnAbortTakesOnlyTheFencedPartitionsCommits) {
  PartitionWriter stale(must(log->claim(PartitionId(0))));
  PartitionWriter other(must(log->claim(PartitionId(1))));
  must(stale.append_events(*log, 1));
  append(other, 1);
  must(log->fence(PartitionId(0), true));
  log->step();
  EXPECT_EQ(durable(0), 0u);
  EXPECT_EQ(durable(1), 1u);
  append(other, 1);
  log->step();
  EXPECT_EQ(durable(1), 2u);
  EXPECT_EQ(log->stats().queue_commits, 0u);
  EXPECT_EQ(log->stats().queue_bytes, 0u);
}

TEST_F(MemoryLogTest, OfTwoOwnersWithOneTermTheChainAdmitsOne) {
  PartitionWriter first(must(log->claim(PartitionId(0))));
  log->duplicate_next_claim(PartitionId(0));
  PartitionWriter second(must(log->claim(PartitionId(0))));
  EXPECT_EQ(first.term, second.term);
  append(first, 1);
  EXPECT_EQ(second.append_events(*log, 1).error().code, ErrorCode::Conflict);
  EXPECT_EQ(must(log->claim(PartitionId(0))).term, first.term.next());
}

TEST_F(MemoryLogTest, RefusesAsOftenAsItIsTold) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  log->refuse_appends(2);
  EXPECT_EQ(writer.append_events(*log, 1).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(writer.append_events(*log, 1).error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(writer.append_events(*log, 1).ok());
}

TEST_F(MemoryLogTest, ALyingDiskTakesDurableCommitsAway) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append(writer, 5);
  log->step();
  log->lose_durable(PartitionId(0), 2);
  EXPECT_EQ(durable(0), 3u);
  EXPECT_EQ(writer.append_events(*log, 1).error().code, ErrorCode::Conflict);
}

TEST_F(MemoryLogTest, DurableAtOnceNeedsNoStep) {
  MemoryLogOptions options;
  options.durable_at_once = true;
  auto direct = must(open_memory_log(options));
  PartitionWriter writer(must(direct->claim(PartitionId(0))));
  bool done = false;
  must(writer.append_events(*direct, 1, [&](const Status& status) { done = status.ok(); }));
  EXPECT_TRUE(done);
}

TEST(MemoryLogOptionsTest, NeedPartitions) {
  EXPECT_EQ(open_memory_log({.partition_count = 0}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(open_memory_log({.partition_count = partitions_max + 1}).error().code,
            ErrorCode::InvalidArgument);
}

// One random history, told to both backends.
std::vector<std::string> history(auto& backend, std::uint64_t seed) {
  constexpr std::uint32_t partitions = 3;
  std::mt19937_64 random(seed);
  std::vector<std::string> told;
  backend.open(partitions);
  std::vector<std::optional<PartitionWriter>> owners(partitions);
  std::vector<std::optional<PartitionWriter>> former(partitions);
  for (int i = 0; i < 300; ++i) {
    const auto p = static_cast<std::uint32_t>(random() % partitions);
    const std::uint64_t what = random() % 20;
    if (what == 0) {
      const Claim claim = must(backend.log().claim(PartitionId(p)));
      told.push_back("claim " + std::to_string(claim.term.value) + " after " +
                     std::to_string(claim.end.last_seq.value));
      former[p] = owners[p];
      owners[p].emplace(claim);
    } else if (what == 1) {
      backend.restart();
      told.push_back("restart");
      for (auto& owner : owners) owner.reset();
    } else {
      auto& writer = what < 4 ? former[p] : owners[p];
      if (!writer) continue;
      const auto taken = writer->append_events(backend.log(), random() % 4);
      told.push_back(taken.ok() ? "taken" : to_string(taken.error()));
    }
  }
  backend.settle();
  for (std::uint32_t p = 0; p < partitions; ++p) {
    for (auto& frame : test::frames_of(backend.log(), PartitionId(p))) {
      told.push_back(std::move(frame));
    }
  }
  return told;
}

TEST(Twins, TellTheSameStory) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    test::EmbeddedBackend embedded;
    test::MemoryBackend memory;
    const auto one = history(embedded, seed);
    const auto other = history(memory, seed);
    ASSERT_GT(one.size(), 100u);
    ASSERT_EQ(one, other) << "seed " << seed;
  }
}

}  // namespace
}  // namespace orderlog::log
