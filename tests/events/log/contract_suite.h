// What every log keeps, whatever it is made of: one suite, run against each backend. Included once
// by a test program, after orderlog::log::test::Backends, the list of those it tests.
// Longer than 400 lines because a backend has to pass the whole of it.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "events/log/event_log.h"
#include "tests/events/log/log_setup.h"

namespace orderlog::log {
namespace {

using test::must;
using test::PartitionWriter;
using test::text_of;

template <class Backend>
class LogContract : public testing::Test {
 protected:
  void open(std::uint32_t partitions) { backend.open(partitions); }
  EventLog& log() { return backend.log(); }
  PartitionWriter writer(std::uint32_t partition) {
    return PartitionWriter(must(log().claim(PartitionId(partition))));
  }

  Backend backend;
};

TYPED_TEST_SUITE(LogContract, test::Backends);

TYPED_TEST(LogContract, ANewLogIsEmpty) {
  this->open(3);
  EXPECT_EQ(this->log().partition_count(), 3u);
  for (std::uint32_t p = 0; p < 3; ++p) {
    EXPECT_EQ(this->log().durable_end(PartitionId(p)), empty_end(PartitionId(p), 3));
    auto cursor = must(this->log().read(PartitionId(p), CommitIndex(0)));
    EXPECT_FALSE(must(cursor->next()).has_value());
  }
  EXPECT_EQ(must(this->log().commit_of(PartitionId(0), Sequence(1))), CommitIndex(1));
}

TYPED_TEST(LogContract, AnUnknownPartitionIsRefused) {
  this->open(2);
  EXPECT_EQ(this->log().claim(PartitionId(2)).error().code, ErrorCode::NotFound);
  EXPECT_EQ(this->log().read(PartitionId(2), CommitIndex(1)).error().code, ErrorCode::NotFound);
  EXPECT_EQ(this->log().commit_of(PartitionId(2), Sequence(1)).error().code, ErrorCode::NotFound);
  PartitionWriter writer(Claim{PartitionId(2), Term(1), empty_end(PartitionId(2), 2)});
  EXPECT_EQ(writer.append_events(this->log(), 1).error().code, ErrorCode::NotFound);
}

TYPED_TEST(LogContract, CommitsComeBackInOrderAndUnchanged) {
  this->open(1);
  auto writer = this->writer(0);
  std::vector<std::string> written;
  for (std::size_t i = 0; i < 100; ++i) {
    const SealedCommit sealed = writer.seal_events(i % 5);
    written.push_back(text_of(sealed.frame));
    must(this->log().append({&sealed, 1}, {}));
    writer.advance(sealed);
  }
  this->backend.settle();
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(0)), written);
  written.erase(written.begin(), written.begin() + 36);
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(0), CommitIndex(37)), written);
  EXPECT_EQ(this->log().durable_end(PartitionId(0)), writer.end);
}

TYPED_TEST(LogContract, WhatWasReportedIsThereAfterARestart) {
  this->open(2);
  auto writer = this->writer(1);
  int durable = 0;
  for (int i = 0; i < 50; ++i) {
    must(writer.append_events(this->log(), 3, [&](const Status& s) { durable += s.ok(); }));
  }
  this->backend.settle();
  ASSERT_EQ(durable, 50);
  const auto before = test::frames_of(this->log(), PartitionId(1));
  this->backend.restart();
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(1)), before);
  EXPECT_EQ(this->log().durable_end(PartitionId(1)), writer.end);
  EXPECT_EQ(this->log().durable_end(PartitionId(0)), empty_end(PartitionId(0), 2));
}

TYPED_TEST(LogContract, EachAppendIsReportedOnceInOrder) {
  this->open(2);
  auto first = this->writer(0);
  auto second = this->writer(1);
  std::array<std::vector<int>, 2> reported;
  std::array<std::vector<int>, 2> expected;
  for (int i = 0; i < 200; ++i) {
    const std::size_t which = i % 3 == 0 ? 0 : 1;
    expected[which].push_back(i);
    must((which == 0 ? first : second)
             .append_events(this->log(), 1, [&reported, which, i](const Status& s) {
               if (s.ok()) reported[which].push_back(i);
             }));
  }
  this->backend.settle();
  EXPECT_EQ(reported, expected);
}

TYPED_TEST(LogContract, WhatIsReportedCanBeRead) {
  this->open(1);
  auto writer = this->writer(0);
  std::atomic<int> seen = 0;
  for (int i = 1; i <= 20; ++i) {
    must(writer.append_events(this->log(), 1, [&, i](const Status&) {
      auto cursor = must(this->log().read(PartitionId(0), CommitIndex(i)));
      if (must(cursor->next())) ++seen;
    }));
  }
  this->backend.settle();
  EXPECT_EQ(seen, 20);
}

TYPED_TEST(LogContract, NoneYetIsNotTheEnd) {
  this->open(1);
  auto writer = this->writer(0);
  auto cursor = must(this->log().read(PartitionId(0), CommitIndex(1)));
  for (std::uint64_t i = 1; i <= 5; ++i) {
    EXPECT_FALSE(must(cursor->next()).has_value());
    EXPECT_FALSE(must(cursor->next()).has_value());
    must(writer.append_events(this->log(), 2));
    this->backend.settle();
    const auto commit = must(cursor->next());
    ASSERT_TRUE(commit.has_value());
    EXPECT_EQ(commit->index(), CommitIndex(i));
  }
  // A reader may also wait before the end of the log.
  auto ahead = must(this->log().read(PartitionId(0), CommitIndex(7)));
  EXPECT_FALSE(must(ahead->next()).has_value());
  must(writer.append_events(this->log(), 1));
  this->backend.settle();
  EXPECT_FALSE(must(ahead->next()).has_value());
  must(writer.append_events(this->log(), 1));
  this->backend.settle();
  EXPECT_EQ(must(ahead->next())->index(), CommitIndex(7));
}

TYPED_TEST(LogContract, EveryClaimRaisesTheTerm) {
  this->open(2);
  EXPECT_EQ(must(this->log().claim(PartitionId(0))).term, Term(1));
  EXPECT_EQ(must(this->log().claim(PartitionId(0))).term, Term(2));
  EXPECT_EQ(must(this->log().claim(PartitionId(1))).term, Term(1));
  auto writer = this->writer(0);
  EXPECT_EQ(writer.term, Term(3));
  must(writer.append_events(this->log(), 1));
  this->backend.restart();
  // From the log, not from memory: claims that wrote nothing left no trace.
  EXPECT_EQ(must(this->log().claim(PartitionId(0))).term, Term(4));
  EXPECT_EQ(must(this->log().claim(PartitionId(1))).term, Term(1));
}

TYPED_TEST(LogContract, AClaimFencesTheEarlierOwnerAndTakesOverAtItsEnd) {
  this->open(2);
  auto stale = this->writer(0);
  auto other = this->writer(1);
  must(stale.append_events(this->log(), 4));
  auto fresh = this->writer(0);
  EXPECT_EQ(fresh.end, stale.end);
  EXPECT_EQ(this->log().durable_end(PartitionId(0)), stale.end);

  bool called = false;
  const auto refused = stale.append_events(this->log(), 1, [&](const Status&) { called = true; });
  EXPECT_EQ(refused.error().code, ErrorCode::Fenced);
  must(fresh.append_events(this->log(), 1));
  must(other.append_events(this->log(), 1));
  EXPECT_EQ(stale.append_events(this->log(), 1).error().code, ErrorCode::Fenced);
  this->backend.settle();
  EXPECT_FALSE(called);
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(0)).size(), 2u);
}

TYPED_TEST(LogContract, WithoutAClaimNothingIsAccepted) {
  this->open(1);
  PartitionWriter writer(Claim{PartitionId(0), Term(1), empty_end(PartitionId(0), 1)});
  EXPECT_EQ(writer.append_events(this->log(), 1).error().code, ErrorCode::Conflict);
  must(this->log().claim(PartitionId(0)));
  must(writer.append_events(this->log(), 1));
  this->backend.restart();
  EXPECT_EQ(writer.append_events(this->log(), 1).error().code, ErrorCode::Fenced);
}

TYPED_TEST(LogContract, OnlyWhatFollowsTheEndIsAccepted) {
  this->open(1);
  auto writer = this->writer(0);
  must(writer.append_events(this->log(), 2));
  const LogEnd good = writer.end;

  const auto refused_after = [&](LogEnd wrong) {
    writer.end = wrong;
    const SealedCommit sealed = writer.seal_events(1);
    const auto refused = this->log().append({&sealed, 1}, {});
    return !refused.ok() && refused.error().code == ErrorCode::Conflict;
  };
  LogEnd wrong = good;
  wrong.last_commit = good.last_commit.next();
  EXPECT_TRUE(refused_after(wrong)) << "a commit is missing";
  EXPECT_TRUE(refused_after(empty_end(PartitionId(0), 1))) << "the same commit again";
  wrong = good;
  wrong.last_seq = good.last_seq.next();
  EXPECT_TRUE(refused_after(wrong)) << "a sequence is missing";
  wrong = good;
  wrong.last_hash[0] ^= 1;
  EXPECT_TRUE(refused_after(wrong)) << "the link does not hold";

  writer.end = good;
  must(writer.append_events(this->log(), 1));
  this->backend.settle();
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(0)).size(), 2u);
}

TYPED_TEST(LogContract, AnAppendIsTakenWhollyOrNotAtAll) {
  this->open(1);
  auto writer = this->writer(0);
  PartitionWriter next = writer;
  const SealedCommit good = writer.seal_events(2);
  next.advance(good);
  PartitionWriter broken = next;
  broken.end.last_hash[5] ^= 1;
  const SealedCommit bad = broken.seal_events(1);
  EXPECT_FALSE(this->log().append(std::array{good, bad}, {}).ok());
  this->backend.settle();
  EXPECT_TRUE(test::frames_of(this->log(), PartitionId(0)).empty());

  const SealedCommit right = next.seal_events(1);
  int done = 0;
  must(this->log().append(std::array{good, right}, [&](const Status& s) { done += s.ok(); }));
  this->backend.settle();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(0)).size(), 2u);
}

TYPED_TEST(LogContract, AnAppendIsOfOnePartition) {
  this->open(2);
  auto first = this->writer(0);
  auto second = this->writer(1);
  const SealedCommit one = first.seal_events(1);
  const SealedCommit two = second.seal_events(1);
  EXPECT_EQ(this->log().append(std::array{one, two}, {}).error().code, ErrorCode::InvalidArgument);
  this->backend.settle();
  EXPECT_TRUE(test::frames_of(this->log(), PartitionId(0)).empty());
  EXPECT_TRUE(test::frames_of(this->log(), PartitionId(1)).empty());
}

TYPED_TEST(LogContract, SeveralCommitsOfOnePartitionFitIntoOneAppend) {
  this->open(1);
  auto writer = this->writer(0);
  PartitionWriter next = writer;
  const SealedCommit first = writer.seal_events(1);
  next.advance(first);
  const SealedCommit second = next.seal_events(2);
  EXPECT_EQ(this->log().append(std::array{second, first}, {}).error().code, ErrorCode::Conflict);
  must(this->log().append(std::array{first, second}, {}));
  this->backend.settle();
  EXPECT_EQ(this->log().durable_end(PartitionId(0)).last_seq, Sequence(3));
}

TYPED_TEST(LogContract, CommitsWithoutEventsKeepTheirPlace) {
  this->open(2);
  auto writer = this->writer(0);
  must(writer.append_events(this->log(), 2));                       // 1
  must(writer.append(this->log(), {{}, {{1, 1, "do this"}}, {}}));  // 2
  must(writer.append(this->log(), {{}, {}, {{PartitionId(1), OutboxSequence(1), CommitIndex(1)}}}));
  must(writer.append_events(this->log(), 1));                       // 4
  must(writer.append(this->log(), {{}, {{1, 2, "do that"}}, {}}));  // 5
  this->backend.restart();

  auto cursor = must(this->log().read(PartitionId(0), CommitIndex(2)));
  auto commit = must(cursor->next());
  EXPECT_EQ(text_of((*commit->outbox().begin()).command), "do this");
  commit = must(cursor->next());
  EXPECT_EQ((*commit->inbox().begin()).source, PartitionId(1));
  commit = must(cursor->next());
  EXPECT_EQ(text_of(*commit->events().begin()), "event 3");
  const LogEnd end = this->log().durable_end(PartitionId(0));
  EXPECT_EQ(end.last_commit, CommitIndex(5));
  EXPECT_EQ(end.last_seq, Sequence(3));
}

TYPED_TEST(LogContract, TheCommitOfASequenceIsFound) {
  this->open(2);
  auto writer = this->writer(1);
  std::vector<CommitIndex> expected(1);  // by sequence
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t events = i % 4 == 3 ? 0 : i % 4 + 1;
    must(writer.append_events(this->log(), events));
    expected.insert(expected.end(), events, writer.end.last_commit);
  }
  this->backend.settle();
  for (std::uint64_t seq = 1; seq < expected.size(); ++seq) {
    EXPECT_EQ(must(this->log().commit_of(PartitionId(1), Sequence(seq))), expected[seq]) << seq;
  }
  EXPECT_EQ(must(this->log().commit_of(PartitionId(1), Sequence(expected.size()))),
            CommitIndex(61));
}

TYPED_TEST(LogContract, ACompletionMayAppend) {
  this->open(1);
  auto writer = this->writer(0);
  std::function<void(const Status&)> again = [&](const Status& status) {
    must(status);
    if (writer.end.last_commit < CommitIndex(30)) {
      must(writer.append_events(this->log(), 1, again));
    }
  };
  must(writer.append_events(this->log(), 1, again));
  this->backend.settle();
  EXPECT_EQ(this->log().durable_end(PartitionId(0)).last_commit, CommitIndex(30));
}

TYPED_TEST(LogContract, AFullQueueRefusesAtOnceAndRecovers) {
  this->backend.open(1, 4);
  auto writer = this->writer(0);
  // Holds the thread that reports; the log in memory does nothing by itself anyway.
  std::mutex mutex;
  std::condition_variable changed;
  bool held = false;
  bool release = false;
  const bool has_committer = TypeParam::has_committer;
  if (has_committer) {
    must(writer.append_events(this->log(), 1, [&](const Status&) {
      std::unique_lock lock(mutex);
      held = true;
      changed.notify_all();
      changed.wait(lock, [&] { return release; });
    }));
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return held; });
  }
  int accepted = 0;
  Status refused;
  while (accepted < 10 && (refused = writer.append_events(this->log(), 1)).ok()) ++accepted;
  EXPECT_EQ(accepted, has_committer ? 3 : 4);  // the held one still counts
  EXPECT_EQ(refused.ok() ? ErrorCode::Internal : refused.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(this->log().stats().refused, 1u);
  EXPECT_EQ(this->log().stats().queue_commits, 4u);
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  changed.notify_all();
  this->backend.settle();
  must(writer.append_events(this->log(), 1));  // the refused one, once more
  this->backend.settle();
  EXPECT_EQ(this->log().stats().queue_bytes, 0u);
  EXPECT_EQ(test::frames_of(this->log(), PartitionId(0)).size(), 5u);
}

TYPED_TEST(LogContract, OneLargeCommitPassesASmallQueue) {
  this->backend.open(1, 4, 1'024);
  auto writer = this->writer(0);
  must(writer.append(this->log(), {{std::string(100'000, 'x')}, {}, {}}));
  this->backend.settle();
  EXPECT_EQ(this->log().durable_end(PartitionId(0)).last_seq, Sequence(1));
}

TYPED_TEST(LogContract, CountsWhatItDid) {
  this->open(2);
  auto first = this->writer(0);
  auto second = this->writer(1);
  must(first.append_events(this->log(), 3));
  must(second.append_events(this->log(), 4));
  this->backend.settle();
  const LogStats stats = this->log().stats();
  EXPECT_EQ(stats.commits, 2u);
  EXPECT_EQ(stats.events, 7u);
  EXPECT_GT(stats.bytes, 7u * 8);
  EXPECT_GE(stats.groups, 1u);
  EXPECT_LE(stats.groups, 2u);
  EXPECT_EQ(stats.queue_commits, 0u);
  EXPECT_EQ(stats.queue_bytes, 0u);
  EXPECT_FALSE(stats.failed);
}

// Readers run beside the writers; each must see every commit once, in order, and none too early.
TYPED_TEST(LogContract, ReadersFollowWhileWritersAppend) {
  constexpr std::uint64_t commits = 400;
  this->open(2);
  std::atomic<bool> broken = false;
  const auto follow = [&](PartitionId partition) {
    auto cursor = must(this->log().read(partition, CommitIndex(1)));
    std::uint64_t expected = 1;
    std::uint64_t seen = 0;
    while (expected <= commits && !broken) {
      const auto commit = must(cursor->next());
      if (!commit) {
        seen = this->log().wait_durable(seen, 50);
        continue;
      }
      if (commit->index() != CommitIndex(expected) || !commit->verify_hash() ||
          this->log().durable_end(partition).last_commit < commit->index()) {
        broken = true;
      }
      ++expected;
    }
  };
  std::vector<std::thread> readers;
  for (const std::uint32_t partition : {0u, 1u, 0u})
    readers.emplace_back(follow, PartitionId(partition));
  std::atomic<bool> stop = false;
  std::thread settler([&] {
    while (!stop) this->backend.settle();
  });
  std::vector<std::thread> writers;
  for (std::uint32_t p = 0; p < 2; ++p) {
    writers.emplace_back([&, p] {
      auto writer = this->writer(p);
      for (std::uint64_t i = 0; i < commits; ++i) must(writer.append_events(this->log(), i % 3));
    });
  }
  for (auto& thread : writers) thread.join();
  for (auto& thread : readers) thread.join();
  stop = true;
  settler.join();
  EXPECT_FALSE(broken);
}

}  // namespace
}  // namespace orderlog::log
