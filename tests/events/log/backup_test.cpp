// Backups: complete while the log is written to, checked, and restored without overwriting.
#include "events/log/backup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "events/log/embedded_log.h"
#include "log_setup.h"

namespace orderlog::log {
namespace {

namespace fs = std::filesystem;
using test::must;
using test::PartitionWriter;
using test::settle;

class Backup : public testing::Test {
 protected:
  void SetUp() override {
    options.directory = directory.path("data");
    options.partition_count = 1;
    options.memtable_bytes = 64 * 1024;
    log = must(open_embedded_log(options));
  }
  void append(int commits) {
    PartitionWriter writer(must(log->claim(PartitionId(0))));
    for (int i = 0; i < commits; ++i) must(writer.append_events(*log, 20));
    settle(*log);
  }
  std::vector<std::string> restored(std::uint32_t id, const std::string& name) {
    must(restore_backup(directory.path("backup"), directory.path(name + "/log"), id));
    auto reader = must(open_embedded_reader(directory.path(name)));
    return test::frames_of(*reader, PartitionId(0));
  }

  test::TempDirectory directory;
  EmbeddedLogOptions options;
  std::unique_ptr<EmbeddedLog> log;
};

TEST_F(Backup, EachOneHoldsTheLogOfItsTime) {
  append(100);
  const auto first = test::frames_of(*log, PartitionId(0));
  EXPECT_EQ(must(log->create_backup(directory.path("backup"))).id, 1u);
  append(100);
  const auto second = test::frames_of(*log, PartitionId(0));
  const BackupInfo info = must(log->create_backup(directory.path("backup")));
  EXPECT_EQ(info.id, 2u);
  EXPECT_GT(info.bytes, 0u);
  append(10);

  EXPECT_EQ(must(list_backups(directory.path("backup"))).size(), 2u);
  EXPECT_EQ(restored(1, "one"), first);
  EXPECT_EQ(restored(0, "latest"), second);

  // A restored log is a log like any other.
  options.directory = directory.path("latest");
  log = must(open_embedded_log(options));
  append(1);
  EXPECT_EQ(log->durable_end(PartitionId(0)).last_commit, CommitIndex(201));
}

TEST_F(Backup, UnderLoadHoldsAllThatWasReportedBefore) {
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  std::atomic<std::uint64_t> reported = 0;
  std::atomic<bool> stop = false;
  std::thread appender([&] {
    while (!stop) {
      const auto taken = writer.append_events(*log, 20, [&](const Status&) { ++reported; });
      if (!taken) std::this_thread::yield();
    }
  });
  while (reported < 100) std::this_thread::yield();
  const std::uint64_t before = reported;
  const auto made = log->create_backup(directory.path("backup"));
  stop = true;
  appender.join();
  settle(*log);
  ASSERT_TRUE(made.ok()) << to_string(made.error());
  EXPECT_GE(restored(0, "under_load").size(), before);
}

TEST_F(Backup, OfAClosedDirectoryNeedsItsLock) {
  append(10);
  EXPECT_EQ(create_backup(directory.path("data/log"), directory.path("backup")).error().code,
            ErrorCode::Locked);
  const auto frames = test::frames_of(*log, PartitionId(0));
  log.reset();
  must(create_backup(directory.path("data/log"), directory.path("backup")));
  EXPECT_EQ(restored(0, "closed"), frames);
}

TEST_F(Backup, DamageIsFoundAndNothingIsRestored) {
  append(100);
  must(log->create_backup(directory.path("backup")));
  must(verify_backup(directory.path("backup")));
  for (const auto& entry : fs::recursive_directory_iterator(directory.path("backup"))) {
    if (entry.path().extension() != ".sst" && entry.path().extension() != ".log") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(64);
    file.write("damage", 6);
  }
  EXPECT_EQ(verify_backup(directory.path("backup")).error().code, ErrorCode::Corrupt);
  EXPECT_EQ(restore_backup(directory.path("backup"), directory.path("new")).error().code,
            ErrorCode::Corrupt);
  EXPECT_FALSE(fs::exists(directory.path("new")));
}

TEST_F(Backup, RestoringNeverOverwrites) {
  append(1);
  must(log->create_backup(directory.path("backup")));
  EXPECT_EQ(restore_backup(directory.path("backup"), directory.path("data/log")).error().code,
            ErrorCode::Conflict);
}

TEST_F(Backup, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(list_backups(directory.path("none")).error().code, ErrorCode::NotFound);
  EXPECT_EQ(verify_backup(directory.path("none")).error().code, ErrorCode::NotFound);
  EXPECT_EQ(create_backup(directory.path("none"), directory.path("backup")).error().code,
            ErrorCode::NotFound);
  must(log->create_backup(directory.path("backup")));
  EXPECT_EQ(verify_backup(directory.path("backup"), 7).error().code, ErrorCode::NotFound);
  EXPECT_EQ(restore_backup(directory.path("backup"), directory.path("new"), 7).error().code,
            ErrorCode::NotFound);
}

}  // namespace
}  // namespace orderlog::log
