// How the log's files get from level to level.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "events/log/rocks_format.h"
#include "log_setup.h"

namespace orderlog::log {
namespace {

using test::TempDirectory;

std::set<std::string> live_files(rocksdb::DB& database) {
  std::vector<rocksdb::LiveFileMetaData> files;
  database.GetLiveFilesMetaData(&files);
  std::set<std::string> names;
  for (const auto& file : files) names.insert(file.name);
  return names;
}

// Compaction runs when no other wants the core: who asks without a pause would keep it waiting.
void await_compaction(rocksdb::DB& database) {
  const auto is = [&](const std::string& property) {
    std::uint64_t count = 0;
    EXPECT_TRUE(database.GetIntProperty(property, &count));
    return count > 0;
  };
  while (is(rocksdb::DB::Properties::kCompactionPending) ||
         is(rocksdb::DB::Properties::kNumRunningCompactions)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(LogFiles, AreMovedDownAsTheyWereFlushed) {
  TempDirectory directory;
  rocksdb::Options options = rocks::log_options({}, {});
  options.use_direct_io_for_flush_and_compaction = false;  // tmpfs has none
  const int files_to_compact = options.level0_file_num_compaction_trigger;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory.path("log"), &opened).ok());
  const std::unique_ptr<rocksdb::DB> database(opened);
  ASSERT_TRUE(rocks::store_partition_count(*database, 1).ok());

  std::uint64_t commits = 0;
  const auto flush_some = [&] {
    for (int i = 0; i < 100; ++i) {
      const rocks::CommitKey key = rocks::commit_key(PartitionId(0), CommitIndex(++commits));
      ASSERT_TRUE(database->Put({}, {key.data(), key.size()}, std::string(1'000, 'e')).ok());
    }
    ASSERT_TRUE(database->Flush({}).ok());
  };
  // The first of them has the record, too, and is merged with the others.
  for (int i = 0; i < files_to_compact; ++i) flush_some();
  await_compaction(*database);

  const auto merged = live_files(*database);
  std::set<std::string> flushed;
  for (int i = 0; i < 3 * files_to_compact; ++i) {
    flush_some();
    const auto live = live_files(*database);
    std::set_difference(live.begin(), live.end(), merged.begin(), merged.end(),
                        std::inserter(flushed, flushed.end()));
  }
  await_compaction(*database);
  std::vector<rocksdb::LiveFileMetaData> files;
  database->GetLiveFilesMetaData(&files);
  std::size_t untouched = 0;
  int unmoved = 0;
  for (const auto& file : files) {
    untouched += flushed.count(file.name);
    unmoved += file.level == 0 ? 1 : 0;
  }
  EXPECT_EQ(flushed.size(), static_cast<std::size_t>(3 * files_to_compact));
  EXPECT_EQ(untouched, flushed.size()) << "some were written anew";
  EXPECT_LT(unmoved, files_to_compact);
}

}  // namespace
}  // namespace orderlog::log
