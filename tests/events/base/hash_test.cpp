// SHA-256 against FIPS 180-4's vectors, XXH3 against its author's; streaming equals one call.
#include "events/base/hash.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace orderlog {
namespace {

TEST(Sha256, AgreesWithTheStandard) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsReusableAndCopyable) {
  Sha256 hasher;
  hasher.update("abc");
  Sha256 copy = hasher;
  EXPECT_EQ(hasher.finish(), sha256("abc"));
  EXPECT_EQ(hasher.finish(), sha256(""));
  copy.update("def");
  EXPECT_EQ(copy.finish(), sha256("abcdef"));
}

RC_GTEST_PROP(Sha256, InPiecesEqualsAtOnce, (const std::vector<std::string>& pieces)) {
  Sha256 hasher;
  std::string whole;
  for (const std::string& piece : pieces) {
    hasher.update(piece);
    whole += piece;
  }
  RC_ASSERT(hasher.finish() == sha256(whole));
}

TEST(Fingerprint, NeverChanges) {
  EXPECT_EQ(fingerprint64(""), 0x2D06800538D394C2U);
  EXPECT_EQ(fingerprint64("orderlog"), 0xB8220599E7A89910U);
  const std::vector<std::uint8_t> bytes = {'o', 'r', 'd', 'e', 'r', 'l', 'o', 'g'};
  EXPECT_EQ(fingerprint64(bytes), fingerprint64("orderlog"));
}

TEST(Hex, IsLowerCaseAndComplete) {
  const std::vector<std::uint8_t> bytes = {0x00, 0x0f, 0xf0, 0xff};
  EXPECT_EQ(to_hex(bytes), "000ff0ff");
}

}  // namespace
}  // namespace orderlog
