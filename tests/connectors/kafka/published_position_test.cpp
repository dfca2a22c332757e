// What is written down of how far things are published, and what is refused.
#include "connectors/kafka/published_position.h"

#include <gtest/gtest.h>

namespace orderlog::kafka {
namespace {

TEST(PublishedPosition, ComesBackAsItWasWritten) {
  const PublishedPosition position{{Sequence(18), Sequence(0)},
                                   {Sequence(9), Sequence(9'007'199'254'740'993)}};
  const std::string text = position_text(position);
  EXPECT_EQ(text, R"({"alerts":[18,0],"rows":[9,9007199254740993]})");
  EXPECT_EQ(read_position_text(text, 2).value(), position);
}

TEST(PublishedPosition, AnythingElseIsNone) {
  for (const char* text : {"", "position", "[]", "{}", R"({"alerts":[1,2]})",
                           R"({"alerts":[1,2],"rows":[1]})", R"({"alerts":[1,-2],"rows":[1,2]})",
                           R"({"alerts":[1,"2"],"rows":[1,2]})", R"({"alerts":5,"rows":[1,2]})"}) {
    EXPECT_EQ(read_position_text(text, 2).error().code, ErrorCode::Corrupt) << text;
  }
  EXPECT_FALSE(read_position_text(R"({"alerts":[1,2],"rows":[1,2]})", 3).ok());
}

}  // namespace
}  // namespace orderlog::kafka
