// Copies of the log while commands run, by the command that an operator uses.
#include "engine/runtime/replay_check.h"
#include "events/log/embedded_log.h"
#include "tests/ops/process/ready.h"
#include "tests/ops/scenarios/load.h"

namespace orderlog::test {
namespace {

namespace fs = std::filesystem;

// A log as it was at some time: its beginning, up to where `then` ends.
class AsOf final : public log::LogReader {
 public:
  AsOf(log::LogReader& log, const log::LogReader& then) : log_(log), then_(then) {}
  std::uint32_t partition_count() const override { return log_.partition_count(); }
  Result<std::unique_ptr<log::CommitCursor>> read(PartitionId partition,
                                                  log::CommitIndex from) override {
    auto cursor = log_.read(partition, from);
    if (!cursor) return cursor.error();
    return std::unique_ptr<log::CommitCursor>(std::make_unique<UpTo>(
        std::move(*cursor), partition, from, then_.durable_end(partition).last_commit));
  }
  log::LogEnd durable_end(PartitionId partition) const override {
    return then_.durable_end(partition);
  }
  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t) override { return seen; }

 private:
  class UpTo final : public log::CommitCursor {
   public:
    UpTo(std::unique_ptr<log::CommitCursor> cursor, PartitionId partition, log::CommitIndex from,
         log::CommitIndex last)
        : CommitCursor(partition, from), cursor_(std::move(cursor)), last_(last) {}
    Result<std::optional<log::StoredFrame>> next_frame() override {
      auto frame = cursor_->next_frame();
      if (frame.ok() && *frame && (*frame)->index > last_) return std::optional<log::StoredFrame>();
      return frame;
    }

   private:
    const std::unique_ptr<log::CommitCursor> cursor_;
    const log::CommitIndex last_;
  };
  log::LogReader& log_;
  const log::LogReader& then_;
};

class BackupUnderLoad : public ProcessTest {
 protected:
  Finished restore(const std::string& from, const std::string& to) const {
    return run({"restore", "--from", data(from), "--data", data(to)});
  }
};

TEST_F(BackupUnderLoad, HoldsAllThatWasAcknowledgedBeforeAndReplaysToTheSameState) {
  constexpr std::uint64_t seed = 3;
  ServerProcess server(data(), {"--clock", "data", "--partitions", "2"});
  ASSERT_TRUE(started(server)) << server.output();
  prepare_trade(server.url());
  Load load(server.url(), trade(seed), seed);
  ASSERT_TRUE(load.acknowledged(500));
  auto before = load.so_far();
  const auto saved = run({"backup", "--server", server.url(), "--to", data("backup")});
  EXPECT_EQ(saved.code, 0) << saved.out;
  ASSERT_TRUE(load.acknowledged(100));
  load.finish();
  ASSERT_EQ(server.stop(), 0);

  const auto restored = restore("backup", "restored");
  ASSERT_EQ(restored.code, 0) << restored.out;
  const auto verified = run({"verify", "--data", data("restored")});
  EXPECT_EQ(verified.code, 0) << verified.out;
  auto log = log::open_embedded_reader(data());
  auto copy = log::open_embedded_reader(data("restored"));
  ASSERT_TRUE(log.ok() && copy.ok());
  AsOf then(**log, **copy);
  const auto scratch = runtime::make_memory_state_store();
  auto replay =
      runtime::replay_from_zero(then, *scratch, engine::default_policy(), {}, WallClock());
  ASSERT_TRUE(replay.ok()) << replay.error().message;
  for (std::uint32_t p = 0; p < 2; ++p) {
    EXPECT_LT((*copy)->durable_end(PartitionId(p)).last_commit,
              (*log)->durable_end(PartitionId(p)).last_commit)
        << "nothing was written after the backup";
    EXPECT_NE(verified.out.find("state hash of partition " + std::to_string(p) + ": " +
                                to_hex(replay->state_hash[p])),
              std::string::npos)
        << verified.out;
  }
  log->reset();
  copy->reset();

  ServerProcess again(data("restored"));
  ASSERT_TRUE(started(again)) << again.output();
  settle(again.url(), before);
  ASSERT_EQ(again.stop(), 0);
  const auto whole = run({"verify", "--data", data("restored")});
  EXPECT_EQ(whole.code, 0) << whole.out;
  EXPECT_NE(whole.out.find("replay equals live"), std::string::npos) << whole.out;
}

TEST_F(BackupUnderLoad, IsNotRestoredOverDataNorWhenItIsDamaged) {
  ServerProcess server(data());
  ASSERT_TRUE(started(server)) << server.output();
  prepare_trade(server.url());
  ASSERT_EQ(run({"backup", "--server", server.url(), "--to", data("backup")}).code, 0);
  const auto over = restore("backup", "data");
  EXPECT_EQ(over.code, 1);
  EXPECT_NE(over.out.find("is not empty; nothing was restored"), std::string::npos) << over.out;

  for (const auto& file : fs::recursive_directory_iterator(data("backup"))) {
    if (file.path().extension() == ".log") fs::resize_file(file, fs::file_size(file) - 1);
  }
  const auto damaged = restore("backup", "restored");
  EXPECT_EQ(damaged.code, 1);
  EXPECT_NE(damaged.out.find("backup 1 in " + data("backup")), std::string::npos) << damaged.out;
  EXPECT_FALSE(fs::exists(data("restored")));
}

}  // namespace
}  // namespace orderlog::test
