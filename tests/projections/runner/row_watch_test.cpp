// Which rows have changed: after they are readable, each waits once, and none goes by unseen.
#include "projections/runner/row_watch.h"

#include "projections/runner/row_snapshot.h"
#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

using Names = std::vector<RowWatch::Name>;

const std::vector<std::string> tally{"tally"};

struct Watch : ::testing::Test {
  World world{{tally_model()}};
  WrittenLog& log = world.written;

  std::shared_ptr<RowWatch> watch() { return world.runner->watch_rows(tally).value(); }
  void change(const std::string& id) {
    log.add(id, move_to("g"));
    world.catch_up();
  }
};

TEST_F(Watch, TellsEachChangedRowOnceInTheOrderOfTheirFirstChange) {
  change("before");
  auto rows = watch();
  for (const char* id : {"B", "A", "B", "C"}) change(id);
  EXPECT_EQ(rows->waiting(), 3U);
  EXPECT_EQ(rows->take(2).value(), (Names{{0, "B"}, {0, "A"}}));
  change("B");
  EXPECT_EQ(rows->take(10).value(), (Names{{0, "C"}, {0, "B"}}));
  EXPECT_TRUE(rows->take(10).value().empty());
}

TEST_F(Watch, OfARowThatIsGoneAsWell) {
  change("A");
  auto rows = watch();
  log.add("A", schema::OrderCancelledT());
  world.catch_up();
  EXPECT_EQ(rows->take(10).value(), (Names{{0, "A"}}));
  const auto snapshot = world.runner->row_snapshot("tally").value();
  EXPECT_FALSE(snapshot->row("A", 0).value().has_value());
}

TEST_F(Watch, ARebuiltModelMustBeLookedAtWhole) {
  change("A");
  auto rows = watch();
  change("B");
  world.runner->rebuild("tally").value();
  world.catch_up();
  EXPECT_EQ(rows->take(10).error().code, ErrorCode::Overflow);
  EXPECT_TRUE(rows->take(10).value().empty()) << "said once";
  change("C");
  EXPECT_EQ(rows->take(10).value(), (Names{{0, "C"}}));
}

TEST_F(Watch, EndsWithTheRunner) {
  auto rows = watch();
  world.runner.reset();
  EXPECT_EQ(rows->take(10).error().code, ErrorCode::Unavailable);
}

TEST_F(Watch, OnlyOfReportsWithSingleRows) {
  const std::vector<std::string> nothing{"nothing"};
  EXPECT_EQ(world.runner->watch_rows(nothing).error().code, ErrorCode::NotFound);
  EXPECT_EQ(world.runner->row_snapshot("nothing").error().code, ErrorCode::NotFound);
}

TEST(WatchBound, TooManyRowsAreSaidAndForgotten) {
  RowWatches watches;
  auto rows = watches.watch({{"orders", 0}}).value();
  std::vector<RowKey> keys;
  for (std::size_t i = 0; i <= watched_rows_max; ++i) keys.push_back({0, std::to_string(i)});
  watches.changed("orders", keys);
  EXPECT_EQ(rows->waiting(), 0U);
  EXPECT_EQ(rows->take(10).error().code, ErrorCode::Overflow);
  watches.changed("orders", {{0, "A"}, {1, "of another table"}});
  watches.changed("others", {{0, "B"}});
  EXPECT_EQ(rows->take(10).value(), (Names{{0, "A"}}));
}

// A fold that begins to watch: when it does, the batch is not yet written.
Runner* runner_of_the_fold = nullptr;
std::shared_ptr<RowWatch> begun_amid;

Status watching_fold(const EventView& event, Tables& tables) {
  if (!begun_amid) begun_amid = runner_of_the_fold->watch_rows(tally).value();
  return tally_model().fold(event, tables);
}

TEST(WatchBegunAmidABatch, MissesNothingOfIt) {
  ModelDefinition model = tally_model();
  model.fold = watching_fold;
  World world({std::move(model)});
  runner_of_the_fold = world.runner.get();
  world.written.add("A", move_to("g"));
  world.catch_up();
  EXPECT_EQ(begun_amid->take(10).value(), (Names{{0, "A"}}));
  begun_amid.reset();
}

TEST_F(Watch, ASnapshotIsOfOneMomentAndSaysWhich) {
  change("A");
  change("B");
  const auto snapshot = world.runner->row_snapshot("tally").value();
  change("C");
  EXPECT_EQ(snapshot->position(), std::vector<Sequence>{Sequence(2)});
  std::string keys;
  snapshot
      ->each(0,
             [&](std::string_view key, const SnapshotRow& row) {
               EXPECT_EQ(row.shown, row.stored);
               keys += key;
               return true;
             })
      .value();
  EXPECT_EQ(keys, "AB");
  EXPECT_FALSE(snapshot->row("C", 0).value().has_value());
  EXPECT_TRUE(snapshot->row("A", 0).value().has_value());
}

}  // namespace
}  // namespace orderlog::projections::test
