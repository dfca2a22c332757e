// The engine on the in-memory log: acknowledgement, idempotency, bounds.
#include <algorithm>

#include "events/log/memory_log.h"
#include "tests/engine/runtime/engine_fixture.h"

namespace orderlog::runtime::test {
namespace {

std::unique_ptr<log::MemoryLog> memory_log(std::uint32_t partitions = 1,
                                           bool durable_at_once = true) {
  log::MemoryLogOptions options;
  options.partition_count = partitions;
  options.durable_at_once = durable_at_once;
  auto log = log::open_memory_log(options);
  EXPECT_TRUE(log.ok());
  return std::move(log).value();
}

TEST(Engine, AnswersWhenDurableAndNotBefore) {
  auto log = memory_log(1, false);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  const auto bytes = receive("TEA@MAIN", 5'000).bytes();
  bool answered = false;
  bench.engine->submit(bytes, [&](const Answer& answer) {
    answered = true;
    EXPECT_EQ(answer.outcome, Outcome::Accepted);
    ASSERT_EQ(answer.events.size(), 1u);
    EXPECT_EQ(answer.events[0].type, "StockReceived");
    EXPECT_EQ(answer.version, 1u);
  });
  while (bench.loop.run_one()) {
  }
  EXPECT_FALSE(answered);
  while (!answered && (log->step() > 0 || bench.loop.run_one())) {
  }
  EXPECT_TRUE(answered);
}

TEST(Engine, ARepeatGetsTheFirstAnswerAndHasNoEffect) {
  auto log = memory_log();
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  const auto first = bench.ask(receive("TEA@MAIN", 5'000, "key-1"));
  const auto again = bench.ask(receive("TEA@MAIN", 5'000, "key-1"));
  EXPECT_FALSE(first.replayed);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, Outcome::Accepted);
  EXPECT_EQ(again.version, first.version);
  EXPECT_EQ(again.position, first.position);
  ASSERT_EQ(again.events.size(), first.events.size());
  EXPECT_EQ(again.events[0].seq, first.events[0].seq);
  EXPECT_EQ(again.events[0].event_id, first.events[0].event_id);
  EXPECT_EQ(bench.ask(receive("TEA@MAIN", 1'000)).version, 2u);
}

TEST(Engine, TheSameCommandAHundredTimesAtOnceHasOneEffect) {
  auto log = memory_log(1, false);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  std::vector<Answer> answers;
  for (int i = 0; i < 100; ++i) {
    bench.engine->submit(receive("TEA@MAIN", 5'000, "same").bytes(),
                         [&](const Answer& a) { answers.push_back(a); });
  }
  while (answers.size() < 100 && (bench.loop.run_one() || log->step() > 0)) {
  }
  ASSERT_EQ(answers.size(), 100u);
  EXPECT_EQ(
      std::count_if(answers.begin(), answers.end(), [](const Answer& a) { return !a.replayed; }),
      1);
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.outcome, Outcome::Accepted);
    EXPECT_EQ(answer.version, 1u);
    EXPECT_EQ(answer.position, answers[0].position);
  }
}

TEST(Engine, AReusedIdWithAnotherBodyIsRefused) {
  auto log = memory_log();
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  bench.ask(receive("TEA@MAIN", 5'000, "key"));
  EXPECT_EQ(bench.ask(receive("TEA@MAIN", 7'000, "key").body(2)).outcome, Outcome::KeyReused);
}

TEST(Engine, AStaleExpectedVersionIsAConflictAndChangesNothing) {
  auto log = memory_log();
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  bench.ask(receive("TEA@MAIN", 5'000));
  const auto refused = bench.ask(receive("TEA@MAIN", 5'000).expecting(0));
  EXPECT_EQ(refused.outcome, Outcome::Rejected);
  EXPECT_EQ(refused.rejection->code, engine::RejectionCode::VersionConflict);
  EXPECT_EQ(refused.current_version, 1u);
  EXPECT_EQ(bench.ask(receive("TEA@MAIN", 5'000).expecting(1)).version, 2u);
}

TEST(Engine, ClientsMayNotGiveTheEnginesOwnCommands) {
  auto log = memory_log();
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  schema::ExpireHoldsT command;
  command.stock_item_id = "TEA@MAIN";
  const auto refused = bench.ask(Command(std::move(command)));
  EXPECT_EQ(refused.outcome, Outcome::Rejected);
  EXPECT_EQ(refused.rejection->code, engine::RejectionCode::EngineOnly);
}

TEST(Engine, BusinessTimeInTheFutureIsRefused) {
  auto log = memory_log();
  auto store = make_memory_state_store();
  Bench bench(*log, *store, true);
  ASSERT_TRUE(bench.open().ok());
  const auto refused =
      bench.ask(receive("TEA@MAIN", 1'000).at(test_start_us + 10LL * 365 * 24 * 3600 * 1'000'000));
  EXPECT_EQ(refused.outcome, Outcome::Rejected);
  EXPECT_EQ(refused.rejection->pointer, "/occurred_at");
}

// Whatever else would make it wait.
TEST(Engine, SavesBeforeItRefusesCommandsForWhatIsNotSaved) {
  auto log = memory_log(2);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  bench.options.limits.unsaved_aggregates_max = 10;
  bench.options.limits.snapshot_interval_us = 3'600 * us_per_second;
  ASSERT_TRUE(bench.open().ok());
  for (int i = 0; i < 100; ++i) {
    const auto answer = bench.ask(receive("SKU-" + std::to_string(i) + "@MAIN", 1'000));
    ASSERT_EQ(answer.outcome, Outcome::Accepted) << "command " << i << ": " << answer.reason;
    while (bench.loop.run_one(std::chrono::milliseconds(5))) {
    }
  }
}

// Else a start after that would have as much to replay.
TEST(Engine, AClockThatIsSetBackDoesNotPutOffWhatIsToBeSaved) {
  auto log = memory_log();
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  bench.ask(receive("TEA@MAIN", 1'000));
  const auto saved = [&] {
    bench.engine->tick();
    while (bench.loop.run_one()) {
    }
    return bench.engine->stats().snapshots;
  };
  EXPECT_EQ(saved(), 0u);
  bench.clock.advance(-6 * 3'600 * us_per_second);
  saved();
  bench.ask(receive("TEA@MAIN", 1'000));
  bench.clock.advance(bench.options.limits.snapshot_interval_us);
  saved();
  EXPECT_GE(saved(), 1u);
}

TEST(Engine, AFailedSyncIsFinalAndAnswersUnknown) {
  auto log = memory_log(1, false);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  std::optional<Answer> answer;
  bool failed = false;
  bench.engine->on_failure([&](const Error&) { failed = true; });
  log->fail_next_sync(error(ErrorCode::Io, "the disk is gone"));
  bench.engine->submit(receive("TEA@MAIN", 1'000).bytes(), [&](const Answer& a) { answer = a; });
  while (!answer && (bench.loop.run_one() || log->step() > 0)) {
  }
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->outcome, Outcome::Unknown);
  EXPECT_TRUE(failed);
  std::optional<Answer> later;
  bench.engine->submit(receive("TEA@MAIN", 1'000).bytes(), [&](const Answer& a) { later = a; });
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(later->outcome, Outcome::Stopping);
  // Whoever stops it now is told why, instead of waiting for ever.
  const Status stopped = bench.stop();
  EXPECT_EQ(stopped.error().code, ErrorCode::Io);
}

TEST(Engine, FullQueuesAnswerAtOnce) {
  auto log = memory_log(1, false);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  bench.options.limits.commands_in_flight_max = 3;
  ASSERT_TRUE(bench.open().ok());
  std::vector<Answer> answers;
  for (int i = 0; i < 5; ++i) {
    bench.engine->submit(receive("TEA@MAIN", 1'000).bytes(),
                         [&](const Answer& a) { answers.push_back(a); });
  }
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].outcome, Outcome::Unavailable);
}

TEST(Engine, ACommitThatTheLogRefusesGoesFirstAndCommandsGoOn) {
  auto log = memory_log(1, false);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  std::vector<std::uint64_t> versions;
  const auto submit = [&] {
    bench.engine->submit(receive("TEA@MAIN", 1'000).bytes(),
                         [&](const Answer& a) { versions.push_back(a.version); });
    while (bench.loop.run_one()) {
    }
  };
  log->refuse_appends(1);
  submit();
  submit();
  submit();
  while (versions.size() < 3 && (log->step() > 0 || bench.loop.run_one())) {
  }
  EXPECT_EQ(versions, (std::vector<std::uint64_t>{1, 2, 3}));
}

// A disk that stands still: what waits for it is bounded in bytes, and no commit gets too large.
TEST(Engine, AStandingLogEndsInUnavailableAndNothingIsLost) {
  log::MemoryLogOptions few;
  few.queue_bytes_max = 1024 * 1024;
  auto log = std::move(log::open_memory_log(few)).value();
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  std::size_t accepted = 0;
  std::size_t submitted = 0;
  bool refused = false;
  while (!refused && submitted < 100'000) {
    ++submitted;
    bench.engine->submit(receive("TEA@MAIN", 1'000).bytes(), [&](const Answer& a) {
      refused |= a.outcome == Outcome::Unavailable;
      accepted += a.outcome == Outcome::Accepted ? 1 : 0;
    });
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(accepted, 0u);
  while (log->step() > 0 || bench.loop.run_one()) {
    bench.engine->tick();
  }
  EXPECT_EQ(accepted, submitted - 1);
}

// The last ten units of one sku, asked for by two hundred at once (pain P1).
TEST(Engine, NeverSellsMoreThanThereIs) {
  auto log = memory_log(1, false);
  auto store = make_memory_state_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  int reserved = 0;
  int answered = 0;
  bench.engine->submit(receive("TEA@MAIN", 10'000).bytes(), [](const Answer&) {});
  for (int i = 0; i < 200; ++i) {
    bench.engine->submit(reserve("TEA@MAIN", "R-" + std::to_string(i), 1'000).bytes(),
                         [&](const Answer& answer) {
                           ++answered;
                           for (const auto& event : answer.events)
                             reserved += event.type == "StockReserved" ? 1 : 0;
                         });
  }
  while (answered < 200 && (bench.loop.run_one() || log->step() > 0)) {
  }
  EXPECT_EQ(answered, 200);
  EXPECT_EQ(reserved, 10);
}

}  // namespace
}  // namespace orderlog::runtime::test
