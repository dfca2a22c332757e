// The data clock shows the greatest time seen by any thread and never goes back.
#include "events/base/clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace orderlog {
namespace {

TEST(WallClock, ShowsTheMachinesTimeInMicroseconds) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  using std::chrono::system_clock;
  const auto machine = [] {
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  };
  const WallClock clock;
  const std::int64_t before = machine();
  const TimestampUs now = clock.now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, machine());
}

TEST(DataClock, NeverGoesBack) {
  DataClock clock(100);
  EXPECT_EQ(clock.now(), 100);
  EXPECT_TRUE(clock.observe(200));
  EXPECT_FALSE(clock.observe(150));
  EXPECT_FALSE(clock.observe(200));
  EXPECT_EQ(clock.now(), 200);
}

TEST(DataClock, TakesTheGreatestOfAllThreads) {
  DataClock clock;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&clock, t] {
      TimestampUs shown = 0;
      for (TimestampUs i = 0; i < 20'000; ++i) {
        clock.observe(i * 4 + t);
        ASSERT_LE(shown, clock.now());
        shown = clock.now();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clock.now(), 19'999 * 4 + 3);
}

TEST(ManualClock, IsSetByHand) {
  ManualClock clock(10);
  clock.advance(5);
  EXPECT_EQ(clock.now(), 15);
  clock.set(3);
  EXPECT_EQ(clock.now(), 3);
}

}  // namespace
}  // namespace orderlog
