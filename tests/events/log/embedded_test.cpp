// What only the embedded log can get wrong: its directory, crashes, full disks and damaged files.
// Longer than 400 lines because each of these needs a real log that is made and broken.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "events/log/embedded_log.h"
#include "log_setup.h"

namespace orderlog::log {
namespace {

// Under the thread sanitizer the child of a process that has threads cannot start any.
#ifdef __SANITIZE_THREAD__
#define ORDERLOG_SKIP_WHERE_A_CHILD_CANNOT_OPEN GTEST_SKIP() << "a forked child cannot open a log"
#else
#define ORDERLOG_SKIP_WHERE_A_CHILD_CANNOT_OPEN static_cast<void>(0)
#endif

namespace fs = std::filesystem;
using test::must;
using test::PartitionWriter;
using test::settle;
using test::TempDirectory;

EmbeddedLogOptions options_for(const std::string& directory, std::uint32_t partitions = 2) {
  EmbeddedLogOptions options;
  options.directory = directory;
  options.partition_count = partitions;
  options.memtable_bytes = 1024 * 1024;
  return options;
}

TEST(EmbeddedLog, LivesInItsOwnFolder) {
  TempDirectory directory;
  auto log = must(open_embedded_log(options_for(directory.path("a/b/data"))));
  EXPECT_TRUE(fs::exists(directory.path("a/b/data/log/CURRENT")));
}

TEST(EmbeddedLog, SecondOpenerIsToldThatItIsLocked) {
  ORDERLOG_SKIP_WHERE_A_CHILD_CANNOT_OPEN;
  TempDirectory directory;
  auto log = must(open_embedded_log(options_for(directory.path())));
  const auto second = open_embedded_log(options_for(directory.path()));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::Locked) << to_string(second.error());
  EXPECT_NE(second.error().message.find("in use"), std::string::npos);

  // From another process too, whose message is a different one.
  const pid_t child = ::fork();
  if (child == 0) {
    const auto opened = open_embedded_log(options_for(directory.path()));
    ::_exit(!opened.ok() && opened.error().code == ErrorCode::Locked ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);

  log.reset();
  EXPECT_TRUE(open_embedded_log(options_for(directory.path())).ok());
}

TEST(EmbeddedLog, PartitionCountIsFixedForItsLife) {
  TempDirectory directory;
  must(open_embedded_log(options_for(directory.path(), 4)));
  const auto other = open_embedded_log(options_for(directory.path(), 5));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::Conflict);
  EXPECT_NE(other.error().message.find("created with 4 partitions, not 5"), std::string::npos)
      << other.error().message;
  EXPECT_EQ(must(open_embedded_log(options_for(directory.path(), 0)))->partition_count(), 4u);
}

TEST(EmbeddedLog, BadOptionsAreRefused) {
  TempDirectory directory;
  const auto code = [](const EmbeddedLogOptions& options) {
    return open_embedded_log(options).error().code;
  };
  EXPECT_EQ(code(options_for("")), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(options_for(directory.path(), 0)), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(options_for(directory.path(), partitions_max + 1)), ErrorCode::InvalidArgument);
  auto options = options_for(directory.path());
  options.queue_bytes_max = 0;
  EXPECT_EQ(code(options), ErrorCode::InvalidArgument);
  options = options_for(directory.path());
  options.gather_us_max = -1;
  EXPECT_EQ(code(options), ErrorCode::InvalidArgument);
  EXPECT_EQ(open_embedded_reader(directory.path("nothing")).error().code, ErrorCode::NotFound);
}

TEST(EmbeddedLog, WhatIsQueuedIsWrittenBeforeItCloses) {
  TempDirectory directory;
  int done = 0;
  {
    auto log = must(open_embedded_log(options_for(directory.path())));
    PartitionWriter writer(must(log->claim(PartitionId(0))));
    for (int i = 0; i < 500; ++i) {
      must(writer.append_events(*log, 1, [&](const Status& status) { done += status.ok(); }));
    }
  }
  EXPECT_EQ(done, 500);
  auto log = must(open_embedded_log(options_for(directory.path())));
  EXPECT_EQ(log->durable_end(PartitionId(0)).last_commit, CommitIndex(500));
}

// While one sync runs, what comes meanwhile becomes the next group: one sync for all partitions.
TEST(EmbeddedLog, AppendsThatComeDuringASyncShareTheNext) {
  TempDirectory directory;
  auto log = must(open_embedded_log(options_for(directory.path(), 4)));
  std::vector<PartitionWriter> writers;
  for (std::uint32_t p = 0; p < 4; ++p) writers.emplace_back(must(log->claim(PartitionId(p))));
  std::mutex mutex;
  std::condition_variable changed;
  bool held = false;
  bool release = false;
  must(writers[0].append_events(*log, 1, [&](const Status&) {
    std::unique_lock lock(mutex);
    held = true;
    changed.notify_all();
    changed.wait(lock, [&] { return release; });
  }));
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return held; });
  }
  for (int i = 0; i < 100; ++i) must(writers[i % 4].append_events(*log, 1));
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  changed.notify_all();
  settle(*log);
  EXPECT_EQ(log->stats().commits, 101u);
  EXPECT_EQ(log->stats().groups, 2u);
}

TEST(EmbeddedLog, GroupsKeepTheirBounds) {
  TempDirectory directory;
  auto options = options_for(directory.path());
  options.group_commits_max = 10;
  auto log = must(open_embedded_log(options));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  for (int i = 0; i < 200; ++i) must(writer.append_events(*log, 1));
  settle(*log);
  EXPECT_GE(log->stats().groups, 20u);
  log.reset();
  options.group_commits_max = group_commits_default;
  options.group_bytes_max = 2'000;
  log = must(open_embedded_log(options));
  PartitionWriter second(must(log->claim(PartitionId(1))));
  const std::string event(900, 'e');
  for (int i = 0; i < 20; ++i) must(second.append(*log, {{event}, {}, {}}));
  settle(*log);
  EXPECT_GE(log->stats().groups, 20u);
}

// The files as they are at this moment are what a power cut leaves, or less than that.
// By name; of the files that only say which others there are, also the size.
std::map<std::string, std::uintmax_t> files_below(const std::string& directory) {
  std::map<std::string, std::uintmax_t> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    std::error_code gone;
    const bool lists = entry.path().filename().string().starts_with("MANIFEST");
    files[entry.path().string()] = lists ? entry.file_size(gone) : 0;
  }
  return files;
}

TEST(EmbeddedLog, ACopyOfTheRunningLogHoldsAllThatWasReported) {
  TempDirectory directory;
  auto log = must(open_embedded_log(options_for(directory.path("data"))));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  // A new file is begun every 1,000 commits or so. Without a bound a slow copy always meets one.
  std::atomic<std::uint64_t> allowed = 0;
  std::atomic<std::uint64_t> reported = 0;
  std::jthread appender([&](const std::stop_token& stop) {
    const std::string event(500, 'e');
    const auto count = [&](const Status& status) {
      if (status.ok()) ++reported;
    };
    while (!stop.stop_requested()) {
      const bool may = writer.end.last_commit.value < allowed;
      if (!may || !writer.append(*log, {{event, event}, {}, {}}, count)) std::this_thread::yield();
    }
  });
  for (int copies = 0, attempt = 0; copies < 5; ++attempt) {
    ASSERT_LT(attempt, 100) << "files come and go below every copy";
    const std::uint64_t target = reported + 200;
    allowed = target + 200;
    while (reported < target) std::this_thread::yield();
    const std::string copy = directory.path("copy" + std::to_string(attempt));
    const std::uint64_t before = reported;
    const auto files = files_below(directory.path("data"));
    std::error_code ec;
    fs::copy(directory.path("data"), copy, fs::copy_options::recursive, ec);
    // A file came or went below the copy: it is no image of any moment.
    if (ec || files_below(directory.path("data")) != files) continue;
    ++copies;
    const auto opened = open_embedded_log(options_for(copy));
    ASSERT_TRUE(opened.ok()) << to_string(opened.error());
    EXPECT_GE((*opened)->durable_end(PartitionId(0)).last_commit.value, before);
    EXPECT_TRUE(test::frames_of(**opened, PartitionId(0)).size() >= before);
  }
  appender.request_stop();
  appender.join();
  settle(*log);
}

// A process that is killed at any time: every commit that it reported must be there.
TEST(EmbeddedLog, AKilledProcessLosesNothingThatItReported) {
  ORDERLOG_SKIP_WHERE_A_CHILD_CANNOT_OPEN;
  TempDirectory directory;
  std::uint64_t known = 0;
  for (int round = 0; round < 15; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto log = must(open_embedded_log(options_for(directory.path())));
      PartitionWriter writer(must(log->claim(PartitionId(0))));
      for (;;) {
        const std::uint64_t index = writer.end.last_commit.value + 1;
        (void)writer.append_events(*log, 3, [&, index](const Status& status) {
          if (status.ok() && ::write(pipe_ends[1], &index, sizeof index) < 0) ::_exit(1);
        });
      }
    }
    ::close(pipe_ends[1]);
    std::uint64_t index = 0;
    for (int i = 0; i < 100 + round * 37; ++i) {
      ASSERT_EQ(::read(pipe_ends[0], &index, sizeof index), ssize_t{sizeof index});
      EXPECT_EQ(index, ++known);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe_ends[0], &index, sizeof index) == ssize_t{sizeof index}) known = index;
    ::close(pipe_ends[0]);

    auto log = must(open_embedded_log(options_for(directory.path())));
    const LogEnd end = log->durable_end(PartitionId(0));
    EXPECT_GE(end.last_commit.value, known);
    EXPECT_EQ(end.last_seq.value, end.last_commit.value * 3);
    EXPECT_EQ(end.term, Term(round + 1));
    EXPECT_EQ(test::frames_of(*log, PartitionId(0)).size(), end.last_commit.value);
    known = end.last_commit.value;
  }
}

// A write that fails for another reason than space: files may not grow beyond a limit.
TEST(EmbeddedLog, AFailedWriteIsFinal) {
  TempDirectory directory;
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto log = must(open_embedded_log(options_for(directory.path())));
    PartitionWriter writer(must(log->claim(PartitionId(0))));
    const rlimit limit{512 * 1024, 512 * 1024};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    std::atomic<std::uint64_t> reported = 0;
    std::atomic<std::uint64_t> failed = 0;
    for (int i = 0; i < 100; ++i) {
      (void)writer.append(*log, {{std::string(20'000, 'e')}, {}, {}}, [&](const Status& status) {
        status.ok() ? ++reported : ++failed;
        if (!status.ok() && status.error().code != ErrorCode::Io) ::_exit(3);
      });
    }
    settle(*log);
    const bool refuses = writer.append_events(*log, 1).error().code == ErrorCode::Io &&
                         log->claim(PartitionId(0)).error().code == ErrorCode::Io &&
                         log->stats().failed;
    const std::uint64_t told = reported;
    if (::write(pipe_ends[1], &told, sizeof told) < 0) ::_exit(4);
    ::_exit(refuses && failed > 0 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  std::uint64_t reported = 0;
  ASSERT_EQ(::read(pipe_ends[0], &reported, sizeof reported), ssize_t{sizeof reported});
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  auto log = must(open_embedded_log(options_for(directory.path())));
  EXPECT_GE(log->durable_end(PartitionId(0)).last_commit.value, reported);
  EXPECT_EQ(test::frames_of(*log, PartitionId(0)).size(),
            log->durable_end(PartitionId(0)).last_commit.value);
}

TEST(EmbeddedLog, AFullDiskStopsItAndLosesNothing) {
  TempDirectory directory;
  test::SmallDisk disk(directory.path("disk"), 24 * 1024 * 1024);
  if (!disk.mounted()) GTEST_SKIP() << "NOT TESTED: full disk (mounting a tmpfs needs root)";
  const std::string ballast = directory.path("disk/ballast");
  std::ofstream(ballast) << std::string(8 * 1024 * 1024, 'b');

  std::uint64_t reported = 0;
  {
    auto log = must(open_embedded_log(options_for(directory.path("disk/data"))));
    PartitionWriter writer(must(log->claim(PartitionId(0))));
    std::string event(64 * 1024, 'e');
    std::uint64_t noise = 1;
    std::atomic<bool> failed = false;
    Error failure;
    for (int i = 0; i < 1'000 && !failed; ++i) {
      for (auto& c : event) c = static_cast<char>((noise = noise * 6364136223846793005u + 1) >> 56);
      (void)writer.append(*log, {{event}, {}, {}}, [&](const Status& status) {
        if (status.ok()) {
          ASSERT_FALSE(failed) << "success after a failure";
          ++reported;
        } else if (!failed) {
          failure = status.error();
          failed = true;
        }
      });
      settle(*log);
    }
    ASSERT_TRUE(failed);
    EXPECT_EQ(failure.code, ErrorCode::DiskFull) << to_string(failure);
    EXPECT_NE(failure.message.find("no space left on the disk"), std::string::npos);
    EXPECT_GT(reported, 10u);
    EXPECT_TRUE(log->stats().failed);
    EXPECT_TRUE(test::waits_for_more(*log));

    // It refuses everything from now on, with the reason, also once there is room again.
    fs::remove(ballast);
    EXPECT_EQ(writer.append_events(*log, 1).error().code, ErrorCode::DiskFull);
    EXPECT_EQ(log->claim(PartitionId(1)).error().code, ErrorCode::DiskFull);
    EXPECT_EQ(log->durable_end(PartitionId(0)).last_commit.value, reported);
    EXPECT_EQ(test::frames_of(*log, PartitionId(0)).size(), reported);
  }
  auto log = must(open_embedded_log(options_for(directory.path("disk/data"))));
  EXPECT_GE(log->durable_end(PartitionId(0)).last_commit.value, reported);
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  bool durable = false;
  must(writer.append_events(*log, 1, [&](const Status& status) { durable = status.ok(); }));
  settle(*log);
  EXPECT_TRUE(durable);
}

TEST(EmbeddedLog, AFullDiskIsNamedAtOpeningAndInABackup) {
  TempDirectory directory;
  test::SmallDisk disk(directory.path("disk"), 24 * 1024 * 1024);
  if (!disk.mounted()) GTEST_SKIP() << "NOT TESTED: full disk (mounting a tmpfs needs root)";
  auto log = must(open_embedded_log(options_for(directory.path("data"))));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  std::string event(1024 * 1024, 'e');
  std::uint64_t noise = 1;
  for (auto& c : event) c = static_cast<char>((noise = noise * 6364136223846793005u + 1) >> 56);
  for (int i = 0; i < 30; ++i) must(writer.append(*log, {{event}, {}, {}}));
  settle(*log);
  const auto backup = log->create_backup(directory.path("disk/backup"));
  ASSERT_FALSE(backup.ok());
  EXPECT_EQ(backup.error().code, ErrorCode::DiskFull) << to_string(backup.error());
  must(writer.append_events(*log, 1));  // the log itself is none the worse for it
  settle(*log);
  EXPECT_FALSE(log->stats().failed);

  std::ofstream ballast(directory.path("disk/ballast"));
  while (ballast << std::string(4'096, 'b') << std::flush) {
  }
  const auto opened = open_embedded_log(options_for(directory.path("disk/data")));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::DiskFull) << to_string(opened.error());
}

std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    files.push_back(entry.path().filename().string() + " " + std::to_string(entry.file_size()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(EmbeddedLog, AReaderNeedsNoLockAndChangesNothing) {
  TempDirectory directory;
  auto log = must(open_embedded_log(options_for(directory.path())));
  PartitionWriter writer(must(log->claim(PartitionId(1))));
  must(writer.append_events(*log, 3));
  settle(*log);
  const auto files = files_in(directory.path("log"));
  auto reader = must(open_embedded_reader(directory.path()));
  EXPECT_EQ(files_in(directory.path("log")), files);
  EXPECT_EQ(reader->partition_count(), 2u);
  EXPECT_EQ(reader->durable_end(PartitionId(1)), writer.end);
  EXPECT_EQ(test::frames_of(*reader, PartitionId(1)), test::frames_of(*log, PartitionId(1)));
  // As of its opening.
  must(writer.append_events(*log, 1));
  settle(*log);
  EXPECT_EQ(test::frames_of(*reader, PartitionId(1)).size(), 1u);
}

TEST(EmbeddedLog, SurvivesFlushesAndManyTableFiles) {
  TempDirectory directory;
  auto options = options_for(directory.path(), 3);
  options.memtable_bytes = 64 * 1024;
  std::array<std::vector<std::string>, 3> written;
  {
    auto log = must(open_embedded_log(options));
    std::vector<PartitionWriter> writers;
    for (std::uint32_t p = 0; p < 3; ++p) writers.emplace_back(must(log->claim(PartitionId(p))));
    for (int i = 0; i < 900; ++i) {
      auto& writer = writers[i % 3];
      const SealedCommit sealed = writer.seal({{std::string(1'000 + i, 'e')}, {}, {}});
      written[i % 3].push_back(test::text_of(sealed.frame));
      must(log->append({&sealed, 1}, {}));
      writer.advance(sealed);
    }
    settle(*log);
    for (std::uint32_t p = 0; p < 3; ++p) {
      EXPECT_EQ(test::frames_of(*log, PartitionId(p)), written[p]);
    }
  }
  auto log = must(open_embedded_log(options));
  for (std::uint32_t p = 0; p < 3; ++p) {
    EXPECT_EQ(test::frames_of(*log, PartitionId(p)), written[p]);
    EXPECT_EQ(must(log->commit_of(PartitionId(p), Sequence(123))), CommitIndex(123));
  }
}

TEST(EmbeddedLog, AForeignDatabaseIsNotTakenForALog) {
  TempDirectory directory;
  fs::create_directories(directory.path("log"));
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory.path("log"), &opened).ok());
  std::unique_ptr<rocksdb::DB> database(opened);
  ASSERT_TRUE(database->Put({}, "something", "else").ok());
  database.reset();
  EXPECT_EQ(open_embedded_log(options_for(directory.path())).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace orderlog::log
