// What only the state store on RocksDB does.
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "engine/runtime/state_store.h"

namespace orderlog::runtime::test {
namespace {

// As long as this lives, RocksDB compacts nothing in this process.
class NoCompaction {
 public:
  NoCompaction() : waiting_(env_.GetBackgroundThreads(rocksdb::Env::LOW)) {
    for (int i = 0; i < waiting_; ++i) env_.Schedule(&wait, this, rocksdb::Env::LOW);
  }
  ~NoCompaction() {
    std::unique_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return waiting_ == 0; });
  }
  NoCompaction(const NoCompaction&) = delete;

 private:
  static void wait(void* self) { static_cast<NoCompaction*>(self)->hold(); }
  void hold() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_; });
    --waiting_;
    changed_.notify_all();
  }

  rocksdb::Env& env_ = *rocksdb::Env::Default();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  int waiting_;
};

TEST(RocksStateStore, SaysWhenCompactionIsBehind) {
  const auto directory =
      std::filesystem::temp_directory_path() / ("orderlog-state-" + std::to_string(getpid()));
  std::filesystem::remove_all(directory);
  StateStoreOptions options;
  options.directory = directory.string();
  auto opened = open_state_store(options);
  ASSERT_TRUE(opened.ok());
  StateStore& store = **opened;
  {
    const NoCompaction none;
    int files = 0;
    // A bound, so that it fails instead of waiting when nobody would say so.
    for (; files < 30 && !store.is_behind(); ++files) {
      ASSERT_TRUE(store.write({{applied_key(PartitionId(0)), std::to_string(files)}}).ok());
      ASSERT_TRUE(store.flush().ok());
    }
    EXPECT_EQ(files, 20);
  }
  // Compaction runs when no other wants the core: who asks without a pause would keep it waiting.
  while (store.is_behind()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(**store.get(applied_key(PartitionId(0))), "19");
  opened->reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace orderlog::runtime::test
