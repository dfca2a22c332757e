// The partition formula agrees with Java's Kafka client; ids of different kinds do not mix.
#include "events/base/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <type_traits>
#include <unordered_set>

namespace orderlog {
namespace {

// The vectors of the Kafka client's own test of its hash.
TEST(Murmur2, AgreesWithTheJavaClient) {
  EXPECT_EQ(murmur2("21"), -973932308);
  EXPECT_EQ(murmur2("foobar"), -790332482);
  EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(murmur2("abc"), 479470107);
}

TEST(PartitionOf, ClearsTheSignBitAndTakesTheRemainder) {
  // −973932308 & 0x7fffffff = 1173551340
  EXPECT_EQ(partition_of("21", 7), PartitionId(3));
  EXPECT_EQ(partition_of("21", 1'000'000), PartitionId(551'340));
  EXPECT_EQ(partition_of("abc", 1'000), PartitionId(107));
  EXPECT_EQ(partition_of("anything", 1), PartitionId(0));
}

RC_GTEST_PROP(PartitionOf, StaysBelowTheCount, (const std::string& key)) {
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 4096);
  RC_ASSERT(partition_of(key, count).value < count);
}

TEST(PartitionOfDeathTest, NoPartitionsIsABug) {
  EXPECT_DEATH(partition_of("key", 0), "number of partitions is 0");
}

TEST(StrongId, ComparesCountsAndHashes) {
  EXPECT_LT(Sequence(1), Sequence(2));
  EXPECT_EQ(Sequence(41).next(), Sequence(42));
  EXPECT_EQ(Term().value, 0U);
  EXPECT_EQ((std::unordered_set<PartitionId>{PartitionId(1), PartitionId(1)}.size()), 1U);
}

static_assert(!std::is_convertible_v<std::uint64_t, Sequence>);
static_assert(!std::is_convertible_v<Term, Sequence>);
static_assert(sizeof(Sequence) == 8 && sizeof(PartitionId) == 4);

}  // namespace
}  // namespace orderlog
