// A trading company works through the engine, and its own books are compared with the read models.
#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

TEST_P(Scenario, TheSimulatorsBooksAgree) {
  ServerProcess server = node();
  ASSERT_TRUE(started(server)) << server.output();
  const auto simulated = run({"simulate", "--server", server.url(), "--orders",
                              std::to_string(deployment->simulated_orders()), "--seed", "7"});
  EXPECT_EQ(simulated.code, 0) << simulated.out;
  ASSERT_EQ(server.stop(), 0);
  expect_whole();
}

}  // namespace
}  // namespace orderlog::test
