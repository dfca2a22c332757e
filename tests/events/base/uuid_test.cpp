// Ids keep their text, their version and, once stored, their derivation for ever.
#include "events/base/uuid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <unordered_set>

namespace orderlog {
namespace {

int version_of(const Uuid& uuid) { return static_cast<int>(uuid.hi() >> 12 & 0xf); }
int variant_of(const Uuid& uuid) { return static_cast<int>(uuid.lo() >> 62); }

TEST(UuidText, IsThatOfRfc9562) {
  const Uuid uuid(0x017F22E279B07CC3, 0x98C4DC0C0C07398F);
  EXPECT_EQ(to_string(uuid), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_EQ(*parse_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), uuid);
  EXPECT_TRUE(is_nil(*parse_uuid("00000000-0000-0000-0000-000000000000")));
  EXPECT_FALSE(is_nil(uuid));
}

TEST(UuidText, RefusesWhatIsNotOne) {
  for (const char* text :
       {"", "017f22e2", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "not a uuid",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}"}) {
    const auto parsed = parse_uuid(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::InvalidArgument);
  }
}

RC_GTEST_PROP(UuidText, RoundTrips, (std::uint64_t hi, std::uint64_t lo)) {
  const Uuid uuid(hi, lo);
  RC_ASSERT(*parse_uuid(to_string(uuid)) == uuid);
}

// Worked out with another SHA-256: of 00…05 ‖ "order" ‖ "SO-1001".
TEST(UuidOfKey, NeverChanges) {
  EXPECT_EQ(to_string(uuid_of_key("order", "SO-1001")), "3ea5da0c-f7fc-8528-873f-7ce74a7071a2");
}

TEST(UuidOfKey, SeparatesScopeAndKey) {
  EXPECT_NE(uuid_of_key("ab", "c"), uuid_of_key("a", "bc"));
  EXPECT_NE(uuid_of_key("", "abc"), uuid_of_key("abc", ""));
}

TEST(DeriveUuid, NeverChanges) {
  const Uuid parent(0x017F22E279B07CC3, 0x98C4DC0C0C07398F);
  EXPECT_EQ(to_string(derive_uuid(parent, 0)), "0975ec03-e594-8e0e-a7a1-84b3e5a0d2c5");
  EXPECT_EQ(to_string(derive_uuid(parent, 1)), "eb0d63a4-a145-8aed-b8e0-5d533619112b");
}

RC_GTEST_PROP(DeriveUuid, GivesDistinctVersion8Children, (std::uint64_t hi, std::uint64_t lo)) {
  const Uuid parent(hi, lo);
  std::set<Uuid, UuidLess> children;
  for (std::uint32_t i = 0; i < 64; ++i) {
    const Uuid child = derive_uuid(parent, i);
    RC_ASSERT(version_of(child) == 8);
    RC_ASSERT(variant_of(child) == 0b10);
    children.insert(child);
  }
  RC_ASSERT(children.size() == 64U);
}

TEST(NewUuidV7, CarriesTheTimeAndDiffersEachTime) {
  const TimestampUs at = 1'645'557'742'000'000;  // the example of RFC 9562, appendix A.6
  std::unordered_set<Uuid, UuidHash, UuidEqual> seen;
  for (int i = 0; i < 1'000; ++i) {
    const Uuid uuid = new_uuid_v7(at);
    EXPECT_EQ(uuid.hi() >> 16, 0x017F22E279B0U);
    EXPECT_EQ(version_of(uuid), 7);
    EXPECT_EQ(variant_of(uuid), 0b10);
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 1'000U);
}

TEST(NewUuidV7, SortsByTimeDownToTheMicrosecond) {
  Uuid before = new_uuid_v7(1'700'000'000'000'000);
  for (TimestampUs at = 1'700'000'000'000'001; at < 1'700'000'000'003'000; ++at) {
    const Uuid next = new_uuid_v7(at);
    ASSERT_TRUE(UuidLess()(before, next)) << at;
    before = next;
  }
}

TEST(NewUuidV7DeathTest, RefusesTimesThatDoNotFit) {
  EXPECT_DEATH(new_uuid_v7(-1), "version 7's range");
}

}  // namespace
}  // namespace orderlog
