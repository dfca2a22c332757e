// Where a value lies in a JSON text; whatever the text, the answer lies within it.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "events/codec/json_scanner.h"

namespace orderlog::codec {
namespace {

TEST(JsonScanner, CutsOutAMemberAsItWasWritten) {
  const std::string object = R"( { "a" : 1 , "b":{"b":[1,"}"]} ,"c":"x,\"}y" , "d":[ 1 ] } )";
  EXPECT_EQ(member_as_written(object, "a"), "1");
  EXPECT_EQ(member_as_written(object, "b"), R"({"b":[1,"}"]})");
  EXPECT_EQ(member_as_written(object, "c"), R"("x,\"}y")");
  EXPECT_EQ(member_as_written(object, "d"), "[ 1 ]");
}

TEST(JsonScanner, FindsOnlyMembersOfTheOutermostObject) {
  EXPECT_EQ(member_as_written(R"({"a":{"data":1},"b":["data",2]})", "data"), std::nullopt);
  EXPECT_EQ(member_as_written(R"({"d\u0061ta":1})", "data"), std::nullopt);
  EXPECT_EQ(member_as_written("{}", "data"), std::nullopt);
  EXPECT_EQ(member_as_written("[1]", "data"), std::nullopt);
}

TEST(JsonScanner, OfATextThatEndsTooEarlyThereIsNothing) {
  const std::string object = R"({"a":[1,{"b":"c"}]})";
  for (std::size_t length = 0; length < object.size(); ++length) {
    EXPECT_EQ(member_as_written(std::string_view(object).substr(0, length), "a"), std::nullopt);
  }
}

TEST(JsonScanner, NeverLeavesItsText) {
  constexpr std::string_view pieces = "{}[],:\"\\ \n1a";
  std::mt19937 random(7);
  for (int round = 0; round < 50'000; ++round) {
    std::string text(random() % 24, ' ');
    for (char& c : text) c = pieces[random() % pieces.size()];
    const auto value = member_as_written(text, "a");
    if (!value) continue;
    EXPECT_GE(value->data(), text.data());
    EXPECT_LE(value->data() + value->size(), text.data() + text.size());
  }
}

}  // namespace
}  // namespace orderlog::codec
