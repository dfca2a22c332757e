// What a test knows about a log across power cuts: every commit that was ever handed to it, and how
// far it said "durable". Wraps a log to see that.
#pragma once

#include <memory>
#include <mutex>
#include <semaphore>
#include <vector>

#include "events/log/event_log.h"
#include "tests/power/script.h"

namespace orderlog::power {

// Any thread.
class History {
 public:
  void appended(PartitionId partition, log::CommitIndex index, const Hash256& hash) {
    const std::lock_guard lock(mutex_);
    auto& commits = commits_[partition.value];
    commits.resize(index.value - 1);  // what was there is lost: the chain goes on from before it
    commits.push_back(hash);
  }
  void refused(PartitionId partition, log::CommitIndex index) {
    const std::lock_guard lock(mutex_);
    commits_[partition.value].resize(index.value - 1);
  }
  void durable(PartitionId partition, log::CommitIndex index) {
    const std::lock_guard lock(mutex_);
    durable_[partition.value] = index;
  }
  // Whether the log may hold this commit at this place.
  bool contains(PartitionId partition, log::CommitIndex index, const Hash256& hash) const {
    const std::lock_guard lock(mutex_);
    const auto& commits = commits_[partition.value];
    return index.value >= 1 && index.value <= commits.size() && commits[index.value - 1] == hash;
  }
  log::CommitIndex durable(PartitionId partition) const {
    const std::lock_guard lock(mutex_);
    return durable_[partition.value];
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Hash256> commits_[partitions];
  log::CommitIndex durable_[partitions];
};

// Waits with each append until it is durable or has failed, unless `pipelined`: then everything
// happens in the same order each time. Thread rules: those of the log.
class WatchedLog final : public log::EventLog {
 public:
  WatchedLog(log::EventLog& log, History& history, bool pipelined)
      : log_(log), history_(history), pipelined_(pipelined) {}

  std::uint32_t partition_count() const override { return log_.partition_count(); }
  Result<std::unique_ptr<log::CommitCursor>> read(PartitionId partition,
                                                  log::CommitIndex from) override {
    return log_.read(partition, from);
  }
  log::LogEnd durable_end(PartitionId partition) const override {
    return log_.durable_end(partition);
  }
  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) override {
    return log_.wait_durable(seen, timeout_ms);
  }
  Result<log::Claim> claim(PartitionId partition) override { return log_.claim(partition); }
  log::LogStats stats() const override { return log_.stats(); }

  Status append(std::span<const log::SealedCommit> commits, log::AppendDone done) override {
    for (const auto& commit : commits) {
      history_.appended(commit.header.partition, commit.header.index, commit.hash);
    }
    const auto first = commits.front().header;
    const auto last = commits.back().header;
    auto finished = std::make_shared<std::binary_semaphore>(0);
    auto taken =
        log_.append(commits, [this, last, finished, done = std::move(done)](const Status& status) {
          if (status) history_.durable(last.partition, last.index);
          done(status);
          finished->release();
        });
    if (!taken) history_.refused(first.partition, first.index);
    if (taken && !pipelined_) finished->acquire();
    return taken;
  }

 private:
  log::EventLog& log_;
  History& history_;
  const bool pipelined_;
};

}  // namespace orderlog::power
