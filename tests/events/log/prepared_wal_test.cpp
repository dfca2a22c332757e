// The log's files are prepared with zeros, and what follows the last record is never taken for one.
#include "events/log/prepared_wal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "events/log/embedded_log.h"
#include "log_setup.h"

namespace orderlog::log {
namespace {

namespace fs = std::filesystem;
using test::must;
using test::PartitionWriter;
using test::settle;
using test::TempDirectory;

constexpr std::size_t memtable_bytes = 256 * 1024;

EmbeddedLogOptions options_for(const std::string& directory) {
  EmbeddedLogOptions options;
  options.directory = directory;
  options.partition_count = 1;
  options.memtable_bytes = memtable_bytes;
  return options;
}

std::vector<std::uintmax_t> wal_sizes(const std::string& data) {
  std::vector<std::uintmax_t> sizes;
  for (const auto& entry : fs::directory_iterator(data + "/log")) {
    if (entry.path().extension() == ".log") sizes.push_back(entry.file_size());
  }
  return sizes;
}

TEST(PreparedWal, EveryFileHasItsBlocksBeforeItIsWritten) {
  TempDirectory directory;
  const std::string data = directory.path("data");
  auto log = must(open_embedded_log(options_for(data)));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  must(writer.append_events(*log, 1));
  settle(*log);
  const auto sizes = wal_sizes(data);
  ASSERT_FALSE(sizes.empty());
  EXPECT_GE(*std::min_element(sizes.begin(), sizes.end()), memtable_bytes);
}

// Files that are begun faster than they can be prepared.
TEST(PreparedWal, NoFileIsFilledWithZerosOnceItIsWritten) {
  constexpr int files = 60;
  constexpr std::size_t file_bytes = 4 * 1024 * 1024;
  TempDirectory directory;
  const std::string content(file_bytes, 'c');
  const auto path_of = [&](int i) { return directory.path(std::to_string(i) + ".log"); };
  {
    PreparedWal wal(rocksdb::FileSystem::Default(), directory.path(), file_bytes);
    for (int i = 0; i < files; ++i) {
      std::unique_ptr<rocksdb::FSWritableFile> file;
      ASSERT_TRUE(wal.NewWritableFile(path_of(i), {}, &file, nullptr).ok());
      ASSERT_TRUE(file->Append(content, {}, nullptr).ok());
      ASSERT_TRUE(file->Close({}, nullptr).ok());
    }
  }
  for (int i = 0; i < files; ++i) {
    std::ifstream in(path_of(i), std::ios::binary);
    const std::string found((std::istreambuf_iterator<char>(in)), {});
    ASSERT_TRUE(found == content) << "file " << i;
  }
}

TEST(PreparedWal, WithoutItFilesGrow) {
  TempDirectory directory;
  const std::string data = directory.path("data");
  EmbeddedLogOptions options = options_for(data);
  options.prepare_wal = false;
  auto log = must(open_embedded_log(options));
  const auto sizes = wal_sizes(data);
  ASSERT_FALSE(sizes.empty());
  EXPECT_LT(*std::max_element(sizes.begin(), sizes.end()), memtable_bytes);
}

// The disk's last room is for the log itself and for what lies beside it.
TEST(PreparedWal, ASmallDiskIsLeftToOthers) {
  TempDirectory directory;
  test::SmallDisk disk(directory.path("disk"), 3 * memtable_bytes);
  if (!disk.mounted()) GTEST_SKIP() << "NOT TESTED: small disk (mounting a tmpfs needs root)";
  const std::string data = directory.path("disk/data");
  auto log = must(open_embedded_log(options_for(data)));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  must(writer.append_events(*log, 1));
  settle(*log);
  const auto sizes = wal_sizes(data);
  ASSERT_FALSE(sizes.empty());
  EXPECT_LT(*std::max_element(sizes.begin(), sizes.end()), memtable_bytes);
  EXPECT_FALSE(fs::exists(data + "/log/prepared-wal"));
}

// Through many files, each left as a kill would leave it: full of zeros behind the last record.
TEST(PreparedWal, ZerosBehindTheLastRecordAreNothing) {
  TempDirectory directory;
  const std::string data = directory.path("data");
  auto log = must(open_embedded_log(options_for(data)));
  PartitionWriter writer(must(log->claim(PartitionId(0))));
  int opened_copies = 0;
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 40; ++i) must(writer.append_events(*log, 8));
    settle(*log);
    const std::string left = directory.path("left" + std::to_string(round));
    std::error_code changed;
    fs::copy(data, left, fs::copy_options::recursive, changed);
    if (changed) continue;  // a file was renamed below the copy; another round will do
    const auto opened = must(open_embedded_log(options_for(left)));
    EXPECT_EQ(opened->durable_end(PartitionId(0)), writer.end);
    ++opened_copies;
    fs::remove_all(left);
  }
  EXPECT_GT(opened_copies, 10);
}

}  // namespace
}  // namespace orderlog::log
