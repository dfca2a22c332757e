// Which aggregates stay in memory when there is no room for all.
#include "engine/runtime/state_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace orderlog::runtime::test {
namespace {

class CacheOfThree : public testing::Test {
 protected:
  static constexpr auto kind = schema::AnyEvent::CustomerEvents;
  static constexpr std::uint64_t in_memory_only = 7;  // a version that the store does not know

  CachedAggregate& load(StateCache& cache, const std::string& id) {
    auto loaded = cache.load(kind, id);
    EXPECT_TRUE(loaded.ok());
    return **loaded;
  }
  std::size_t bytes_of_one() {
    StateCache cache(PartitionId(0), *store_, policy_, {});
    load(cache, "a");
    return cache.bytes();
  }
  void load(const std::string& id) { load(cache_, id).version = in_memory_only; }
  // As an event does.
  void change(const std::string& id, std::uint64_t version) {
    CachedAggregate& aggregate = load(cache_, id);
    cache_.before_change(aggregate);
    aggregate.version = version;
    cache_.mark_dirty(aggregate);
  }
  std::string version_in(const StateBatch& batch, const std::string& id) {
    std::string versions;
    for (const auto& [key, value] : batch) {
      if (key != state_key(PartitionId(0), static_cast<std::uint8_t>(kind), id) || !value) continue;
      std::uint64_t version = 0;
      std::memcpy(&version, value->data(), sizeof version);
      versions += std::to_string(version) + " ";
    }
    return versions;
  }
  // Asks last, for it loads what is not there.
  bool was_kept(const std::string& id) { return load(cache_, id).version == in_memory_only; }

  std::unique_ptr<StateStore> store_ = make_memory_state_store();
  engine::Policy policy_ = engine::default_policy();
  StateCache cache_{PartitionId(0), *store_, policy_, {3 * bytes_of_one(), 3 * bytes_of_one()}};
};

TEST_F(CacheOfThree, ANewOneIsNotLookedForInTheStore) {
  const auto unreadable = state_key(PartitionId(0), static_cast<std::uint8_t>(kind), "a");
  ASSERT_TRUE(store_->write({{unreadable, "not a state at all"}}).ok());
  CachedAggregate& made = cache_.load_new(kind, "a");
  EXPECT_EQ(made.version, 0U);
  EXPECT_EQ(&cache_.load_new(kind, "a"), &made);
  EXPECT_EQ(&load(cache_, "a"), &made);
  EXPECT_EQ(cache_.size(), 1U);
}

TEST_F(CacheOfThree, DropsTheOldestThatWasNotUsedAgain) {
  for (const char* id : {"a", "b", "c"}) load(id);
  load("a");
  load("d");
  load("e");
  cache_.trim();
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_LE(cache_.bytes(), 3 * bytes_of_one());
  EXPECT_TRUE(was_kept("a")) << "used since it came";
  EXPECT_TRUE(was_kept("d"));
  EXPECT_TRUE(was_kept("e"));
}

TEST_F(CacheOfThree, DropsWhatWasUsedLongAgoWhenEverythingWasUsed) {
  for (const char* id : {"a", "b", "c", "d"}) load(id);
  for (const char* id : {"a", "b", "c", "d"}) load(id);
  cache_.trim();
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_FALSE(was_kept("a"));
}

TEST_F(CacheOfThree, NeverDropsWhatTheStoreDoesNotHave) {
  for (const char* id : {"a", "b", "c", "d", "e"}) load(id);
  cache_.mark_dirty(load(cache_, "a"));
  cache_.mark_dirty(load(cache_, "b"));
  cache_.begin_snapshot();
  ASSERT_FALSE(cache_.pack_snapshot(1));
  for (const char* id : {"c", "d", "e"}) cache_.mark_dirty(load(cache_, id));
  cache_.trim();
  EXPECT_EQ(cache_.size(), 5U);
  ASSERT_TRUE(cache_.pack_snapshot(1));
  cache_.trim();
  EXPECT_EQ(cache_.size(), 5U) << "packed, not written";
  EXPECT_TRUE(was_kept("a"));
  cache_.snapshot_written();
  cache_.trim();
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_TRUE(was_kept("c"));
}

TEST_F(CacheOfThree, LooksAtFewWhereEverythingIsInUse) {
  constexpr std::ptrdiff_t looks = 32;
  StateCache cache(PartitionId(0), *store_, policy_, {0, 1'000 * bytes_of_one()});
  std::vector<const CachedAggregate*> all;
  for (int i = 0; i < 200; ++i) {
    load(cache, std::to_string(i));
    all.push_back(&load(cache, std::to_string(i)));
  }
  const auto passed_over = [&] {
    return std::count_if(all.begin(), all.end(), [](const auto* one) { return !one->used; });
  };
  cache.trim();
  EXPECT_EQ(passed_over(), looks);
  cache.trim();
  EXPECT_EQ(passed_over(), 2 * looks) << "it goes on where it stopped";
  EXPECT_EQ(cache.size(), all.size());
}

TEST_F(CacheOfThree, StopsWhereTheSecondBoundHoldsAgain) {
  StateCache cache(PartitionId(0), *store_, policy_, {0, 300 * bytes_of_one()});
  for (int i = 0; i < 400; ++i) load(cache, "unused " + std::to_string(i));
  std::vector<const CachedAggregate*> used;
  for (int i = 0; i < 300; ++i) {
    load(cache, std::to_string(i));
    used.push_back(&load(cache, std::to_string(i)));
  }
  ASSERT_GT(cache.bytes(), 300 * bytes_of_one());
  cache.trim();
  EXPECT_LE(cache.bytes(), 300 * bytes_of_one());
  EXPECT_TRUE(std::all_of(used.begin(), used.end(), [](const auto* one) { return one->used; }));
}

TEST_F(CacheOfThree, WhatIsInUseMayTakeMore) {
  StateCache cache(PartitionId(0), *store_, policy_, {2 * bytes_of_one(), 4 * bytes_of_one()});
  const auto snapshot = [&] {
    cache.begin_snapshot();
    ASSERT_TRUE(cache.pack_snapshot(10));
    (void)cache.take_snapshot();
    cache.snapshot_written();
    cache.trim();
  };
  for (const char* id : {"a", "b", "c"}) load(cache, id);
  cache.trim();
  EXPECT_EQ(cache.size(), 3U) << "all were used just now";
  for (int i = 0; i < 10; ++i) {
    snapshot();
    for (const char* id : {"a", "b", "c"}) load(cache, id);
  }
  cache.trim();
  EXPECT_EQ(cache.size(), 3U);

  for (int i = 0; i < 10; ++i) {
    snapshot();
    load(cache, "a");
  }
  EXPECT_EQ(cache.size(), 2U) << "one of those that nobody uses went";

  for (const char* id : {"d", "e", "f", "g"}) load(cache, id);
  cache.trim();
  EXPECT_LE(cache.bytes(), 4 * bytes_of_one()) << "the second bound holds for all";
}

TEST_F(CacheOfThree, ASnapshotHasWhatWasThereWhenItBegan) {
  for (const char* id : {"a", "b", "c"}) change(id, 1);
  cache_.begin_snapshot();
  EXPECT_EQ(cache_.dirty(), 0U);
  ASSERT_FALSE(cache_.pack_snapshot(1));
  // One of these is packed already and the others are not.
  for (const char* id : {"a", "b", "c"}) change(id, 2);
  change("a", 3);
  change("d", 1);
  ASSERT_TRUE(cache_.pack_snapshot(10));
  StateBatch batch = cache_.take_snapshot();
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(version_in(batch, id), "1 ") << id;
  EXPECT_EQ(version_in(batch, "d"), "");

  cache_.snapshot_written();
  EXPECT_EQ(cache_.dirty(), 4U);
  cache_.begin_snapshot();
  ASSERT_TRUE(cache_.pack_snapshot(10));
  batch = cache_.take_snapshot();
  EXPECT_EQ(version_in(batch, "a"), "3 ");
  EXPECT_EQ(version_in(batch, "b"), "2 ");
  EXPECT_EQ(version_in(batch, "d"), "1 ");
}

}  // namespace
}  // namespace orderlog::runtime::test
