// Three brokers, three nodes, load; and then one thing after the other goes wrong. After each: what
// was acknowledged is in the log once, nothing else happened, and replay equals live on every node.
#include <cstdio>

#include "tests/ops/cluster/cluster.h"

namespace orderlog::test {
namespace {

constexpr int clients = 6;
constexpr int some = 60;  // acknowledgements

class Failover : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    Brokers::up();
    installation = std::make_unique<Installation>(directory_, 3);
    installation->start_all();
    installation->await_leaders();
  }
  void TearDown() override {
    Brokers::up();
    installation.reset();
    ProcessTest::TearDown();
  }

  // Load before, during and after what goes wrong; then everything must be as it should.
  void under_load(const char* what, const std::function<void(Load&)>& go_wrong) {
    Load load(installation->urls(), clients);
    load.await(some);
    go_wrong(load);
    load.await(some);
    load.stop();
    std::printf("%s: %zu acknowledged, %d times 503, longest time without an answer %lld ms\n",
                what, load.acknowledged().size(), load.refused(),
                static_cast<long long>(load.longest_gap_ms()));
    EXPECT_TRUE(load.wrong().empty()) << load.wrong().front();
    expect_nothing_lost(installation->node(0).url(), load);
    expect_whole(*installation);
  }

  std::unique_ptr<Installation> installation;
};

TEST_F(Failover, AKilledNodesPartitionsAreLedByTheOthers) {
  under_load("kill -9 of a node", [&](Load& load) {
    installation->node(1).kill9();
    load.await(some);
    installation->start(1);
  });
}

TEST_F(Failover, ANodeThatSleptLongerThanItsSessionWakesAsAZombieAndHarmsNobody) {
  under_load("a node stopped and continued", [&](Load& load) {
    installation->node(2).signal(SIGSTOP);
    load.await(3 * some);  // the others lead its partitions by then
    installation->node(2).signal(SIGCONT);
    load.await(some);
  });
}

TEST_F(Failover, ABrokerThatLeadsAPartitionIsKilled) {
  under_load("kill -9 of a leading broker", [&](Load& load) {
    const int broker = Brokers::leader(installation->events_topic(), 0);
    Brokers::node("kill", broker);
    load.await(some);
    Brokers::node("start", broker);
  });
}

TEST_F(Failover, BrokersAreRestartedOneByOne) {
  under_load("brokers restarted one by one", [&](Load& load) {
    for (int broker = 1; broker <= 3; ++broker) {
      Brokers::node("stop", broker);
      Brokers::node("start", broker);
      load.await(some / 2);
    }
  });
}

TEST_F(Failover, BelowTheLeastReplicasCommandsAreRefusedAndWorkGoesOnAfterwards) {
  under_load("two brokers down", [&](Load& load) {
    Brokers::node("kill", 2);
    Brokers::node("kill", 3);
    load.await_refusals(10);
    Brokers::up();
  });
}

}  // namespace
}  // namespace orderlog::test
