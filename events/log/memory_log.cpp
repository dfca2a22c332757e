// The log in memory: durable commits and a queue that step() makes durable. Completions are called
// after the lock is gone, so that they may append.
#include "events/log/memory_log.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "events/log/chain.h"

namespace orderlog::log {
namespace {

// Frames start on a multiple of 8, as readers of FlatBuffers need it.
struct Frame {
  std::vector<std::uint64_t> words;
  std::size_t bytes = 0;

  explicit Frame(Bytes frame) : words((frame.size() + 7) / 8), bytes(frame.size()) {
    std::memcpy(words.data(), frame.data(), bytes);
  }
  Bytes view() const { return {reinterpret_cast<const std::uint8_t*>(words.data()), bytes}; }
};

struct QueuedCommit {
  CommitHeader header;
  LogEnd end;
  Frame frame;
};

struct QueuedAppend {
  std::vector<QueuedCommit> commits;
  AppendDone done;
  // By a fence, which took its commits of that partition away; reported in its turn.
  std::optional<Error> aborted;
};

struct Stored {
  LogEnd end;
  // A frame stays at its address for ever: a cursor reads while the log grows.
  std::shared_ptr<Frame> frame;
};

using Outcomes = std::vector<std::pair<AppendDone, Status>>;

void report(Outcomes& outcomes) {
  for (auto& [done, outcome] : outcomes) {
    if (done) done(outcome);
  }
}

class Memory final : public MemoryLog {
 public:
  explicit Memory(const MemoryLogOptions& options)
      : options_(options), partitions_(options.partition_count), chains_(ends()) {}

  std::uint32_t partition_count() const override { return options_.partition_count; }
  Result<std::unique_ptr<CommitCursor>> read(PartitionId partition, CommitIndex from) override;
  LogEnd durable_end(PartitionId partition) const override;
  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) override;
  Result<Claim> claim(PartitionId partition) override { return fence(partition, false); }
  Status append(std::span<const SealedCommit> commits, AppendDone done) override;
  LogStats stats() const override;

  std::size_t step(std::size_t appends) override;
  std::size_t pending() const override;
  void crash(std::size_t survivors) override;
  void fail_next_sync(Error error, std::size_t survivors) override;
  void refuse_appends(std::size_t appends) override;
  Result<Claim> fence(PartitionId partition, bool abort_queued) override;
  void duplicate_next_claim(PartitionId partition) override;
  void lose_durable(PartitionId partition, std::size_t commits) override;
  MutableBytes stored_frame(PartitionId partition, CommitIndex index) override;

  // For cursors: the frame of a durable commit, or nothing.
  std::shared_ptr<Frame> durable_frame(PartitionId partition, CommitIndex index) const;

 private:
  std::vector<LogEnd> ends() const;
  LogEnd end_of(PartitionId partition) const;
  void sync(std::size_t appends, Outcomes& outcomes);
  void fail_sync(Outcomes& outcomes);
  void make_durable(QueuedAppend& append);
  void abort_queued(PartitionId partition);
  void give_up_bytes(const QueuedAppend& append);

  const MemoryLogOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable progress_;
  std::vector<std::vector<Stored>> partitions_;  // durable, by commit index − 1
  Chains chains_;
  std::deque<QueuedAppend> queue_;
  std::optional<Error> failed_;
  std::optional<std::pair<Error, std::size_t>> next_sync_fails_;
  std::size_t refusals_left_ = 0;
  std::vector<PartitionId> duplicate_claims_;
  LogStats stats_;
};

class MemoryCursor final : public CommitCursor {
 public:
  MemoryCursor(const Memory& log, PartitionId partition, CommitIndex from)
      : CommitCursor(partition, from), log_(log), partition_(partition), next_(from) {}

  Result<std::optional<StoredFrame>> next_frame() override {
    auto frame = log_.durable_frame(partition_, next_);
    if (!frame) return std::optional<StoredFrame>();
    held_ = std::move(frame);
    const CommitIndex index = next_;
    next_ = next_.next();
    return std::optional<StoredFrame>({index, held_->view()});
  }

 private:
  const Memory& log_;
  PartitionId partition_;
  CommitIndex next_;
  std::shared_ptr<Frame> held_;
};

std::vector<LogEnd> Memory::ends() const {
  std::vector<LogEnd> all;
  for (std::uint32_t p = 0; p < options_.partition_count; ++p)
    all.push_back(end_of(PartitionId(p)));
  return all;
}

LogEnd Memory::end_of(PartitionId partition) const {
  const auto& stored = partitions_[partition.value];
  return stored.empty() ? empty_end(partition, options_.partition_count) : stored.back().end;
}

Result<std::unique_ptr<CommitCursor>> Memory::read(PartitionId partition, CommitIndex from) {
  if (partition.value >= options_.partition_count) return no_such_partition(partition);
  return std::unique_ptr<CommitCursor>(
      std::make_unique<MemoryCursor>(*this, partition, std::max(from, CommitIndex(1))));
}

LogEnd Memory::durable_end(PartitionId partition) const {
  ORDERLOG_ENSURE(partition.value < options_.partition_count, "no such partition");
  const std::lock_guard lock(mutex_);
  return end_of(partition);
}

std::uint64_t Memory::wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) {
  std::unique_lock lock(mutex_);
  progress_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                     [&] { return stats_.groups != seen; });
  return stats_.groups;
}

Status Memory::append(std::span<const SealedCommit> commits, AppendDone done) {
  ORDERLOG_ENSURE(!commits.empty(), "an append without commits");
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return error(failed_->code, "the log has stopped: " + failed_->message);
    std::size_t bytes = 0;
    for (const SealedCommit& commit : commits) bytes += commit.frame.size();
    const bool full = stats_.queue_commits > 0 &&
                      (stats_.queue_commits + commits.size() > options_.queue_commits_max ||
                       stats_.queue_bytes + bytes > options_.queue_bytes_max);
    if (full || refusals_left_ > 0) {
      if (refusals_left_ > 0) --refusals_left_;
      ++stats_.refused;
      return error(ErrorCode::Unavailable, "the log's queue is full");
    }
    if (auto admitted = chains_.admit(commits); !admitted) return admitted;
    QueuedAppend append{{}, std::move(done), {}};
    for (const SealedCommit& commit : commits) {
      append.commits.push_back({commit.header, commit.end(), Frame(commit.frame)});
    }
    queue_.push_back(std::move(append));
    stats_.queue_commits += commits.size();
    stats_.queue_bytes += bytes;
  }
  if (options_.durable_at_once) step(SIZE_MAX);
  return {};
}

LogStats Memory::stats() const {
  const std::lock_guard lock(mutex_);
  LogStats now = stats_;
  now.failed = failed_.has_value();
  return now;
}

std::size_t Memory::step(std::size_t appends) {
  Outcomes outcomes;
  {
    const std::lock_guard lock(mutex_);
    sync(appends, outcomes);
  }
  progress_.notify_all();
  report(outcomes);
  return outcomes.size();
}

void Memory::sync(std::size_t appends, Outcomes& outcomes) {
  appends = std::min(appends, queue_.size());
  if (appends == 0) return;
  if (next_sync_fails_) return fail_sync(outcomes);
  for (std::size_t i = 0; i < appends; ++i) {
    QueuedAppend append = std::move(queue_.front());
    queue_.pop_front();
    give_up_bytes(append);
    make_durable(append);
    outcomes.emplace_back(std::move(append.done),
                          append.aborted ? Status(*append.aborted) : Status());
  }
  ++stats_.groups;
}

void Memory::fail_sync(Outcomes& outcomes) {
  auto [cause, survivors] = *std::exchange(next_sync_fails_, {});
  failed_ = cause;
  for (std::size_t i = 0; !queue_.empty(); ++i) {
    QueuedAppend append = std::move(queue_.front());
    queue_.pop_front();
    give_up_bytes(append);
    if (i < survivors) make_durable(append);
    outcomes.emplace_back(std::move(append.done), append.aborted ? *append.aborted : cause);
  }
}

void Memory::give_up_bytes(const QueuedAppend& append) {
  stats_.queue_commits -= append.commits.size();
  for (const QueuedCommit& commit : append.commits) stats_.queue_bytes -= commit.frame.bytes;
}

void Memory::make_durable(QueuedAppend& append) {
  for (QueuedCommit& commit : append.commits) {
    ++stats_.commits;
    stats_.events += commit.header.event_count;
    stats_.bytes += commit.frame.bytes;
    partitions_[commit.header.partition.value].push_back(
        {commit.end, std::make_shared<Frame>(std::move(commit.frame))});
  }
}

std::size_t Memory::pending() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Memory::crash(std::size_t survivors) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; !queue_.empty(); ++i) {
    QueuedAppend append = std::move(queue_.front());
    queue_.pop_front();
    give_up_bytes(append);
    if (i < survivors) make_durable(append);
  }
  ++stats_.groups;
  chains_ = Chains(ends());
  failed_.reset();
  next_sync_fails_.reset();
  refusals_left_ = 0;
  duplicate_claims_.clear();
}

void Memory::fail_next_sync(Error error, std::size_t survivors) {
  const std::lock_guard lock(mutex_);
  next_sync_fails_.emplace(std::move(error), survivors);
}

void Memory::refuse_appends(std::size_t appends) {
  const std::lock_guard lock(mutex_);
  refusals_left_ = appends;
}

Result<Claim> Memory::fence(PartitionId partition, bool abort) {
  if (partition.value >= options_.partition_count) return no_such_partition(partition);
  Outcomes outcomes;
  Result<Claim> claimed = error(ErrorCode::Internal, "not claimed");
  {
    const std::lock_guard lock(mutex_);
    if (!failed_ && abort) abort_queued(partition);
    if (!failed_) sync(SIZE_MAX, outcomes);
    if (failed_) {
      claimed = error(failed_->code, "the log has stopped: " + failed_->message);
    } else {
      const auto twice = std::find(duplicate_claims_.begin(), duplicate_claims_.end(), partition);
      const Term present = chains_.claimed(partition);
      if (twice != duplicate_claims_.end() && present.value > 0) {
        duplicate_claims_.erase(twice);
        claimed = Claim{partition, present, end_of(partition)};
      } else {
        claimed = Claim{partition, chains_.claim(partition), end_of(partition)};
      }
    }
  }
  progress_.notify_all();
  report(outcomes);
  return claimed;
}

void Memory::abort_queued(PartitionId partition) {
  for (QueuedAppend& append : queue_) {
    if (append.commits.empty() || append.commits.front().header.partition != partition) continue;
    give_up_bytes(append);
    append.commits.clear();
    append.aborted = error(ErrorCode::Fenced, "partition " + std::to_string(partition.value) +
                                                  ": a later owner has taken over");
  }
  chains_.reset_end(partition, end_of(partition));
}

void Memory::duplicate_next_claim(PartitionId partition) {
  const std::lock_guard lock(mutex_);
  duplicate_claims_.push_back(partition);
}

void Memory::lose_durable(PartitionId partition, std::size_t commits) {
  const std::lock_guard lock(mutex_);
  ORDERLOG_ENSURE(queue_.empty(), "lose_durable with appends in the queue");
  auto& stored = partitions_[partition.value];
  stored.resize(stored.size() - std::min(commits, stored.size()));
  chains_.reset_end(partition, end_of(partition));
}

MutableBytes Memory::stored_frame(PartitionId partition, CommitIndex index) {
  const auto frame = durable_frame(partition, index);
  ORDERLOG_ENSURE(frame != nullptr, "no such commit");
  return {reinterpret_cast<std::uint8_t*>(frame->words.data()), frame->bytes};
}

std::shared_ptr<Frame> Memory::durable_frame(PartitionId partition, CommitIndex index) const {
  const std::lock_guard lock(mutex_);
  const auto& stored = partitions_[partition.value];
  if (index.value > stored.size()) return nullptr;
  return stored[index.value - 1].frame;
}

}  // namespace

Result<std::unique_ptr<MemoryLog>> open_memory_log(const MemoryLogOptions& options) {
  if (options.partition_count == 0 || options.partition_count > partitions_max) {
    return error(ErrorCode::InvalidArgument,
                 "partition_count must be 1 to " + std::to_string(partitions_max));
  }
  return std::unique_ptr<MemoryLog>(std::make_unique<Memory>(options));
}

}  // namespace orderlog::log
