// Real RocksDB under power cuts and failing disks: at every operation of a script.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/power/trial.h"

namespace orderlog::power {
namespace {

const std::vector<Step>& script() {
  static const std::vector<Step> steps = make_script();
  return steps;
}

// The script without any misfortune.
const Outcome& reference() {
  static const Outcome outcome = run(script(), {});
  return outcome;
}

TEST(Power, TheScriptRunsAndIsRepeatable) {
  const Outcome& once = reference();
  ASSERT_FALSE(once.problem) << *once.problem;
  const Outcome again = run(script(), {.seed = 2});
  ASSERT_FALSE(again.problem) << *again.problem;
  EXPECT_EQ(once.operations, again.operations);
  EXPECT_EQ(once.state, again.state);
  std::printf("%zu steps, %llu operations\n", script().size(),
              static_cast<unsigned long long>(once.operations));
}

}  // namespace
}  // namespace orderlog::power
