// A log opened only for reading, as it was at that moment; nothing ever becomes durable here.
#include <rocksdb/db.h>

#include <chrono>
#include <thread>

#include "events/base/ensure.h"
#include "events/log/embedded_log.h"
#include "events/log/rocks_format.h"
#include "events/log/rocks_open.h"

namespace orderlog::log {
namespace {

class Reader final : public LogReader {
 public:
  explicit Reader(rocks::OpenLog opened) : opened_(std::move(opened)) {}

  std::uint32_t partition_count() const override {
    return static_cast<std::uint32_t>(opened_.ends.size());
  }

  Result<std::unique_ptr<CommitCursor>> read(PartitionId partition, CommitIndex from) override {
    if (partition.value >= opened_.ends.size()) return no_such_partition(partition);
    const CommitIndex last = opened_.ends[partition.value].last_commit;
    return rocks::cursor(*opened_.database, partition, from, [last] { return last; });
  }

  LogEnd durable_end(PartitionId partition) const override {
    ORDERLOG_ENSURE(partition.value < opened_.ends.size(), "no such partition");
    return opened_.ends[partition.value];
  }

  // The whole time, so that who waits again and again does not spin.
  std::uint64_t wait_durable(std::uint64_t, std::uint32_t timeout_ms) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(timeout_ms));
    return 0;
  }

 private:
  rocks::OpenLog opened_;
};

}  // namespace

Result<std::unique_ptr<LogReader>> open_embedded_reader(const std::string& directory) {
  auto opened = rocks::open_for_reading(directory);
  if (!opened) return std::move(opened).error();
  return std::unique_ptr<LogReader>(std::make_unique<Reader>(std::move(*opened)));
}

}  // namespace orderlog::log
