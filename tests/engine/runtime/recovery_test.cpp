// The engine on the embedded log, stopped, killed and started again.
#include <filesystem>

#include "engine/runtime/replay_check.h"
#include "events/log/embedded_log.h"
#include "tests/engine/runtime/engine_fixture.h"

namespace orderlog::runtime::test {
namespace {

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
