// Stores of one process do not wait for each other's compaction.
#include "events/log/rocks_safety.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <chrono>
#include <future>
#include <initializer_list>
#include <memory>
#include <vector>

#include "log_setup.h"

namespace orderlog::log {
namespace {

using test::TempDirectory;

constexpr int files_to_compact = 4;
constexpr std::chrono::seconds patience(30);

// Tells when a compaction has begun, and keeps it where it is until it is let go.
class Compaction final : public rocksdb::EventListener {
 public:
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override {
    begun_.set_value();
    let_go_.get_future().wait();
  }
  bool has_begun() { return begun_.get_future().wait_for(patience) == std::future_status::ready; }
  void let_go() { let_go_.set_value(); }

 private:
  std::promise<void> begun_;
  std::promise<void> let_go_;
};

std::unique_ptr<rocksdb::DB> open_store(const std::string& path,
                                        const std::shared_ptr<Compaction>& compaction) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.level0_file_num_compaction_trigger = files_to_compact;
  options.listeners.push_back(compaction);
  harden(options, "");
  rocksdb::DB* raw = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(options, path, &raw).ok());
  return std::unique_ptr<rocksdb::DB>(raw);
}

// Whatever fails, no store waits for its end with a compaction that is kept.
class LetGo {
 public:
  explicit LetGo(std::initializer_list<std::shared_ptr<Compaction>> kept) : kept_(kept) {}
  ~LetGo() {
    for (const auto& compaction : kept_) compaction->let_go();
  }

 private:
  std::vector<std::shared_ptr<Compaction>> kept_;
};

void make_files(rocksdb::DB& store) {
  for (int i = 0; i < files_to_compact; ++i) {
    ASSERT_TRUE(store.Put({}, "key", std::to_string(i)).ok());
    ASSERT_TRUE(store.Flush({}).ok());
  }
}

TEST(CompactSideBySide, AStoreIsCompactedWhileAnotherOneIs) {
  TempDirectory directory;
  const auto slow = std::make_shared<Compaction>();
  const auto other = std::make_shared<Compaction>();
  compact_side_by_side(2);
  const auto first = open_store(directory.path("first"), slow);
  const auto second = open_store(directory.path("second"), other);
  const LetGo at_the_end({slow, other});
  make_files(*first);
  ASSERT_TRUE(slow->has_begun());
  make_files(*second);
  EXPECT_TRUE(other->has_begun());
}

}  // namespace
}  // namespace orderlog::log
