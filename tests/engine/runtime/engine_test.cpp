// The engine on the in-memory log and on the embedded one: acknowledgement, idempotency, recovery,
// bounds.
#include <algorithm>
#include <filesystem>

#include "engine/runtime/replay_check.h"
#include "events/log/embedded_log.h"
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

class Recovery : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("orderlog-engine-" + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<log::EmbeddedLog> embedded_log() {
    log::EmbeddedLogOptions options;
    options.directory = directory_.string();
    options.partition_count = GetParam();
    auto log = log::open_embedded_log(options);
    EXPECT_TRUE(log.ok()) << (log.ok() ? "" : log.error().message);
    return std::move(log).value();
  }
  std::unique_ptr<StateStore> rocks_store(const std::string& name = "state") {
    StateStoreOptions options;
    options.directory = (directory_ / name).string();
    auto store = open_state_store(options);
    EXPECT_TRUE(store.ok());
    return std::move(store).value();
  }
  std::filesystem::path directory_;
};

TEST_P(Recovery, ReplayEqualsLiveAfterACleanStopAndAfterAKill) {
  for (const bool clean : {true, false}) {
    std::filesystem::remove_all(directory_);
    {
      auto log = embedded_log();
      auto store = rocks_store();
      Bench bench(*log, *store);
      bench.options.limits.snapshot_aggregates = 7;
      ASSERT_TRUE(bench.open().ok());
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(bench.ask(receive("SKU-" + std::to_string(i % 9) + "@MAIN", 1'000 + i)).outcome,
                  Outcome::Accepted);
        bench.engine->tick();
      }
      if (clean) {
        ASSERT_TRUE(bench.stop().ok());
      }
    }
    auto log = embedded_log();
    auto store = rocks_store();
    auto scratch = rocks_store("scratch");
    const ManualClock clock(test_start_us);
    auto check = check_replay(*log, *store, *scratch, engine::default_policy(), {}, clock);
    ASSERT_TRUE(check.ok()) << check.error().message;
    EXPECT_TRUE(check->differences.empty());
    EXPECT_EQ(check->replayed.aggregates, 9u);
    scratch.reset();
    Bench bench(*log, *store);
    ASSERT_TRUE(bench.open().ok());
    EXPECT_EQ(bench.ask(receive("SKU-0@MAIN", 1)).version, 7u);  // 0, 9, 18, 27, 36, 45 came before
  }
}

TEST_P(Recovery, RepeatsAreRecognisedAfterARestart) {
  Answer first;
  {
    auto log = embedded_log();
    auto store = rocks_store();
    Bench bench(*log, *store);
    ASSERT_TRUE(bench.open().ok());
    first = bench.ask(receive("TEA@MAIN", 5'000, "key"));
  }
  auto log = embedded_log();
  auto store = rocks_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  const auto again = bench.ask(receive("TEA@MAIN", 5'000, "key"));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.events.at(0).event_id, first.events.at(0).event_id);
}

// In one commit lie the effects of many commands, also of those that another partition sent.
TEST_P(Recovery, ARepeatSaysTheSamePositionWhateverElseIsInItsCommit) {
  constexpr int skus = 16;
  auto log = embedded_log();
  auto store = rocks_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  const auto item = [](int i) { return "SKU-" + std::to_string(i % skus) + "@MAIN"; };
  std::vector<std::vector<std::uint8_t>> commands;
  for (int i = 0; i < 40 * skus; ++i) {
    if (i < skus || i % 3 != 0) {
      commands.push_back(receive(item(i), 100'000).bytes());
      continue;
    }
    schema::TransferStockT transfer;
    transfer.stock_item_id = item(i);
    transfer.to_location = "NORTH";
    transfer.quantity = schema::Quantity(1'000);
    commands.push_back(Command(std::move(transfer)).bytes());
  }
  std::vector<Answer> first(commands.size());
  std::size_t answered = 0;
  const auto submit_all = [&](std::vector<Answer>& answers) {
    answered = 0;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      bench.engine->submit(commands[i], [&answers, &answered, i](const Answer& answer) {
        answers[i] = answer;
        ++answered;
      });
      bench.loop.run_one();
    }
    bench.loop.run_until([&] { return answered == commands.size(); });
  };
  submit_all(first);
  auto again = first;
  submit_all(again);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    ASSERT_EQ(first[i].outcome, Outcome::Accepted) << first[i].reason;
    EXPECT_TRUE(again[i].replayed);
    EXPECT_EQ(again[i].position, first[i].position) << "of command " << i;
    EXPECT_EQ(again[i].version, first[i].version);
  }
}

TEST_P(Recovery, AStateAheadOfTheLogSealsThePartition) {
  {
    auto log = embedded_log();
    auto store = rocks_store();
    Bench bench(*log, *store);
    ASSERT_TRUE(bench.open().ok());
    bench.ask(receive("TEA@MAIN", 5'000));
    ASSERT_TRUE(bench.stop().ok());
  }
  std::filesystem::remove_all(directory_ / "log");
  auto log = embedded_log();
  auto store = rocks_store();
  Bench bench(*log, *store);
  const auto status = bench.open();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::Corrupt);
  EXPECT_NE(status.error().message.find("sealed"), std::string::npos) << status.error().message;
}

TEST_P(Recovery, MasterDataReachEveryPartitionBeforeTheAnswer) {
  auto log = embedded_log();
  auto store = rocks_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  schema::DefineProductT define;
  define.product_id = "TEA";
  define.profile = std::make_unique<schema::ProductProfileT>();
  define.profile->name = "Tea";
  define.base_price = schema::UnitPrice(1'400, schema::Currency::EUR, 2);
  ASSERT_EQ(bench.ask(Command(std::move(define))).outcome, Outcome::Accepted);
  schema::RegisterCustomerT registration;
  registration.customer_id = "C-1";
  registration.profile = std::make_unique<schema::CustomerProfileT>();
  registration.profile->name = "Customer";
  registration.profile->currency = schema::Currency::EUR;
  registration.profile->time_zone = "Europe/Berlin";
  ASSERT_EQ(bench.ask(Command(std::move(registration))).outcome, Outcome::Accepted);
  for (int i = 0; i < 16; ++i) {  // ids that spread over the partitions
    schema::DraftQuoteT draft;
    draft.quote_id = "Q-" + std::to_string(i);
    draft.customer_id = "C-1";
    draft.currency = schema::Currency::EUR;
    auto line = std::make_unique<schema::QuoteLineRequestT>();
    line->line = 1;
    line->product_id = "TEA";
    line->quantity = schema::Quantity(2'000);
    draft.lines.push_back(std::move(line));
    const auto answer = bench.ask(Command(std::move(draft)));
    EXPECT_EQ(answer.outcome, Outcome::Accepted)
        << "quote " << i << ": " << (answer.rejection ? answer.rejection->detail : "");
  }
}

TEST_P(Recovery, TransferredStockArrivesOnWhateverPartitionItsNewPlaceIs) {
  constexpr int skus = 16;  // enough to spread over the partitions
  auto log = embedded_log();
  auto store = rocks_store();
  Bench bench(*log, *store);
  ASSERT_TRUE(bench.open().ok());
  for (int i = 0; i < skus; ++i) {
    const std::string sku = "SKU-" + std::to_string(i);
    ASSERT_EQ(bench.ask(receive(sku + "@MAIN", 5'000)).outcome, Outcome::Accepted);
    schema::TransferStockT transfer;
    transfer.stock_item_id = sku + "@MAIN";
    transfer.to_location = "NORTH";
    transfer.quantity = schema::Quantity(3'000);
    ASSERT_EQ(bench.ask(Command(std::move(transfer))).outcome, Outcome::Accepted);
  }
  // Received, gone out and come in, beside each partition's announcement of its leader.
  const std::uint64_t events = GetParam() + 3 * skus;
  bench.loop.run_until([&] {
    bench.engine->tick();
    return bench.engine->stats().events >= events;
  });
  for (int i = 0; i < skus; ++i) {
    const auto answer =
        bench.ask(reserve("SKU-" + std::to_string(i) + "@NORTH", "r-" + std::to_string(i), 3'000));
    ASSERT_EQ(answer.events.size(), 1u);
    EXPECT_EQ(answer.events.front().type, "StockReserved");
  }
}

INSTANTIATE_TEST_SUITE_P(Partitions, Recovery, ::testing::Values(1, 3));

}  // namespace
}  // namespace orderlog::runtime::test
