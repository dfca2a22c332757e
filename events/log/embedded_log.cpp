// The embedded log's threads: callers queue under one lock, the committer writes without it.
// Lifecycle of a commit: admitted and copied → written and synced with its group → readable and
// counted in durable_end → its `done`. A group's outcome is published before the next one is taken.
#include "events/log/embedded_log.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "events/log/chain.h"
#include "events/log/group_queue.h"
#include "events/log/rocks_format.h"
#include "events/log/rocks_open.h"

namespace orderlog::log {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Embedded final : public EmbeddedLog {
 public:
  Embedded(const EmbeddedLogOptions& options, rocks::Database database, std::vector<LogEnd> ends)
      : options_(options),
        database_(std::move(database)),
        chains_(ends),
        durable_(std::move(ends)),
        durable_index_(durable_.size()),
        queue_(options_) {
    for (std::size_t p = 0; p < durable_.size(); ++p) {
      durable_index_[p].store(durable_[p].last_commit.value, std::memory_order_relaxed);
    }
    committer_ = std::thread([this] { run(); });
  }

  ~Embedded() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    committer_.join();
  }

  std::uint32_t partition_count() const override {
    return static_cast<std::uint32_t>(durable_.size());
  }

  Result<std::unique_ptr<CommitCursor>> read(PartitionId partition, CommitIndex from) override {
    if (partition.value >= durable_.size()) return no_such_partition(partition);
    return rocks::cursor(*database_, partition, from, [this, partition] {
      return CommitIndex(durable_index_[partition.value].load(std::memory_order_acquire));
    });
  }

  LogEnd durable_end(PartitionId partition) const override {
    ORDERLOG_ENSURE(partition.value < durable_.size(), "no such partition");
    const std::lock_guard lock(mutex_);
    return durable_[partition.value];
  }

  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) override {
    std::unique_lock lock(mutex_);
    ++waiters_;
    progress_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                       [&] { return stats_.groups != seen; });
    --waiters_;
    return stats_.groups;
  }

  Result<Claim> claim(PartitionId partition) override;
  Status append(std::span<const SealedCommit> commits, AppendDone done) override;
  LogStats stats() const override;

  Result<BackupInfo> create_backup(const std::string& backup_directory) override {
    return log::create_backup(*database_, backup_directory);
  }

 private:
  void run();
  std::unique_ptr<Group> take_group();
  void gather(std::unique_lock<std::mutex>& lock);
  Status write(Group& group);
  void publish(const Group& group, const Status& outcome, SteadyClock::duration took);
  Error refusal() const;

  const EmbeddedLogOptions options_;
  const rocks::Database database_;

  mutable std::mutex mutex_;  // everything down to stats_
  std::condition_variable work_;
  std::condition_variable progress_;
  Chains chains_;                                          // where appends go on
  std::vector<LogEnd> durable_;                            // where readers may go
  std::vector<std::atomic<std::uint64_t>> durable_index_;  // the same for cursors, without the lock
  GroupQueue queue_;
  bool committer_sleeps_ = false;
  bool committer_gathers_ = false;
  bool overlapped_ = false;  // something was appended while the last group was written
  SteadyClock::time_point group_began_;
  bool stopping_ = false;
  std::uint32_t waiters_ = 0;
  std::optional<Error> failed_;
  LogStats stats_;

  std::thread committer_;
};

Result<Claim> Embedded::claim(PartitionId partition) {
  if (partition.value >= durable_.size()) return no_such_partition(partition);
  ORDERLOG_ENSURE(std::this_thread::get_id() != committer_.get_id(),
                  "claim called from an append's completion");
  std::unique_lock lock(mutex_);
  if (failed_) return refusal();
  // First the fence, then the wait: the earlier owner can add nothing meanwhile.
  const Term term = chains_.claim(partition);
  ++waiters_;
  progress_.wait(lock, [&] {
    return failed_ || durable_[partition.value].last_commit >= chains_.end(partition).last_commit ||
           chains_.claimed(partition) != term;
  });
  --waiters_;
  if (failed_) return refusal();
  if (chains_.claimed(partition) != term) {
    return error(ErrorCode::Fenced, "partition " + std::to_string(partition.value) +
                                        ": another claim came in between");
  }
  return Claim{partition, term, durable_[partition.value]};
}

Status Embedded::append(std::span<const SealedCommit> commits, AppendDone done) {
  ORDERLOG_ENSURE(!commits.empty(), "an append without commits");
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return refusal();
    if (!queue_.has_room(commits)) {
      ++stats_.refused;
      return error(ErrorCode::Unavailable,
                   "the log's queue is full (" + std::to_string(queue_.commits()) + " commits, " +
                       std::to_string(queue_.bytes()) + " bytes wait for the disk)");
    }
    if (auto admitted = chains_.admit(commits); !admitted) return admitted;
    queue_.push(commits, std::move(done));
    wake = committer_sleeps_ || (committer_gathers_ && queue_.has_gathered());
  }
  // Waking a sleeping thread costs a system call, so only when it does sleep.
  if (wake) work_.notify_one();
  return {};
}

LogStats Embedded::stats() const {
  const std::lock_guard lock(mutex_);
  LogStats now = stats_;
  now.queue_commits = queue_.commits();
  now.queue_bytes = queue_.bytes();
  now.failed = failed_.has_value();
  return now;
}

Error Embedded::refusal() const {
  return error(failed_->code,
               "the log has stopped after a failed write, restart to recover: " + failed_->message);
}

void Embedded::run() {
  while (auto group = take_group()) {
    const auto started = SteadyClock::now();
    const Status outcome = write(*group);
    publish(*group, outcome, SteadyClock::now() - started);
    for (const AppendDone& done : group->done) {
      if (done) done(outcome);
    }
    const std::lock_guard lock(mutex_);
    queue_.give_back(std::move(group));
  }
}

std::unique_ptr<Group> Embedded::take_group() {
  std::unique_lock lock(mutex_);
  if (overlapped_) gather(lock);
  committer_sleeps_ = true;
  work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  committer_sleeps_ = false;
  if (queue_.empty()) return nullptr;
  group_began_ = SteadyClock::now();
  return queue_.take();
}

// Others append at the same time: a little later there will be more of theirs.
void Embedded::gather(std::unique_lock<std::mutex>& lock) {
  const auto end = group_began_ + std::chrono::microseconds(options_.gather_us_max);
  committer_gathers_ = true;
  work_.wait_until(lock, end, [&] { return stopping_ || queue_.has_gathered(); });
  committer_gathers_ = false;
}

Status Embedded::write(Group& group) {
  {
    // Groups queued behind one that failed share its fate; none is tried.
    const std::lock_guard lock(mutex_);
    if (failed_) return *failed_;
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status status = database_->Write(synced, group.batch.get());
  if (!status.ok()) return rocks::error_of(status, "writing to the log");
  return {};
}

void Embedded::publish(const Group& group, const Status& outcome, SteadyClock::duration took) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (!outcome) {
      if (!failed_) failed_ = outcome.error();
    } else {
      for (const auto& [partition, end] : group.ends) {
        durable_[partition.value] = end;
        durable_index_[partition.value].store(end.last_commit.value, std::memory_order_release);
      }
      const auto us = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(took).count());
      stats_.groups += 1;
      stats_.commits += group.commits;
      stats_.events += group.events;
      stats_.bytes += group.bytes;
      stats_.sync_us_total += us;
      stats_.sync_us_max = std::max(stats_.sync_us_max, us);
      stats_.sync_us_log2[std::min<std::size_t>(std::bit_width(us),
                                                stats_.sync_us_log2.size() - 1)] += 1;
    }
    overlapped_ = !queue_.empty();
    wake = waiters_ > 0;
  }
  if (wake) progress_.notify_all();
}

}  // namespace

Result<std::unique_ptr<EmbeddedLog>> open_embedded_log(const EmbeddedLogOptions& options) {
  auto opened = rocks::open_for_writing(options);
  if (!opened) return std::move(opened).error();
  auto copied = rocks::stored_identity(*opened->database);
  if (!copied) return std::move(copied).error();
  if (*copied) {
    return error(ErrorCode::Conflict, "the log in " + options.directory + " is a node's copy of " +
                                          **copied + "; it is written on that cluster only");
  }
  return std::unique_ptr<EmbeddedLog>(
      std::make_unique<Embedded>(options, std::move(opened->database), std::move(opened->ends)));
}

}  // namespace orderlog::log
