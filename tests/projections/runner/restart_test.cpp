// What a kill, another log, a lost log or a gap does: positions are never ahead of rows, and what
// can't be right is said loudly.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/projections/tally_model.h"

namespace orderlog::projections::test {
namespace {

RunnerOptions killable(const std::string& directory) {
  RunnerOptions options = stepped(directory);
  options.flush_on_close = false;
  options.batch_events_max = 3;
  return options;
}

// Every row says how many events of its aggregate are in it: their sum is what was folded.
std::uint64_t folded_events(World& world) {
  std::uint64_t sum = 0;
  for (const TallyRow& row : world.rows<TallyRow>("tally")) sum += row.version;
  return sum;
}
std::uint64_t applied_events(World& world) {
  std::uint64_t sum = 0;
  for (const Sequence seq : world.runner->applied()) sum += seq.value;
  return sum;
}

TEST(Restart, AfterAKillRowsAndPositionsAgree) {
  World world({tally_model()}, 2);
  world.open(killable(world.directory()));
  for (int i = 0; i < 20; ++i) world.written.add("A-" + std::to_string(i % 7), move_to("g"));
  world.catch_up();
  world.runner->flush().value();
  for (int i = 0; i < 20; ++i) world.written.add("A-" + std::to_string(i % 7), move_to("h"));
  world.catch_up();
  const Hash256 whole = world.runner->state_hash("tally").value();

  world.open(killable(world.directory()));  // what was not flushed is gone
  EXPECT_EQ(applied_events(world), 20U);
  EXPECT_EQ(folded_events(world), 20U);
  world.catch_up();
  EXPECT_EQ(folded_events(world), 40U);
  EXPECT_EQ(world.runner->state_hash("tally").value(), whole);
}

RC_GTEST_PROP(RestartProperty, KillsAnywhereChangeNothing, ()) {
  World world({tally_model()}, 2);
  world.open(killable(world.directory()));
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const std::string id = "A-" + std::to_string(*rc::gen::inRange(0, 6));
    if (*rc::gen::inRange(0, 6) == 0) {
      world.written.add(id, schema::OrderCancelledT());
    } else {
      world.written.add(id, move_to("g" + std::to_string(i % 3)));
    }
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        (void)world.runner->step().value();
        break;
      case 1:
        world.runner->flush().value();
        break;
      case 2:
        world.open(killable(world.directory()));
        break;
      case 3:
        (void)world.runner->rebuild("tally");
        break;
      default:
        break;
    }
  }
  world.catch_up();
  World fresh({tally_model()}, 2);
  fresh.runner = std::move(Runner::open(world.written.log(), stepped(fresh.directory() + "/fresh"),
                                        {tally_model()}))
                     .value();
  fresh.catch_up();
  RC_ASSERT(world.runner->state_hash("tally").value() == fresh.runner->state_hash("tally").value());
  fresh.runner.reset();
}

TEST(Restart, AGapStopsTheRunnerLoudly) {
  World world({tally_model()});
  world.written.add("A-1", move_to("g"));
  world.catch_up();
  auto feed = world.runner->subscribe({}).value();
  world.written.skip_sequence(1);
  world.written.add("A-1", move_to("g"));
  std::optional<Status> waited;
  world.runner->when_applied({PartitionId(0), Sequence(2)},
                             std::chrono::steady_clock::now() + std::chrono::hours(1),
                             [&](const Status& status) { waited = status; });
  const auto stepped = world.runner->step();
  ASSERT_FALSE(stepped.ok());
  EXPECT_EQ(stepped.error().code, ErrorCode::Corrupt);
  const RunnerStats stats = world.runner->stats();
  EXPECT_TRUE(stats.stopped);
  EXPECT_NE(stats.error.find("gap"), std::string::npos) << stats.error;
  ASSERT_TRUE(waited.has_value());
  EXPECT_EQ(waited->error().code, ErrorCode::Unavailable);
  EXPECT_EQ(feed->take(10).error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(world.runner->step().ok());
  EXPECT_EQ(world.row<TallyRow>("tally", "A-1").version, 1U);  // what was right is still served
}

TEST(Restart, ALogThatLostDataIsNoticed) {
  World world({tally_model()});
  for (int i = 0; i < 3; ++i) world.written.add("A-1", move_to("g"));
  world.catch_up();
  world.written.log().lose_durable(PartitionId(0), 1);
  const auto stepped_on = world.runner->step();
  ASSERT_FALSE(stepped_on.ok());
  EXPECT_EQ(stepped_on.error().code, ErrorCode::Corrupt);
  world.runner.reset();
  const auto opened =
      Runner::open(world.written.log(), stepped(world.directory()), {tally_model()});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Corrupt);
}

TEST(Restart, RowsOfAnotherLogAreRefused) {
  World world({tally_model()});
  world.written.add("A-1", move_to("g"));
  world.catch_up();
  world.runner.reset();
  WrittenLog other;
  other.add("B-1", move_to("h"));
  const auto opened = Runner::open(other.log(), stepped(world.directory()), {tally_model()});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::Conflict);
  WrittenLog wider(2);
  EXPECT_EQ(Runner::open(wider.log(), stepped(world.directory()), {tally_model()}).error().code,
            ErrorCode::Conflict);
}

TEST(Restart, OneRunnerHasTheDirectory) {
  World world({tally_model()});
  EXPECT_EQ(
      Runner::open(world.written.log(), stepped(world.directory()), {tally_model()}).error().code,
      ErrorCode::Locked);
}

TEST(Restart, BadOptionsAndModelsAreRefused) {
  WrittenLog log;
  TemporaryDirectory directory;
  const auto code = [&](RunnerOptions options, std::vector<ModelDefinition> models) {
    return Runner::open(log.log(), std::move(options), std::move(models)).error().code;
  };
  RunnerOptions no_batch = stepped(directory.path());
  no_batch.batch_events_max = 0;
  EXPECT_EQ(code(stepped(""), {tally_model()}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(no_batch, {tally_model()}), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(stepped(directory.path()), {tally_model(), tally_model()}),
            ErrorCode::InvalidArgument);
}

TEST(Restart, EventsOfUnknownAggregatesAreCounted) {
  World world({tally_model()});
  schema::EnvelopeT newer;
  newer.payload = payload_of(move_to("g"));
  world.written.write(PartitionId(0), "A-1", std::move(newer));
  // The union's number raised beyond what this build knows, as a newer writer would write it.
  log::MemoryLog& log = world.written.log();
  auto frame = log.stored_frame(PartitionId(0), log::CommitIndex(1));
  const auto commit = log::CommitView::parse(frame).value();
  const log::Bytes bytes = *commit.events().begin();
  auto* envelope = flatbuffers::GetMutableRoot<schema::Envelope>(
      const_cast<std::uint8_t*>(bytes.data()));  // the frame is ours
  constexpr flatbuffers::voffset_t payload_type = schema::Envelope::VT_PAYLOAD_TYPE;
  ASSERT_TRUE(reinterpret_cast<flatbuffers::Table*>(envelope)->SetField<std::uint8_t>(payload_type,
                                                                                      200, 0));
  world.catch_up();
  EXPECT_EQ(world.runner->stats().unknown_events, 1U);
  EXPECT_EQ(applied_events(world), 1U);
}

}  // namespace
}  // namespace orderlog::projections::test
