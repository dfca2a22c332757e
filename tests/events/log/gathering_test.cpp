// When the embedded log begins a group: at once for who appends alone, later for those who append
// while another group is written (ADR 11). Whoever waits here waits for an hour.
#include <gtest/gtest.h>

#include <thread>

#include "events/log/embedded_log.h"
#include "log_setup.h"
#include "sync_spy.h"

namespace orderlog::log {
namespace {

using test::must;
using test::PartitionWriter;
using test::settle;
using test::TempDirectory;

EmbeddedLogOptions gathering_for_an_hour(const TempDirectory& directory) {
  EmbeddedLogOptions options;
  options.directory = directory.path();
  options.partition_count = 1;
  options.gather_us_max = 3'600'000'000;
  options.prepare_wal = false;  // its syncs are not those of a group
  return options;
}

// The second is appended while the first is written, so that what follows is gathered.
void append_two_that_overlap(EventLog& log, PartitionWriter& writer) {
  test::HeldSyncs held;
  must(writer.append_events(log, 1));
  held.await_one();
  must(writer.append_events(log, 1));
}

TEST(Gathering, WhatIsAppendedWhileAGroupIsWrittenWaitsForMore) {
  TempDirectory directory;
  auto options = gathering_for_an_hour(directory);
  options.gather_bytes_max = 100'000;
  auto log = must(open_embedded_log(options));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append_two_that_overlap(*log, writer);
  while (log->durable_end(PartitionId(0)).last_commit < CommitIndex(1)) std::this_thread::yield();
  for (int i = 0; i < 10; ++i) must(writer.append_events(*log, 1));
  // Only the last fills the group: with a smaller one it might be written before the last has come.
  const std::string large(options.gather_bytes_max, 'e');
  must(writer.append(*log, {{large}, {}, {}}));
  settle(*log);
  EXPECT_EQ(log->stats().commits, 13u);
  EXPECT_EQ(log->stats().groups, 2u);
}

TEST(Gathering, WhoAppendsOneAfterTheOtherDoesNotWaitForMore) {
  TempDirectory directory;
  auto log = must(open_embedded_log(gathering_for_an_hour(directory)));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const std::uint64_t seen = log->wait_durable(0, 0);
    must(writer.append_events(*log, 1));
    ASSERT_NE(log->wait_durable(seen, 30'000), seen) << i;
  }
}

TEST(Gathering, ClosingDoesNotWaitForMore) {
  TempDirectory directory;
  const auto options = gathering_for_an_hour(directory);
  auto log = must(open_embedded_log(options));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  append_two_that_overlap(*log, writer);
  log.reset();
  log = must(open_embedded_log(options));
  EXPECT_EQ(log->durable_end(PartitionId(0)).last_commit, CommitIndex(2));
}

}  // namespace
}  // namespace orderlog::log
