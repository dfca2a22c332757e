// What was reported must be on the disk and not only with the kernel, which outlives a process but
// not a power cut; and a sync that fails is the end.
#include <errno.h>
#include <gtest/gtest.h>

#include <atomic>

#include "events/log/embedded_log.h"
#include "log_setup.h"
#include "sync_spy.h"

namespace orderlog::log {
namespace {

using test::must;
using test::PartitionWriter;
using test::settle;
using test::TempDirectory;

EmbeddedLogOptions options_for(const std::string& directory) {
  EmbeddedLogOptions options;
  options.directory = directory;
  options.partition_count = 2;
  return options;
}

class PowerCut : public testing::Test {
 protected:
  void TearDown() override { test::fail_syncs(0); }
  TempDirectory directory;
};

TEST_F(PowerCut, EveryReportComesAfterASync) {
  auto log = must(open_embedded_log(options_for(directory.path("data"))));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t before = test::syncs();
    std::atomic<std::uint64_t> at_report = 0;
    must(writer.append_events(*log, 1, [&](const Status&) { at_report = test::syncs(); }));
    settle(*log);
    EXPECT_GT(at_report, before);
  }
}

TEST_F(PowerCut, LeavesAllThatWasReported) {
  for (int round = 0; round < 10; ++round) {
    const std::string data = directory.path("data" + std::to_string(round));
    const std::string left = directory.path("left" + std::to_string(round));
    auto log = must(open_embedded_log(options_for(data)));
    PartitionWriter writer(must(log->claim(PartitionId(1))));
    std::uint64_t reported = 0;
    const std::uint64_t cut_at = 5 + round * 7;
    for (int i = 0; i < 200; ++i) {
      // In the committer's thread, so that nothing is written meanwhile.
      must(writer.append_events(*log, 2, [&](const Status& status) {
        must(status);
        if (++reported == cut_at) test::copy_what_was_synced(data + "/log", left + "/log");
      }));
      if (i % 3 == 0) settle(*log);
    }
    settle(*log);
    auto recovered = must(open_embedded_log(options_for(left)));
    const LogEnd end = recovered->durable_end(PartitionId(1));
    EXPECT_GE(end.last_commit.value, cut_at);
    EXPECT_EQ(test::frames_of(*recovered, PartitionId(1)).size(), end.last_commit.value);
  }
}

TEST_F(PowerCut, AFailedSyncIsFinalAndNeverReportedAsSuccess) {
  auto log = must(open_embedded_log(options_for(directory.path("data"))));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  std::vector<bool> outcomes;
  const auto append = [&] {
    return writer.append_events(*log, 1,
                                [&](const Status& status) { outcomes.push_back(status.ok()); });
  };
  must(append());
  settle(*log);
  test::fail_syncs(EIO);
  must(append());
  settle(*log);
  test::fail_syncs(0);
  EXPECT_EQ(outcomes, (std::vector<bool>{true, false}));
  EXPECT_EQ(append().error().code, ErrorCode::Io);
  EXPECT_EQ(log->claim(PartitionId(1)).error().code, ErrorCode::Io);
  EXPECT_EQ(log->durable_end(PartitionId(0)).last_commit, CommitIndex(1));
  EXPECT_EQ(test::frames_of(*log, PartitionId(0)).size(), 1u);
  // The disk recovers; only a new start may go on.
  log.reset();
  log = must(open_embedded_log(options_for(directory.path("data"))));
  EXPECT_GE(log->durable_end(PartitionId(0)).last_commit, CommitIndex(1));
  PartitionWriter next(must(log->claim(PartitionId(0))));
  must(next.append_events(*log, 1));
}

TEST_F(PowerCut, AllThatWaitedBehindAFailedSyncIsToldSo) {
  auto log = must(open_embedded_log(options_for(directory.path("data"))));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  int failed = 0;
  int succeeded = 0;
  test::fail_syncs(ENOSPC);
  for (int i = 0; i < 20; ++i) {
    (void)writer.append_events(*log, 1, [&](const Status& status) {
      status.ok() ? ++succeeded : ++failed;
      if (!status.ok()) {
        EXPECT_EQ(status.error().code, ErrorCode::DiskFull) << to_string(status.error());
      }
    });
  }
  settle(*log);
  EXPECT_EQ(succeeded, 0);
  EXPECT_EQ(static_cast<std::uint64_t>(failed), writer.end.last_commit.value);
  EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace orderlog::log
