// A model of the Kafka cluster, as far as the engine's promises hang on it (KIP-98): a topic whose
// partitions take transactions of producers with epochs, a coordinator that fences, requests and
// answers that are delayed or lost, consumers that lag. And a node's log on it, which keeps the
// rules of the real one (ADR 7): fence, read to the end, judge, own; one transaction after another;
// whatever is not known condemns the writer.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "events/log/chain.h"
#include "events/log/event_log.h"
#include "tests/simulation/random.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/sim_loop.h"

namespace orderlog::sim {

struct KafkaFaults {
  std::int64_t latency_us_max = 3'000;              // of a request, of an answer
  std::int64_t replica_lag_us_max = 20'000;         // until a follower has read a commit
  std::int64_t request_timeout_us = 500'000;        // then the outcome is unknown
  std::int64_t transaction_timeout_us = 2'000'000;  // then the coordinator aborts
  std::uint32_t lost_per_million = 0;     // requests and answers of a commit that never arrive
  std::uint32_t delayed_per_million = 0;  // commit requests that arrive after their time is over
  bool fencing = true;                    // off: a bug on order
};

// The brokers. What is committed stays, unless truncate() is called.
class SimCluster {
 public:
  using Frame = std::shared_ptr<const std::vector<std::uint64_t>>;
  struct Stored {
    log::LogEnd end;
    Frame words;
    std::size_t bytes = 0;
    log::Bytes view() const {
      return {reinterpret_cast<const std::uint8_t*>(words->data()), bytes};
    }
  };

  explicit SimCluster(std::uint32_t partitions) : partitions_(partitions) {}

  std::uint32_t partition_count() const { return static_cast<std::uint32_t>(partitions_.size()); }
  const std::vector<Stored>& committed(PartitionId partition) const {
    return partitions_[partition.value].committed;
  }
  // What the nodes have copied, also of what the topic has lost since.
  const std::vector<Stored>& copied(PartitionId partition) const {
    const Partition& p = partitions_[partition.value];
    return p.before_loss.empty() ? p.committed : p.before_loss;
  }
  // A commit was reported as written: the writer copies it from its own memory.
  void keep_copy(PartitionId partition, const Stored& commit);
  log::LogEnd end(PartitionId partition) const;

  // A producer begins: the earlier one is fenced, its open transaction aborted.
  std::uint64_t init_producer(PartitionId partition, bool fencing);
  // Behind how many commits they came to lie. Errors: Fenced.
  Result<std::size_t> produce(PartitionId partition, std::uint64_t epoch,
                              std::vector<Stored> records, bool fencing);
  Status commit(PartitionId partition, std::uint64_t epoch, bool fencing);
  // The transaction's time is over.
  void abort(PartitionId partition, std::uint64_t epoch);
  // An unclean election: only the first commits are left, and nothing of an open transaction.
  void truncate(PartitionId partition, std::size_t left);

  // The inbox topic: what outside systems sent.
  std::vector<std::vector<std::vector<std::uint8_t>>>& inbox() { return inbox_; }

 private:
  struct Open {
    std::uint64_t epoch = 0;
    std::vector<Stored> records;
  };
  struct Partition {
    std::vector<Stored> committed;
    std::vector<Stored> before_loss;
    std::vector<Open> open;  // with fencing: at most one
    std::uint64_t epoch = 0;
  };
  std::vector<Partition> partitions_;
  std::vector<std::vector<std::vector<std::uint8_t>>> inbox_{partitions_.size()};
};

// How far a node's copy of the topic reaches; survives kill -9, unlike the node.
using CopyEnds = std::vector<log::LogEnd>;

class SimKafkaLog final : public log::EventLog {
 public:
  // `wire`: the node's own threads, which stand still when it is stopped. All outlive the log.
  SimKafkaLog(Schedule& schedule, Random random, const KafkaFaults& faults, SimCluster& cluster,
              SimLoop& wire, CopyEnds& copy);
  ~SimKafkaLog() override;

  std::uint32_t partition_count() const override { return cluster_.partition_count(); }
  Result<std::unique_ptr<log::CommitCursor>> read(PartitionId partition,
                                                  log::CommitIndex from) override;
  log::LogEnd durable_end(PartitionId partition) const override { return copy_[partition.value]; }
  std::uint64_t wait_durable(std::uint64_t seen, std::uint32_t) override { return seen; }
  Result<log::Claim> claim(PartitionId partition) override;
  Status append(std::span<const log::SealedCommit> commits, log::AppendDone done) override;
  log::LogStats stats() const override {
    log::LogStats stats;
    stats.failed = failure_.has_value();
    return stats;
  }

  // Gives the partition up.
  void release(PartitionId partition);
  // Reads on, on its own time. Errors are kept for failure().
  void follow(PartitionId partition);
  // The topic does not go on where the copy ends.
  const std::optional<Error>& failure() const { return failure_; }
  const SimCluster& cluster() const { return cluster_; }

 private:
  struct Append {
    std::vector<SimCluster::Stored> records;
    log::AppendDone done;
  };
  struct Writer {
    std::uint64_t epoch = 0;
    std::uint64_t number = 0;  // of the writer; answers to an earlier one are not heeded
    std::uint64_t transaction = 0;
    bool open = false;
    bool busy = false;
    std::deque<Append> queue;
    std::size_t under_way = 0;  // appends of the transaction
  };
  void begin(PartitionId partition);
  void send_commit(PartitionId partition, std::uint64_t number);
  void finish(PartitionId partition, std::uint64_t number, const Status& outcome);
  void condemn(PartitionId partition, const Error& why);
  // Runs on the node after a journey.
  void later(std::int64_t delay_us, std::function<void()> task);
  // Runs at the brokers after a journey.
  void at_brokers(std::int64_t delay_us, std::function<void()> task);
  std::int64_t latency() { return random_.between(1, faults_.latency_us_max); }
  Status read_to_end(PartitionId partition);
  Error has_lost(PartitionId partition);

  Schedule& schedule_;
  Random random_;
  const KafkaFaults& faults_;
  SimCluster& cluster_;
  SimLoop& wire_;
  CopyEnds& copy_;
  log::Chains chains_;
  std::vector<Writer> writers_;
  std::vector<bool> following_;
  std::optional<Error> failure_;
  std::uint64_t writers_made_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace orderlog::sim
