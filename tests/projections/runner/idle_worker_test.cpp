// Work that gives way to others, and does not starve for it.
#include "projections/runner/idle_worker.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace orderlog::projections::test {
namespace {

// More threads than cores that never rest, so that nothing of SCHED_IDLE gets a core.
class Crowd {
 public:
  Crowd() {
    for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
      threads_.emplace_back([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
        }
      });
    }
  }

 private:
  std::vector<std::jthread> threads_;
};

TEST(IdleWorker, RunsIdleAndStopsWhenItIsTold) {
  std::atomic<int> policy = -1;
  {
    const IdleWorker worker(true, [&](IdleWorker& self) {
      policy = ::sched_getscheduler(0);
      while (!self.should_stop()) {
        self.rests();
        std::this_thread::yield();
      }
    });
    while (policy < 0) std::this_thread::yield();
    EXPECT_FALSE(worker.starved());
  }
  EXPECT_EQ(policy, SCHED_IDLE);
}

TEST(IdleWorker, APauseEndsWhenItIsToldToStop) {
  std::atomic<bool> pauses = false;
  const IdleWorker worker(true, [&](IdleWorker& self) {
    while (!self.should_stop()) {
      pauses = true;
      self.pause(std::chrono::hours(1));
    }
  });
  while (!pauses) std::this_thread::yield();
}

TEST(IdleWorker, WhatIsStarvedGoesOnAtNormalPriority) {
  std::atomic<int> at_once = 0;
  std::atomic<int> policy = SCHED_IDLE;
  std::uint64_t steps = 0;  // of both threads: never at the same time
  const Crowd crowd;
  IdleWorker worker(true, [&](IdleWorker& self) {
    EXPECT_EQ(++at_once, 1);
    policy = ::sched_getscheduler(0);
    while (!self.should_stop()) ++steps;
    --at_once;
  });
  while (policy == SCHED_IDLE) std::this_thread::yield();
  EXPECT_TRUE(worker.starved());
  EXPECT_EQ(policy, SCHED_OTHER);
}

TEST(IdleWorker, IsIdleAgainWhenItHasCaughtUp) {
  std::atomic<int> policy = -1;
  std::atomic<bool> caught_up = false;
  auto crowd = std::make_unique<Crowd>();
  IdleWorker worker(true, [&](IdleWorker& self) {
    policy = ::sched_getscheduler(0);
    while (!self.should_stop()) {
      if (caught_up) self.rests();
    }
  });
  while (policy != SCHED_OTHER) std::this_thread::yield();
  crowd.reset();
  EXPECT_TRUE(worker.starved());
  caught_up = true;
  while (policy == SCHED_OTHER) std::this_thread::yield();
  EXPECT_FALSE(worker.starved());
  EXPECT_EQ(policy, SCHED_IDLE);
}

TEST(IdleWorker, IsNormalWhenItIsNotToBeIdle) {
  std::atomic<int> policy = -1;
  const IdleWorker worker(false, [&](IdleWorker&) { policy = ::sched_getscheduler(0); });
  while (policy < 0) std::this_thread::yield();
  EXPECT_EQ(policy, SCHED_OTHER);
}

}  // namespace
}  // namespace orderlog::projections::test
