// Two engines on one log, each leading some of its partitions: taking, leaving, losing, and the
// commands between what one leads and the other. The log in memory stands for the cluster: its
// claims fence as the cluster does.
#include <algorithm>
#include <atomic>

#include "engine/runtime/replay_check.h"
#include "events/log/memory_log.h"
#include "tests/engine/runtime/engine_fixture.h"
#include "tests/engine/runtime/forwarding_store.h"

namespace orderlog::runtime::test {
namespace {

constexpr std::uint32_t partitions = 2;

std::unique_ptr<log::MemoryLog> shared_log(bool durable_at_once = true) {
  log::MemoryLogOptions options;
  options.partition_count = partitions;
  options.durable_at_once = durable_at_once;
  auto log = log::open_memory_log(options);
  EXPECT_TRUE(log.ok());
  return std::move(log).value();
}

// A stock item that lives on the partition.
std::string item_on(PartitionId partition) {
  for (int i = 0;; ++i) {
    const std::string item = "SKU" + std::to_string(i) + "@MAIN";
    if (partition_of(item, partitions) == partition) return item;
  }
}

// Master data: the answer waits for the copies on all other partitions.
Command define_product_on(PartitionId partition) {
  schema::DefineProductT define;
  for (int i = 0;
       define.product_id.empty() || partition_of(define.product_id, partitions) != partition; ++i) {
    define.product_id = "P" + std::to_string(i);
  }
  define.profile = std::make_unique<schema::ProductProfileT>();
  define.profile->name = "Tea";
  return std::move(Command(std::move(define)).role(schema::Role::Admin));
}

// A store whose writes can be held up.
class HeldStore final : public ForwardingStore {
 public:
  explicit HeldStore(std::unique_ptr<StateStore> inner = make_memory_state_store())
      : ForwardingStore(*inner), inner_(std::move(inner)) {}

  Status write(const StateBatch& batch) override {
    writing_ = true;
    writing_.notify_all();
    held_.wait(true);
    return ForwardingStore::write(batch);
  }

  void hold() { held_ = true; }
  void let_go() {
    held_ = false;
    held_.notify_all();
  }
  void await_write() { writing_.wait(false); }

 private:
  std::unique_ptr<StateStore> inner_;
  std::atomic<bool> held_ = false;
  std::atomic<bool> writing_ = false;
};

struct Node {
  Node(log::MemoryLog& shared, const std::string& address,
       std::unique_ptr<StateStore> its_store = make_memory_state_store())
      : log(shared), store(std::move(its_store)), bench(shared, *store) {
    bench.options.limits.snapshot_interval_us = 0;
    bench.options.claim_all = false;
    bench.options.advertised_address = address;
    EXPECT_TRUE(bench.open().ok());
    bench.engine->on_lost([this](PartitionId partition, const Error& why) {
      lost.push_back(partition);
      last_reason = why.message;
    });
  }

  Status take(std::uint32_t partition) {
    auto claim = log.claim(PartitionId(partition));
    if (!claim) return claim.error();
    std::optional<Status> taken;
    bench.engine->take(*claim, [&](const Status& status) { taken = status; });
    bench.loop.run_until([&] { return taken.has_value(); });
    settle();
    return taken.value_or(Status());
  }
  void leave(std::uint32_t partition) {
    bool left = false;
    bench.engine->leave(PartitionId(partition), [&] { left = true; });
    bench.loop.run_until([&] { return left; });
  }
  // Does what there is to do, and reads what the other wrote.
  void settle() {
    bench.engine->look();
    while (bench.loop.run_one()) {
    }
    bench.engine->tick();
  }
  PartitionRole role(std::uint32_t partition) {
    bench.engine->tick();
    return bench.engine->partitions()[partition].role;
  }
  // The answer, when it comes at once or after what this node has to do.
  std::optional<Answer> ask(const Command& command) {
    std::optional<Answer> answer;
    bench.engine->submit(command.bytes(), [&](const Answer& given) { answer = given; });
    while (!answer && bench.loop.run_one()) {
    }
    return answer;
  }

  log::MemoryLog& log;
  std::unique_ptr<StateStore> store;
  Bench bench;
  std::vector<PartitionId> lost;
  std::string last_reason;
};

TEST(Ownership, WhatIsNotLedIsRefusedAndNamesTheLeader) {
  auto log = shared_log();
  Node a(*log, "a:1");
  Node b(*log, "b:2");
  const std::string item = item_on(PartitionId(1));
  auto refused = a.ask(receive(item, 5'000));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->outcome, Outcome::NotLeading);
  EXPECT_EQ(refused->leader_address, "") << "nobody has led yet";
  ASSERT_TRUE(b.take(1).ok());
  a.settle();
  refused = a.ask(receive(item, 5'000));
  EXPECT_EQ(refused->outcome, Outcome::NotLeading);
  EXPECT_EQ(refused->leader_address, "b:2");
  EXPECT_EQ(refused->partition, PartitionId(1));
  EXPECT_EQ(b.ask(receive(item, 5'000))->outcome, Outcome::Accepted);
}

TEST(Ownership, AStandbyGoesOnWhereTheLeaderLeft) {
  auto log = shared_log();
  Node a(*log, "a:1");
  Node b(*log, "b:2");
  const std::string item = item_on(PartitionId(0));
  ASSERT_TRUE(a.take(0).ok());
  EXPECT_EQ(a.ask(receive(item, 5'000, "first"))->version, 1u);
  a.leave(0);
  EXPECT_EQ(a.role(0), PartitionRole::Following);
  EXPECT_EQ(a.ask(receive(item, 5'000))->outcome, Outcome::NotLeading);
  ASSERT_TRUE(b.take(0).ok());
  const auto repeated = b.ask(receive(item, 5'000, "first"));
  EXPECT_TRUE(repeated->replayed) << "the first answer, from the other node's time";
  EXPECT_EQ(b.ask(receive(item, 1'000))->version, 2u);
  a.settle();
  ASSERT_TRUE(a.take(0).ok());
  EXPECT_EQ(a.ask(receive(item, 1'000))->version, 3u);
}

TEST(Ownership, LeavingWaitsForWhatIsOnItsWay) {
  auto log = shared_log(false);
  Node a(*log, "a:1");
  auto claim = log->claim(PartitionId(0));
  ASSERT_TRUE(claim.ok());
  a.bench.engine->take(*claim, [](const Status&) {});
  std::optional<Answer> answer;
  a.bench.engine->submit(receive(item_on(PartitionId(0)), 5'000).bytes(),
                         [&](const Answer& given) { answer = given; });
  bool left = false;
  a.bench.engine->leave(PartitionId(0), [&] { left = true; });
  while (a.bench.loop.run_one()) {
  }
  EXPECT_FALSE(left);
  EXPECT_FALSE(answer);
  while (!left && (log->step() > 0 || a.bench.loop.run_one())) {
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->outcome, Outcome::Accepted);
}

// A zombie: its claim is void and it does not know.
TEST(Ownership, WhoLostThePartitionAcknowledgesNothingAndForgetsWhatItDecided) {
  auto log = shared_log(false);
  Node a(*log, "a:1");
  Node b(*log, "b:2");
  const std::string item = item_on(PartitionId(0));
  const auto run = [&](Node& node, const std::function<bool()>& done) {
    // What the writer of snapshots has done comes to the loop from a thread of its own.
    while (!done() && (log->step() > 0 || node.bench.loop.run_one(std::chrono::seconds(10)))) {
    }
    EXPECT_TRUE(done());
  };
  auto first = log->claim(PartitionId(0));
  a.bench.engine->take(*first, [](const Status&) {});
  std::optional<Answer> before;
  a.bench.engine->submit(receive(item, 5'000).bytes(), [&](const Answer& x) { before = x; });
  run(a, [&] { return before.has_value(); });
  EXPECT_EQ(before->outcome, Outcome::Accepted);

  // Queued in the log, not yet durable, when the other one takes over: aborted.
  std::optional<Answer> unknown;
  std::optional<Outcome> after_it;  // of a command that comes with the answer
  a.bench.engine->submit(receive(item, 1'000).bytes(), [&](const Answer& x) {
    unknown = x;
    a.bench.engine->submit(receive(item, 1'000).bytes(),
                           [&](const Answer& y) { after_it = y.outcome; });
  });
  while (a.bench.loop.run_one()) {
  }
  auto second = log->fence(PartitionId(0), true);
  ASSERT_TRUE(second.ok());
  run(a, [&] { return unknown.has_value(); });
  EXPECT_EQ(unknown->outcome, Outcome::Unknown);
  EXPECT_EQ(after_it, Outcome::NotLeading);
  ASSERT_EQ(a.lost.size(), 1u);
  EXPECT_EQ(a.lost[0], PartitionId(0));
  EXPECT_EQ(a.role(0), PartitionRole::Following);
  EXPECT_FALSE(a.bench.engine->stats().failed);

  bool taken = false;
  b.bench.engine->take(*second, [&](const Status& status) { taken = status.ok(); });
  run(b, [&] { return taken; });
  std::optional<Answer> after;
  b.bench.engine->submit(receive(item, 2'000).bytes(), [&](const Answer& x) { after = x; });
  run(b, [&] { return after.has_value(); });
  EXPECT_EQ(after->version, 2u) << "of what the zombie decided nothing is left";
  a.settle();
  auto third = log->claim(PartitionId(0));
  taken = false;
  a.bench.engine->take(*third, [&](const Status& status) { taken = status.ok(); });
  run(a, [&] { return taken; });
  std::optional<Answer> again;
  a.bench.engine->submit(receive(item, 2'000).bytes(), [&](const Answer& x) { again = x; });
  run(a, [&] { return again.has_value(); });
  EXPECT_EQ(again->version, 3u);
}

// What it would refuse, the other one may have made possible meanwhile.
TEST(Ownership, AZombiesRefusalIsNoAnswer) {
  auto log = shared_log();
  Node a(*log, "a:1");
  Node b(*log, "b:2");
  const std::string item = item_on(PartitionId(0));
  ASSERT_TRUE(a.take(0).ok());
  EXPECT_EQ(a.ask(receive(item, 5'000))->version, 1u);
  const auto conflict = a.ask(receive(item, 5'000).expecting(7));
  EXPECT_EQ(conflict->outcome, Outcome::Rejected) << "it leads, and may say no";
  b.settle();
  ASSERT_TRUE(b.take(0).ok());
  EXPECT_EQ(b.ask(receive(item, 5'000))->version, 2u);
  const auto stale = a.ask(receive(item, 5'000).expecting(2));
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->outcome, Outcome::Unknown);
  EXPECT_EQ(a.role(0), PartitionRole::Following);
}

TEST(Ownership, AStopEndsAlsoWhenAPartitionIsLostOverIt) {
  auto log = shared_log(false);
  Node a(*log, "a:1");
  auto claim = log->claim(PartitionId(0));
  a.bench.engine->take(*claim, [](const Status&) {});
  a.bench.engine->submit(receive(item_on(PartitionId(0)), 5'000).bytes(), [](const Answer&) {});
  while (a.bench.loop.run_one()) {
  }
  ASSERT_TRUE(log->fence(PartitionId(0), true).ok());
  bool stopped = false;
  a.bench.engine->stop([&](const Status&) { stopped = true; });
  while (!stopped && (log->step() > 0 || a.bench.loop.run_one(std::chrono::seconds(2)))) {
  }
  EXPECT_TRUE(stopped);
}

TEST(Ownership, APartitionThatIsTakenAgainWhileItsStateIsBeingSavedIsLedAfterwards) {
  auto log = shared_log();
  auto held = std::make_unique<HeldStore>();
  HeldStore& store = *held;
  Node a(*log, "a:1", std::move(held));
  const std::string item = item_on(PartitionId(0));
  ASSERT_TRUE(a.take(0).ok());
  store.hold();
  ASSERT_EQ(a.ask(receive(item, 5'000))->outcome, Outcome::Accepted);
  a.settle();
  store.await_write();
  ASSERT_TRUE(log->fence(PartitionId(0), true).ok());
  EXPECT_EQ(a.ask(receive(item, 1'000))->outcome, Outcome::Unknown);
  EXPECT_EQ(a.lost.size(), 1u);
  auto claim = log->claim(PartitionId(0));
  std::optional<Status> taken;
  a.bench.engine->take(*claim, [&](const Status& status) { taken = status; });
  EXPECT_FALSE(taken) << "the state is not known before the snapshot is written";
  store.let_go();
  a.bench.loop.run_until([&] {
    a.bench.engine->look();
    return taken.has_value();
  });
  ASSERT_TRUE(taken && taken->ok());
  EXPECT_EQ(a.ask(receive(item, 1'000))->version, 2u);
}

TEST(Ownership, CommandsGoFromOneNodesPartitionToTheOthers) {
  auto log = shared_log();
  Node a(*log, "a:1");
  Node b(*log, "b:2");
  ASSERT_TRUE(a.take(0).ok());
  ASSERT_TRUE(b.take(1).ok());
  std::optional<Answer> answer;
  a.bench.engine->submit(define_product_on(PartitionId(0)).bytes(),
                         [&](const Answer& given) { answer = given; });
  while (a.bench.loop.run_one()) {
  }
  EXPECT_FALSE(answer) << "the copy on the other node's partition is not there yet";
  b.settle();
  b.settle();
  a.settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->outcome, Outcome::Accepted)
      << (answer->rejection ? answer->rejection->detail : "");
}

TEST(Ownership, ATakerReadsWhatWasSentBeforeItsTime) {
  auto log = shared_log();
  Node a(*log, "a:1");
  ASSERT_TRUE(a.take(0).ok());
  std::optional<Answer> answer;
  a.bench.engine->submit(define_product_on(PartitionId(0)).bytes(),
                         [&](const Answer& given) { answer = given; });
  while (a.bench.loop.run_one()) {
  }
  EXPECT_FALSE(answer) << "nobody leads the other partition";
  Node late(*log, "late:3");
  ASSERT_TRUE(late.take(1).ok());
  late.settle();
  late.settle();
  a.settle();
  EXPECT_TRUE(answer);
}

TEST(Inbox, TheOffsetIsInTheLogWithTheEffect) {
  auto log = shared_log();
  Node a(*log, "a:1");
  const std::string item = item_on(PartitionId(0));
  const auto send = [&](Node& node, std::int64_t finished, const std::vector<std::uint8_t>& bytes) {
    std::optional<Answer> answer;
    node.bench.engine->submit_from_inbox(PartitionId(0), finished, bytes,
                                         [&](const Answer& given) { answer = given; });
    while (!answer && node.bench.loop.run_one()) {
    }
    EXPECT_TRUE(answer);
    return answer.value_or(Answer());
  };
  EXPECT_EQ(send(a, 1, receive(item, 5'000).bytes()).outcome, Outcome::NotLeading);
  ASSERT_TRUE(a.take(0).ok());
  EXPECT_EQ(a.bench.engine->inbox_offset(PartitionId(0)), 0);
  const auto command = receive(item, 5'000, "from upstream").bytes();
  EXPECT_EQ(send(a, 7, command).version, 1u);
  EXPECT_TRUE(send(a, 7, command).replayed) << "read again: no second effect";
  EXPECT_EQ(send(a, 9, {}).outcome, Outcome::Accepted);
  EXPECT_EQ(send(a, 3, {}).outcome, Outcome::Accepted) << "and never goes back";

  Node b(*log, "b:2");
  ASSERT_TRUE(b.take(0).ok());
  EXPECT_EQ(b.bench.engine->inbox_offset(PartitionId(0)), 9);
  EXPECT_TRUE(send(b, 9, command).replayed);
  EXPECT_EQ(send(b, 9, receive(item, 6'000, "from upstream").body(2).bytes()).outcome,
            Outcome::KeyReused);
  EXPECT_EQ(b.ask(receive(item, 1'000))->version, 2u);
}

TEST(Ownership, FollowersHaveTheStateOfTheLeader) {
  auto log = shared_log();
  Node a(*log, "a:1");
  Node b(*log, "b:2");
  ASSERT_TRUE(a.take(0).ok());
  ASSERT_TRUE(a.take(1).ok());
  for (int i = 0; i < 300; ++i) {
    const auto item = item_on(PartitionId(static_cast<std::uint32_t>(i % 2)));
    ASSERT_EQ(a.ask(receive(item, 1'000))->outcome, Outcome::Accepted);
  }
  a.settle();
  b.settle();
  ASSERT_TRUE(a.bench.stop().ok());
  ASSERT_TRUE(b.bench.stop().ok());
  for (std::uint32_t p = 0; p < partitions; ++p) {
    const auto left = state_hash(*a.store, PartitionId(p));
    const auto right = state_hash(*b.store, PartitionId(p));
    ASSERT_TRUE(left.ok() && right.ok());
    EXPECT_EQ(*left, *right);
  }
}

}  // namespace
}  // namespace orderlog::runtime::test
