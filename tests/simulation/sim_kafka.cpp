#include "tests/simulation/sim_kafka.h"

#include <cstring>

namespace orderlog::sim {
namespace {

SimCluster::Stored stored(const log::SealedCommit& commit) {
  auto words = std::make_shared<std::vector<std::uint64_t>>((commit.frame.size() + 7) / 8);
  std::memcpy(words->data(), commit.frame.data(), commit.frame.size());
  return {commit.end(), std::move(words), commit.frame.size()};
}

// Reads as far as the node's copy reaches.
class Cursor final : public log::CommitCursor {
 public:
  Cursor(const SimKafkaLog& log, PartitionId partition, log::CommitIndex from)
      : CommitCursor(partition, from), log_(log), partition_(partition), next_(from) {}

  Result<std::optional<log::StoredFrame>> next_frame() override {
    const auto& copied = log_.cluster().copied(partition_);
    if (next_ > log_.durable_end(partition_).last_commit || next_.value > copied.size())
      return std::optional<log::StoredFrame>();
    held_ = copied[next_.value - 1];
    const log::CommitIndex index = next_;
    next_ = next_.next();
    return std::optional<log::StoredFrame>({index, held_.view()});
  }

 private:
  const SimKafkaLog& log_;
  PartitionId partition_;
  log::CommitIndex next_;
  SimCluster::Stored held_;
};

}  // namespace

// ---- the brokers --------------------------------------------------------------------------------

log::LogEnd SimCluster::end(PartitionId partition) const {
  const auto& committed = partitions_[partition.value].committed;
  return committed.empty() ? log::empty_end(partition, partition_count()) : committed.back().end;
}

std::uint64_t SimCluster::init_producer(PartitionId partition, bool fencing) {
  Partition& p = partitions_[partition.value];
  if (fencing) p.open.clear();
  return ++p.epoch;
}

Result<std::size_t> SimCluster::produce(PartitionId partition, std::uint64_t epoch,
                                        std::vector<Stored> records, bool fencing) {
  Partition& p = partitions_[partition.value];
  if (fencing && epoch != p.epoch) return error(ErrorCode::Fenced, "a later producer has begun");
  p.open.push_back({epoch, std::move(records)});
  return p.committed.size();
}

Status SimCluster::commit(PartitionId partition, std::uint64_t epoch, bool fencing) {
  Partition& p = partitions_[partition.value];
  if (fencing && epoch != p.epoch) return error(ErrorCode::Fenced, "a later producer has begun");
  for (auto it = p.open.begin(); it != p.open.end(); ++it) {
    if (it->epoch != epoch) continue;
    for (auto& record : it->records) p.committed.push_back(std::move(record));
    p.open.erase(it);
    return {};
  }
  return error(ErrorCode::Fenced, "there is no such transaction");
}

void SimCluster::abort(PartitionId partition, std::uint64_t epoch) {
  Partition& p = partitions_[partition.value];
  if (epoch != p.epoch) return;
  p.open.clear();
  ++p.epoch;
}

void SimCluster::truncate(PartitionId partition, std::size_t left) {
  Partition& p = partitions_[partition.value];
  p.before_loss = p.committed;
  p.committed.resize(left);
  for (auto& open : p.open) open.records.clear();
}

void SimCluster::keep_copy(PartitionId partition, const Stored& commit) {
  auto& kept = partitions_[partition.value].before_loss;
  if (!kept.empty() && kept.back().end.last_commit < commit.end.last_commit) kept.push_back(commit);
}

// ---- a node's log -------------------------------------------------------------------------------

SimKafkaLog::SimKafkaLog(Schedule& schedule, Random random, const KafkaFaults& faults,
                         SimCluster& cluster, SimLoop& wire, CopyEnds& copy)
    : schedule_(schedule),
      random_(random),
      faults_(faults),
      cluster_(cluster),
      wire_(wire),
      copy_(copy),
      chains_(copy),
      writers_(cluster.partition_count()),
      following_(cluster.partition_count()) {}

SimKafkaLog::~SimKafkaLog() { *alive_ = false; }

void SimKafkaLog::later(std::int64_t delay_us, std::function<void()> task) {
  schedule_.after(delay_us, [this, alive = alive_, task = std::move(task)] {
    if (!*alive) return;
    wire_.post([alive, task] {
      if (*alive) task();
    });
  });
}

void SimKafkaLog::at_brokers(std::int64_t delay_us, std::function<void()> task) {
  schedule_.after(delay_us, std::move(task));
}

Result<std::unique_ptr<log::CommitCursor>> SimKafkaLog::read(PartitionId partition,
                                                             log::CommitIndex from) {
  if (partition.value >= partition_count()) return log::no_such_partition(partition);
  return std::unique_ptr<log::CommitCursor>(
      std::make_unique<Cursor>(*this, partition, std::max(from, log::CommitIndex(1))));
}

Error SimKafkaLog::has_lost(PartitionId partition) {
  failure_ = error(ErrorCode::Corrupt, "partition " + std::to_string(partition.value) +
                                           ": the topic does not go on where the copy ends");
  return *failure_;
}

// What the copy has must be what the topic has.
Status SimKafkaLog::read_to_end(PartitionId partition) {
  log::LogEnd& seen = copy_[partition.value];
  const auto& committed = cluster_.committed(partition);
  if (seen.last_commit.value > committed.size()) return has_lost(partition);
  if (seen.last_commit.value > 0 && !(committed[seen.last_commit.value - 1].end == seen))
    return has_lost(partition);
  if (!committed.empty()) seen = committed.back().end;
  return {};
}

void SimKafkaLog::follow(PartitionId partition) {
  if (following_[partition.value]) return;
  following_[partition.value] = true;
  later(random_.between(1, faults_.replica_lag_us_max), [this, partition] {
    following_[partition.value] = false;
    // Who writes copies what it wrote; it reads too, and sees an end that lies before it.
    if (!writers_[partition.value].open) {
      (void)read_to_end(partition);
    } else if (cluster_.committed(partition).size() < copy_[partition.value].last_commit.value) {
      (void)has_lost(partition);
    }
  });
}

Result<log::Claim> SimKafkaLog::claim(PartitionId partition) {
  if (failure_) return *failure_;
  Writer& writer = writers_[partition.value];
  writer = Writer{};
  writer.epoch = cluster_.init_producer(partition, faults_.fencing);
  writer.number = ++writers_made_;
  if (auto status = read_to_end(partition); !status) return status.error();
  writer.open = true;
  chains_.reset_end(partition, copy_[partition.value]);
  return log::Claim{partition, chains_.claim(partition), copy_[partition.value]};
}

void SimKafkaLog::release(PartitionId partition) { writers_[partition.value] = Writer{}; }

Status SimKafkaLog::append(std::span<const log::SealedCommit> commits, log::AppendDone done) {
  const PartitionId partition = commits.front().header.partition;
  Writer& writer = writers_[partition.value];
  if (failure_) return *failure_;
  if (!writer.open) return error(ErrorCode::Fenced, "the partition is not claimed");
  if (auto admitted = chains_.admit(commits); !admitted) return admitted;
  Append append;
  append.done = std::move(done);
  for (const auto& commit : commits) append.records.push_back(stored(commit));
  writer.queue.push_back(std::move(append));
  if (!writer.busy) begin(partition);
  return {};
}

// One transaction of all that waits.
void SimKafkaLog::begin(PartitionId partition) {
  Writer& writer = writers_[partition.value];
  if (writer.queue.empty()) return;
  writer.busy = true;
  ++writer.transaction;
  writer.under_way = writer.queue.size();
  std::vector<SimCluster::Stored> records;
  for (const auto& append : writer.queue)
    records.insert(records.end(), append.records.begin(), append.records.end());
  const auto number = writer.number;
  const auto epoch = writer.epoch;
  at_brokers(latency(), [this, alive = alive_, &cluster = cluster_, fencing = faults_.fencing,
                         timeout = faults_.transaction_timeout_us, &schedule = schedule_, partition,
                         number, epoch, records = std::move(records)]() mutable {
    const auto produced = cluster.produce(partition, epoch, std::move(records), fencing);
    if (produced) {
      schedule.after(timeout,
                     [&cluster, partition, epoch, end = cluster.end(partition).last_commit] {
                       // Still the same one: nothing was committed since.
                       if (cluster.end(partition).last_commit == end)
                         cluster.abort(partition, epoch);
                     });
    }
    if (!*alive) return;
    later(latency(), [this, partition, number, produced] {
      if (writers_[partition.value].number != number) return;
      if (!produced) return finish(partition, number, produced.error());
      if (*produced < copy_[partition.value].last_commit.value)
        return finish(partition, number, has_lost(partition));
      send_commit(partition, number);
    });
  });
}

void SimKafkaLog::send_commit(PartitionId partition, std::uint64_t number) {
  const Writer& writer = writers_[partition.value];
  const bool request_lost = random_.chance(faults_.lost_per_million);
  const bool answer_lost = random_.chance(faults_.lost_per_million);
  const bool delayed = random_.chance(faults_.delayed_per_million);
  const std::int64_t journey =
      delayed ? random_.between(faults_.request_timeout_us, 2 * faults_.request_timeout_us)
              : latency();
  if (!request_lost) {
    at_brokers(journey, [this, alive = alive_, &cluster = cluster_, fencing = faults_.fencing,
                         partition, number, epoch = writer.epoch, answer_lost] {
      const Status committed = cluster.commit(partition, epoch, fencing);
      if (answer_lost || !*alive) return;
      later(latency(),
            [this, partition, number, committed] { finish(partition, number, committed); });
    });
  }
  later(faults_.request_timeout_us, [this, partition, number, transaction = writer.transaction] {
    if (writers_[partition.value].transaction != transaction) return;
    finish(partition, number, error(ErrorCode::Timeout, "no answer to the end of a transaction"));
  });
}

void SimKafkaLog::finish(PartitionId partition, std::uint64_t number, const Status& outcome) {
  Writer& writer = writers_[partition.value];
  if (writer.number != number || !writer.busy) return;
  if (!outcome) return condemn(partition, outcome.error());
  writer.busy = false;
  std::vector<log::AppendDone> done;
  for (std::size_t i = 0; i < writer.under_way; ++i) {
    for (const auto& record : writer.queue.front().records) {
      cluster_.keep_copy(partition, record);
      copy_[partition.value] = record.end;
    }
    done.push_back(std::move(writer.queue.front().done));
    writer.queue.pop_front();
  }
  for (auto& call : done) call(Status());
  begin(partition);
}

// Nobody knows what became of it: no more is written in this term.
void SimKafkaLog::condemn(PartitionId partition, const Error& why) {
  auto queue = std::move(writers_[partition.value].queue);
  writers_[partition.value] = Writer{};
  for (auto& append : queue) append.done(why);
}

}  // namespace orderlog::sim
