// Joins the copy, its follower and the writers. A commit of another node: topic → follower → copy →
// readable. One of this node: queued → its transaction committed → copy → readable → its `done`;
// the follower meets it again and only compares the hash. Locks: `mutex_` for what callers see,
// `Slot::publishing` so that writer and follower store the commits of a partition one at a time.
// Longer than 400 lines because a commit's way is one state machine of these three.
#include "events/log/kafka/kafka_log.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "events/base/ensure.h"
#include "events/log/chain.h"
#include "events/log/kafka/follower.h"
#include "events/log/kafka/replica.h"
#include "events/log/kafka/topics.h"
#include "events/log/kafka/transactional_writer.h"
#include "events/log/kafka/watermark.h"

namespace orderlog::log {
namespace {

using SteadyClock = std::chrono::steady_clock;
using kafka::Replica;
using kafka::TransactionalWriter;

constexpr std::chrono::seconds offset_interval(1);

std::string name_of(PartitionId partition) {
  return "partition " + std::to_string(partition.value);
}

class Kafka final : public KafkaLog, private kafka::FollowerSink {
 public:
  Kafka(KafkaLogOptions options, kafka::Client probe, std::unique_ptr<Replica> replica)
      : options_(std::move(options)),
        probe_(std::move(probe)),
        replica_(std::move(replica)),
        slots_(replica_->ends_at_opening().size()),
        chains_(replica_->ends_at_opening()) {
    for (std::size_t p = 0; p < slots_.size(); ++p) {
      slots_[p].durable = replica_->ends_at_opening()[p];
      slots_[p].durable_index = slots_[p].durable.last_commit.value;
    }
  }
  ~Kafka() override;

  Status start();

  std::uint32_t partition_count() const override {
    return static_cast<std::uint32_t>(slots_.size());
  }
  Result<std::unique_ptr<CommitCursor>> read(PartitionId partition, CommitIndex from) override;
  LogEnd durable_end(PartitionId partition) const override;
  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) override;
  Result<Claim> claim(PartitionId partition) override;
  void release(PartitionId partition) override;
  bool owns(PartitionId partition) const override;
  Status append(std::span<const SealedCommit> commits, AppendDone done) override;
  LogStats stats() const override;
  KafkaLogStats kafka_stats() const override;

 private:
  struct Slot {
    std::mutex publishing;
    std::atomic<std::uint64_t> durable_index = 0;  // for cursors, without the lock
    SteadyClock::time_point offset_stored;         // under `publishing`
    // Under mutex_:
    LogEnd durable;
    std::int64_t reached = 0;  // the topic's offset: everything committed before it was met
    CommitIndex met;           // the last commit met in the topic, and where it is closed
    std::int64_t met_offset = 0;
    std::unique_ptr<TransactionalWriter> writer;
    bool given_up = false;  // a claim that is void: lost, condemned or released
    std::size_t queue_commits = 0;
    std::size_t queue_bytes = 0;
  };

  // FollowerSink, on the follower's thread.
  Result<bool> knows(PartitionId partition, const kafka::ClosingRecord& closing,
                     std::int64_t offset) override;
  Status take(PartitionId partition, const CommitView& commit, std::int64_t offset) override;
  void reached(PartitionId partition, std::int64_t next) override;
  void foreign(PartitionId partition, std::int64_t offset) override;
  void stopped(const Error& why) override;

  // On a writer's thread.
  void on_outcome(PartitionId partition, TransactionalWriter::Group& group, const Status& status);
  Status publish(PartitionId partition, const CommitView& commit,
                 std::optional<std::int64_t> met_at);
  void heed_owner(PartitionId partition, const CommitView& commit);
  void meet(PartitionId partition, CommitIndex index, std::int64_t offset);
  void count(const TransactionalWriter::Group& group);
  Status catch_up(PartitionId partition);
  Result<Claim> open_writer(PartitionId partition);

  const KafkaLogOptions options_;
  kafka::Client probe_;  // sees what is not committed, too
  std::unique_ptr<Replica> replica_;
  std::vector<Slot> slots_;
  mutable std::mutex mutex_;
  std::condition_variable progress_;
  std::uint64_t progressed_ = 0;
  Chains chains_;
  LogStats stats_;
  KafkaLogStats kafka_stats_;
  std::optional<Error> failed_;
  std::unique_ptr<kafka::Follower> follower_;  // last: its thread uses all of the above
};

Kafka::~Kafka() {
  for (std::uint32_t p = 0; p < slots_.size(); ++p) release(PartitionId(p));
  follower_.reset();
  for (std::uint32_t p = 0; p < slots_.size(); ++p) {
    if (slots_[p].met.value > 0) (void)replica_->store_offset(PartitionId(p), slots_[p].met_offset);
  }
}

Status Kafka::start() {
  auto follower = kafka::Follower::start(options_.client, options_.topic,
                                         replica_->offsets_at_opening(), *this);
  if (!follower) return follower.error();
  follower_ = std::move(follower).value();
  for (std::uint32_t p = 0; p < slots_.size(); ++p) {
    if (auto status = catch_up(PartitionId(p)); !status) return status;
    const std::lock_guard lock(mutex_);
    const Slot& slot = slots_[p];
    if (slot.met < slot.durable.last_commit) {
      return error(ErrorCode::Corrupt, name_of(PartitionId(p)) + " of " + options_.topic +
                                           " ends at commit " + std::to_string(slot.met.value) +
                                           ", but this node has seen commit " +
                                           std::to_string(slot.durable.last_commit.value) +
                                           "; the topic has lost data and is not written to");
    }
  }
  return Status();
}

// Reads up to what is in the topic now. An end before what had been read when it was asked for: the
// topic has lost data. (Others may write meanwhile, and the follower pass that end.)
Status Kafka::catch_up(PartitionId partition) {
  const std::string doing = "reading the end of " + name_of(partition) + " of " + options_.topic;
  const Slot& slot = slots_[partition.value];
  std::unique_lock lock(mutex_);
  const std::int64_t had_read = slot.reached;
  lock.unlock();
  auto found = kafka::high_watermark(options_.client, options_.topic, partition,
                                     options_.request_timeout_ms);
  if (!found) return found.error();
  const std::int64_t high = *found;
  if (high < had_read) {
    return error(ErrorCode::Corrupt, name_of(partition) + " of " + options_.topic +
                                         " ends at offset " + std::to_string(high) +
                                         ", but this node has read to " + std::to_string(had_read) +
                                         "; the topic has lost data and is not written to");
  }
  lock.lock();
  while (slot.reached < high && !failed_) {
    const auto before = slot.reached;
    progress_.wait_for(lock, std::chrono::milliseconds(options_.catch_up_timeout_ms),
                       [&] { return slot.reached != before || failed_; });
    if (slot.reached == before && !failed_) {
      return error(ErrorCode::Unavailable, doing + ": stands at offset " + std::to_string(before) +
                                               " of " + std::to_string(high) +
                                               "; a transaction may be open there");
    }
  }
  return failed_ ? Status(*failed_) : Status();
}

// ---- reading ------------------------------------------------------------------------------------

Result<std::unique_ptr<CommitCursor>> Kafka::read(PartitionId partition, CommitIndex from) {
  if (partition.value >= slots_.size()) return no_such_partition(partition);
  return replica_->read(partition, from, [this, partition] {
    return CommitIndex(slots_[partition.value].durable_index.load(std::memory_order_acquire));
  });
}

LogEnd Kafka::durable_end(PartitionId partition) const {
  ORDERLOG_ENSURE(partition.value < slots_.size(), "no such partition");
  const std::lock_guard lock(mutex_);
  return slots_[partition.value].durable;
}

std::uint64_t Kafka::wait_durable(std::uint64_t seen, std::uint32_t timeout_ms) {
  std::unique_lock lock(mutex_);
  progress_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                     [&] { return progressed_ != seen; });
  return progressed_;
}

// ---- what others wrote --------------------------------------------------------------------------

Result<bool> Kafka::knows(PartitionId partition, const kafka::ClosingRecord& closing,
                          std::int64_t offset) {
  if (closing.header.partition != partition) {
    return error(ErrorCode::Corrupt, "a commit of " + name_of(closing.header.partition));
  }
  {
    const std::lock_guard lock(mutex_);
    if (closing.header.index > slots_[partition.value].durable.last_commit) return false;
  }
  auto hash = replica_->hash_of(partition, closing.header.index);
  if (!hash) return hash.error();
  if (*hash != closing.hash) {
    return error(ErrorCode::Corrupt, "two different commits have the index " +
                                         std::to_string(closing.header.index.value) +
                                         ": two nodes wrote at once, or the topic was altered");
  }
  meet(partition, closing.header.index, offset);
  // Only saves reading again what is known.
  Slot& slot = slots_[partition.value];
  const std::lock_guard publishing(slot.publishing);
  const auto now = SteadyClock::now();
  if (now - slot.offset_stored >= offset_interval) {
    slot.offset_stored = now;
    if (auto status = replica_->store_offset(partition, offset); !status) return status.error();
  }
  return true;
}

Status Kafka::take(PartitionId partition, const CommitView& commit, std::int64_t offset) {
  if (auto status = publish(partition, commit, offset); !status) return status;
  meet(partition, commit.index(), offset);
  return Status();
}

// A commit that is not one of ours, met before its transaction is reported: somebody else owns the
// partition now.
void Kafka::heed_owner(PartitionId partition, const CommitView& commit) {
  Slot& slot = slots_[partition.value];
  ++kafka_stats_.followed_commits;
  if (commit.header().term > chains_.claimed(partition) ||
      commit.index() > chains_.end(partition).last_commit) {
    slot.given_up = slot.given_up || slot.writer != nullptr;
  }
  if (!slot.writer || slot.given_up) chains_.reset_end(partition, slot.durable);
}

void Kafka::meet(PartitionId partition, CommitIndex index, std::int64_t offset) {
  {
    const std::lock_guard lock(mutex_);
    slots_[partition.value].met = index;
    slots_[partition.value].met_offset = offset;
  }
  reached(partition, offset + 1);
}

// Stores the commit if it is the partition's next; known ones stay as they are. `met_at`: where its
// closing record was met in the topic; nothing for one that this node has just written.
Status Kafka::publish(PartitionId partition, const CommitView& commit,
                      std::optional<std::int64_t> met_at) {
  Slot& slot = slots_[partition.value];
  const std::lock_guard publishing(slot.publishing);
  LogEnd end;
  {
    const std::lock_guard lock(mutex_);
    end = slot.durable;
  }
  const CommitHeader& header = commit.header();
  if (header.index <= end.last_commit) return Status();
  if (header.index != end.last_commit.next() || header.prev_hash != end.last_hash ||
      header.first_seq != end.last_seq.next() || header.term < end.term) {
    return error(ErrorCode::Corrupt,
                 "commit " + std::to_string(header.index.value) + " of term " +
                     std::to_string(header.term.value) + " does not follow commit " +
                     std::to_string(end.last_commit.value) + " of term " +
                     std::to_string(end.term.value) +
                     ": written beside the owner, or for another number of partitions");
  }
  if (auto status = replica_->store(commit, met_at); !status) return status;
  {
    const std::lock_guard lock(mutex_);
    slot.durable = commit.end();
    slot.durable_index.store(header.index.value, std::memory_order_release);
    if (met_at) heed_owner(partition, commit);
    ++progressed_;
  }
  progress_.notify_all();
  return Status();
}

void Kafka::reached(PartitionId partition, std::int64_t next) {
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[partition.value];
    if (next <= slot.reached) return;
    slot.reached = next;
  }
  progress_.notify_all();
}

void Kafka::foreign(PartitionId, std::int64_t) {
  const std::lock_guard lock(mutex_);
  ++kafka_stats_.foreign_records;
}

void Kafka::stopped(const Error& why) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = why;
    ++progressed_;
  }
  progress_.notify_all();
}

// ---- what this node writes ----------------------------------------------------------------------

void Kafka::release(PartitionId partition) {
  std::unique_ptr<TransactionalWriter> writer;
  {
    const std::lock_guard lock(mutex_);
    slots_[partition.value].given_up = true;
    writer = std::move(slots_[partition.value].writer);
  }
  writer.reset();  // writes what is queued
}

bool Kafka::owns(PartitionId partition) const {
  const std::lock_guard lock(mutex_);
  const Slot& slot = slots_[partition.value];
  return slot.writer && !slot.given_up;
}

Result<Claim> Kafka::claim(PartitionId partition) {
  if (partition.value >= slots_.size()) return no_such_partition(partition);
  {
    const std::lock_guard lock(mutex_);
    if (failed_) return *failed_;
  }
  release(partition);
  return open_writer(partition);
}

// In this order: fence, read to the end, judge the topic, own.
Result<Claim> Kafka::open_writer(PartitionId partition) {
  auto writer = TransactionalWriter::open(
      options_, partition,
      [this, partition](TransactionalWriter::Group& group, const Status& status) {
        on_outcome(partition, group, status);
      });
  if (!writer) return writer.error();
  if (auto status = catch_up(partition); !status) return status.error();
  if (auto status = kafka::check_safety(probe_, options_.topic, options_.min_insync_replicas,
                                        options_.request_timeout_ms);
      !status) {
    return status.error();
  }
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[partition.value];
  (*writer)->begin_at(slot.reached);
  slot.writer = std::move(writer).value();
  slot.given_up = false;
  chains_.reset_end(partition, slot.durable);
  ++kafka_stats_.claims;
  return Claim{partition, chains_.claim(partition), slot.durable};
}

Status Kafka::append(std::span<const SealedCommit> commits, AppendDone done) {
  ORDERLOG_ENSURE(!commits.empty(), "an append without commits");
  const PartitionId partition = commits.front().header.partition;
  if (partition.value >= slots_.size()) return no_such_partition(partition);
  std::size_t bytes = 0;
  for (const auto& commit : commits) bytes += commit.frame.size();
  const std::lock_guard lock(mutex_);
  if (failed_) return *failed_;
  Slot& slot = slots_[partition.value];
  if (slot.given_up) {
    return error(ErrorCode::Fenced, name_of(partition) + " is no longer this node's");
  }
  if (slot.queue_commits > 0 && (slot.queue_commits + commits.size() > options_.queue_commits_max ||
                                 slot.queue_bytes + bytes > options_.queue_bytes_max)) {
    ++stats_.refused;
    return error(ErrorCode::Unavailable,
                 "the log's queue is full (" + std::to_string(slot.queue_commits) + " commits, " +
                     std::to_string(slot.queue_bytes) + " bytes wait for the cluster)");
  }
  if (auto admitted = chains_.admit(commits); !admitted) return admitted;
  slot.queue_commits += commits.size();
  slot.queue_bytes += bytes;
  slot.writer->push(commits, std::move(done));
  return Status();
}

void Kafka::on_outcome(PartitionId partition, TransactionalWriter::Group& group,
                       const Status& status) {
  Slot& slot = slots_[partition.value];
  Status stored = status;
  for (const auto& frame : group.frames) {
    if (!stored) break;
    const auto commit = CommitView::parse({reinterpret_cast<const std::uint8_t*>(frame.data()),
                                           frame.size() * sizeof(std::uint64_t)});
    ORDERLOG_ENSURE(commit.ok(), "a sealed frame cannot be read");
    stored = publish(partition, *commit, std::nullopt);
  }
  {
    const std::lock_guard lock(mutex_);
    if (status) {
      count(group);
      if (!stored && !failed_) failed_ = stored.error();
    } else {
      if (!slot.given_up) ++kafka_stats_.condemned_writers;
      if (status.error().code == ErrorCode::Corrupt && !failed_) failed_ = status.error();
      slot.given_up = true;
      chains_.reset_end(partition, slot.durable);
    }
  }
  for (const auto& done : group.done) {
    if (done) done(status);
  }
  {
    const std::lock_guard lock(mutex_);
    slot.queue_commits -= group.commits;
    slot.queue_bytes -= group.bytes;
    ++progressed_;
  }
  progress_.notify_all();
}

void Kafka::count(const TransactionalWriter::Group& group) {
  stats_.groups += 1;
  stats_.commits += group.commits;
  stats_.events += group.events;
  stats_.bytes += group.bytes;
  stats_.sync_us_total += group.cycle_us;
  stats_.sync_us_max = std::max(stats_.sync_us_max, group.cycle_us);
  stats_.sync_us_log2[std::min<std::size_t>(std::bit_width(group.cycle_us),
                                            stats_.sync_us_log2.size() - 1)] += 1;
}

LogStats Kafka::stats() const {
  const std::lock_guard lock(mutex_);
  LogStats now = stats_;
  for (const auto& slot : slots_) {
    now.queue_commits += slot.queue_commits;
    now.queue_bytes += slot.queue_bytes;
  }
  now.failed = failed_.has_value();
  return now;
}

KafkaLogStats Kafka::kafka_stats() const {
  const std::lock_guard lock(mutex_);
  return kafka_stats_;
}

Status check_options(const KafkaLogOptions& options) {
  const auto refuse = [](const std::string& why) { return error(ErrorCode::InvalidArgument, why); };
  if (options.directory.empty()) return refuse("the log's copy needs a directory");
  if (options.topic.empty()) return refuse("the log needs a topic");
  if (options.client.settings.count("bootstrap.servers") == 0) {
    return refuse("the Kafka client needs bootstrap.servers");
  }
  if (options.message_timeout_ms > options.transaction_timeout_ms) {
    return refuse("message_timeout_ms must not be above transaction_timeout_ms");
  }
  if (options.transaction_bytes_max == 0 || options.queue_bytes_max == 0 ||
      options.queue_commits_max == 0) {
    return refuse("the log's bounds must be positive");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<KafkaLog>> open_kafka_log(KafkaLogOptions options) {
  if (auto checked = check_options(options); !checked) return checked.error();
  auto probe = kafka::Client::open(kafka::Client::Kind::Consumer, options.client,
                                   {{"group.id", "orderlog-probe"},
                                    {"isolation.level", "read_uncommitted"},
                                    {"allow.auto.create.topics", "false"},
                                    {"reconnect.backoff.max.ms", "1000"}});
  if (!probe) return probe.error();
  auto count = kafka::partitions_of(*probe, options.topic, options.request_timeout_ms);
  if (!count) return count.error();
  if (options.partition_count != 0 && options.partition_count != *count) {
    return error(ErrorCode::Conflict, "topic " + options.topic + " has " + std::to_string(*count) +
                                          " partitions, not " +
                                          std::to_string(options.partition_count) +
                                          "; the number is fixed for the life of a log");
  }
  auto cluster = kafka::cluster_id(*probe, options.request_timeout_ms);
  if (!cluster) return cluster.error();
  auto replica = Replica::open(options.directory, *count, options.topic + "@" + *cluster,
                               options.memtable_bytes, options.block_cache_bytes);
  if (!replica) return replica.error();
  auto log = std::make_unique<Kafka>(std::move(options), std::move(probe).value(),
                                     std::move(replica).value());
  if (auto status = log->start(); !status) return status.error();
  return std::unique_ptr<KafkaLog>(std::move(log));
}

}  // namespace orderlog::log
