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

// Every file of a backup, each kind of damage by itself.
TEST_F(Backup, DamageOfAnyFileIsFoundAndNothingIsRestored) {
  append(100);
  must(log->create_backup(directory.path("backup")));
  append(1'000);  // so that there are table files too
  must(log->create_backup(directory.path("backup")));
  std::vector<fs::path> files;
  bool has_table = false;
  for (const auto& entry : fs::recursive_directory_iterator(directory.path("backup"))) {
    const auto inside = fs::relative(entry.path(), directory.path("backup"));
    const bool of_first =
        inside == "meta/1" || inside == "sealed/1" || inside.string().starts_with("private/1/");
    if (entry.is_regular_file() && entry.file_size() > 0 && !of_first) files.push_back(inside);
    has_table |= entry.path().extension() == ".sst";
  }
  ASSERT_TRUE(has_table);
  ASSERT_GE(files.size(), 7u);  // table, log, manifest, CURRENT, OPTIONS, description, seal

  const std::string copy = directory.path("copy");
  const auto expect_refused = [&](const fs::path& file, const std::string& how, auto&& damage) {
    fs::remove_all(copy);
    fs::copy(directory.path("backup"), copy, fs::copy_options::recursive);
    must(verify_backup(copy));
    damage(copy / file);
    const auto restored = restore_backup(copy, directory.path("new"));
    ASSERT_FALSE(restored.ok()) << file << " " << how;
    EXPECT_EQ(restored.error().code, ErrorCode::Corrupt) << to_string(restored.error());
    EXPECT_NE(restored.error().message.find("backup 2 in " + copy), std::string::npos)
        << restored.error().message;
    EXPECT_FALSE(verify_backup(copy).ok()) << file << " " << how;
    EXPECT_FALSE(fs::exists(directory.path("new")));
  };
  for (const auto& file : files) {
    const auto bytes = fs::file_size(directory.path("backup") / file);
    for (const std::uintmax_t at : {std::uintmax_t{0}, bytes / 2, bytes - 1}) {
      expect_refused(file, "changed at " + std::to_string(at), [&](const fs::path& damaged) {
        std::fstream stream(damaged, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(at));
        const char other = static_cast<char>(stream.get() ^ 1);
        stream.seekp(static_cast<std::streamoff>(at));
        stream.put(other);
      });
    }
    expect_refused(file, "cut off",
                   [&](const fs::path& damaged) { fs::resize_file(damaged, bytes - 1); });
    expect_refused(file, "emptied", [](const fs::path& damaged) { fs::resize_file(damaged, 0); });
    expect_refused(file, "removed", [](const fs::path& damaged) { fs::remove(damaged); });
  }
}

// As when the process ended before it had read back what it wrote.
TEST_F(Backup, OneThatWasNotFinishedIsNone) {
  append(10);
  must(log->create_backup(directory.path("backup")));
  const auto first = test::frames_of(*log, PartitionId(0));
  append(10);
  must(log->create_backup(directory.path("backup")));
  fs::remove(directory.path("backup/sealed/2"));
  EXPECT_EQ(must(list_backups(directory.path("backup"))).size(), 1u);
  EXPECT_EQ(verify_backup(directory.path("backup")).error().code, ErrorCode::Corrupt);
  const auto restored_one = restore_backup(directory.path("backup"), directory.path("new"));
  ASSERT_FALSE(restored_one.ok()) << "an older one, without a word";
  EXPECT_NE(restored_one.error().message.find("backup 2"), std::string::npos);
  EXPECT_EQ(restored(1, "asked_for"), first);
  append(10);
  EXPECT_EQ(must(log->create_backup(directory.path("backup"))).id, 3u);
  EXPECT_EQ(restored(0, "latest"), test::frames_of(*log, PartitionId(0)));
}

TEST_F(Backup, OneThatCannotBeSealedLeavesNothing) {
  append(10);
  must(log->create_backup(directory.path("backup")));
  const auto first = test::frames_of(*log, PartitionId(0));
  append(10);
  fs::create_directory(directory.path("backup/sealed/2.new"));  // where its seal is to be written
  EXPECT_FALSE(log->create_backup(directory.path("backup")).ok());
  must(verify_backup(directory.path("backup")));
  EXPECT_EQ(restored(0, "before"), first);
}

// What an interrupted one left is no log, and in nobody's way.
TEST_F(Backup, RestoringIsWholeOrNothing) {
  append(10);
  must(log->create_backup(directory.path("backup")));
  fs::create_directories(directory.path("half/log.restoring"));
  std::ofstream(directory.path("half/log.restoring/000007.sst")) << "half";
  EXPECT_EQ(restored(0, "half"), test::frames_of(*log, PartitionId(0)));
  EXPECT_FALSE(fs::exists(directory.path("half/log.restoring")));
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
