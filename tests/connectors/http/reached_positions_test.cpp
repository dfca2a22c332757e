// How far acknowledged commands reach, partition by partition.
#include "connectors/client/reached_positions.h"

#include <gtest/gtest.h>

namespace orderlog::client {
namespace {

TEST(ReachedPositions, KeepTheLastOfEachPartition) {
  ReachedPositions reached;
  EXPECT_TRUE(reached.empty());
  EXPECT_EQ(reached.text(), "");
  reached.note("2:5");
  reached.note("0:17");
  reached.note("2:4");
  reached.note("2:18446744073709551615");
  EXPECT_EQ(reached.text(), "0:17,2:18446744073709551615");
}

TEST(ReachedPositions, PassOverWhatIsNoPosition) {
  ReachedPositions reached;
  for (const char* text : {"", ":", "1", "1:", ":1", "1:x", "x:1", "1:2,3:4", "-1:2", "1:2 ",
                           "1:18446744073709551616"})
    reached.note(text);
  EXPECT_TRUE(reached.empty()) << reached.text();
}

}  // namespace
}  // namespace orderlog::client
