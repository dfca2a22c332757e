// Which aggregates stay in memory when there is no room for all.
#include "engine/runtime/state_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace orderlog::runtime::test {
namespace {

class CacheOfThree : public testing::Test {
 protected:
  static constexpr auto kind = schema::AnyEvent::CustomerEvents;
  static constexpr std::uint64_t in_memory_only = 7;  // a version that the store does not know
  static constexpr std::uint64_t written_snapshot = 1;

  CachedAggregate& load(StateCache& cache, const std::string& id) {
    auto loaded = cache.load(kind, id);
    EXPECT_TRUE(loaded.ok());
    return **loaded;
  }
  std::size_t bytes_of_one() {
    StateCache cache(PartitionId(0), *store_, policy_, 0);
    load(cache, "a");
    return cache.bytes();
  }
  void load(const std::string& id) { load(cache_, id).version = in_memory_only; }
  void trim() { cache_.trim(written_snapshot); }
  // Asks last, for it loads what is not there.
  bool was_kept(const std::string& id) { return load(cache_, id).version == in_memory_only; }

  std::unique_ptr<StateStore> store_ = make_memory_state_store();
  engine::Policy policy_ = engine::default_policy();
  StateCache cache_{PartitionId(0), *store_, policy_, 3 * bytes_of_one()};
};

TEST_F(CacheOfThree, DropsTheOldestThatWasNotUsedAgain) {
  for (const char* id : {"a", "b", "c"}) load(id);
  load("a");
  load("d");
  load("e");
  trim();
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_LE(cache_.bytes(), 3 * bytes_of_one());
  EXPECT_TRUE(was_kept("a")) << "used since it came";
  EXPECT_TRUE(was_kept("d"));
  EXPECT_TRUE(was_kept("e"));
}

TEST_F(CacheOfThree, DropsWhatWasUsedLongAgoWhenEverythingWasUsed) {
  for (const char* id : {"a", "b", "c", "d"}) load(id);
  for (const char* id : {"a", "b", "c", "d"}) load(id);
  trim();
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_FALSE(was_kept("a"));
}

TEST_F(CacheOfThree, NeverDropsWhatTheStoreDoesNotHave) {
  for (const char* id : {"a", "b", "c", "d", "e"}) load(id);
  cache_.mark_dirty(load(cache_, "a"));
  cache_.mark_dirty(load(cache_, "b"));
  StateBatch batch;
  cache_.save_dirty(batch, written_snapshot + 1);  // not written yet
  for (const char* id : {"c", "d", "e"}) cache_.mark_dirty(load(cache_, id));
  trim();
  EXPECT_EQ(cache_.size(), 5U);
  EXPECT_TRUE(was_kept("a"));
  cache_.trim(written_snapshot + 1);
  EXPECT_EQ(cache_.size(), 3U);
  EXPECT_TRUE(was_kept("c"));
}

}  // namespace
}  // namespace orderlog::runtime::test
