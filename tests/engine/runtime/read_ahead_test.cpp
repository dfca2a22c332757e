// A tail is replayed while another thread reads what it changes.
#include "engine/runtime/read_ahead.h"

#include <atomic>
#include <thread>

#include "engine/runtime/replay_check.h"
#include "events/log/memory_log.h"
#include "tests/engine/runtime/engine_fixture.h"
#include "tests/engine/runtime/forwarding_store.h"

namespace orderlog::runtime::test {
namespace {

constexpr int stored_skus = 50;
constexpr int skus = 60;
constexpr int tail_commands = 1'500;

std::string sku(int i) { return "SKU-" + std::to_string(i) + "@MAIN"; }

bool is_head(std::string_view key) { return key.size() > 4 && key[4] == 'S'; }

// Who reads aggregates, and whether that works.
class WatchedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  Result<std::optional<std::string>> get(std::string_view key) override {
    if (is_head(key)) {
      if (unreadable) return error(ErrorCode::Io, "an unreadable sector");
      ++(std::this_thread::get_id() == opener_ ? here : elsewhere);
    }
    return ForwardingStore::get(key);
  }

  std::atomic<int> here = 0;
  std::atomic<int> elsewhere = 0;
  std::atomic<bool> unreadable = false;

 private:
  std::thread::id opener_ = std::this_thread::get_id();
};

// Stock items in the store, and a tail that changes them and makes ten more.
class Tail : public ::testing::Test {
 protected:
  void SetUp() override {
    log::MemoryLogOptions options;
    options.durable_at_once = true;
    log_ = std::move(log::open_memory_log(options)).value();
    Bench before(*log_, *store_);
    ASSERT_TRUE(before.open().ok());
    for (int i = 0; i < stored_skus; ++i) {
      before.ask(receive(sku(i), 100'000));
      before.ask(reserve(sku(i), "R-" + std::to_string(i), 1'000));
    }
    ASSERT_TRUE(before.stop().ok());
    Bench killed(*log_, *store_);
    killed.options.limits.snapshot_aggregates = 1'000'000;
    killed.options.limits.snapshot_interval_us = 3'600'000'000;
    ASSERT_TRUE(killed.open().ok());
    for (int i = 0; i < tail_commands; ++i) {
      EXPECT_EQ(killed.ask(receive(sku(i % skus), 1'000)).outcome, Outcome::Accepted);
    }
  }

  void expect_the_state_of_a_replay() {
    const auto scratch = make_memory_state_store();
    const ManualClock clock(test_start_us);
    auto check = check_replay(*log_, *store_, *scratch, engine::default_policy(), {}, clock);
    ASSERT_TRUE(check.ok()) << check.error().message;
    EXPECT_TRUE(check->differences.empty()) << check->differences.front();
    EXPECT_EQ(check->replayed.aggregates, std::uint64_t{skus});
  }

  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<StateStore> store_ = make_memory_state_store();
};

TEST_F(Tail, IsReplayedWithWhatAnotherThreadHasRead) {
  WatchedStore watched(*store_);
  Bench bench(*log_, watched);
  ASSERT_TRUE(bench.open().ok());
  EXPECT_EQ(watched.here, 0);
  EXPECT_EQ(watched.elsewhere, stored_skus);  // what begins in the tail is not read
  EXPECT_EQ(bench.ask(receive(sku(0), 1'000)).version, 2U + tail_commands / skus + 1U);
  ASSERT_TRUE(bench.stop().ok());
  expect_the_state_of_a_replay();
}

TEST_F(Tail, IsReplayedTheSameWhenAggregatesAreDroppedAndReadAgain) {
  Bench bench(*log_, *store_);
  bench.options.limits.snapshot_aggregates = 1;
  bench.options.limits.state_cache_bytes = 1;
  bench.options.limits.hot_state_bytes_max = 1;
  ASSERT_TRUE(bench.open().ok());
  ASSERT_TRUE(bench.stop().ok());
  expect_the_state_of_a_replay();
}

TEST_F(Tail, WhatCannotBeReadStopsTheReplay) {
  WatchedStore watched(*store_);
  watched.unreadable = true;
  Bench bench(*log_, watched);
  const Status opened = bench.open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Io);
}

TEST_F(Tail, IsReplayedOnOneThreadWhereOthersAreNotWanted) {
  TestLoop background;
  WatchedStore watched(*store_);
  Bench bench(*log_, watched);
  bench.options.background = &background;
  ASSERT_TRUE(bench.open().ok());
  EXPECT_EQ(watched.here, stored_skus);
  EXPECT_EQ(watched.elsewhere, 0);
}

}  // namespace
}  // namespace orderlog::runtime::test
