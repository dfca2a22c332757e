// The one writer of a partition: a transactional producer and its thread. Everything that was
// queued while the last transaction was committed goes into the next (natural group commit). Must
// hold: 1. opening it fences whoever wrote this partition before; 2. a group is reported as written
// only when its transaction is committed; 3. after any other outcome this writer does nothing more:
// it is condemned, and only a new claim finds out from the topic what became of the group; 4.
// nothing is committed behind an end that lies before the known one: the topic has lost records.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/kafka/client.h"
#include "events/log/kafka/kafka_log.h"

namespace orderlog::log::kafka {

class TransactionalWriter {
 public:
  struct Group {
    std::vector<std::vector<std::uint64_t>> frames;  // for their alignment
    std::vector<AppendDone> done;                    // one for each append; may be empty
    std::size_t commits = 0;
    std::size_t events = 0;
    std::size_t bytes = 0;
    std::uint64_t cycle_us = 0;  // what its transaction took
  };
  // The outcome of one group, on the writer's thread; to call the `done` of its appends. Success:
  // the transaction is committed. Errors: Unavailable (aborted: nothing of it is in the log),
  // Timeout (nobody knows), Fenced (nobody knows either, and somebody else owns the partition),
  // Corrupt (not written: the topic has lost records).
  using Outcome = std::function<void(Group&, const Status&)>;

  // Blocks until the earlier owner is fenced. Errors: Unavailable, InvalidArgument (settings, or
  // not allowed), Fenced, Io.
  static Result<std::unique_ptr<TransactionalWriter>> open(const KafkaLogOptions& options,
                                                           PartitionId partition, Outcome outcome);
  // Writes what is queued, unless it is condemned.
  ~TransactionalWriter();

  // Everything before this offset was in the topic when it was claimed. Before the first push().
  void begin_at(std::int64_t offset) { known_end_ = offset; }
  // Copies the frames. Bounds are the caller's. Any thread.
  void push(std::span<const SealedCommit> commits, AppendDone done);

 private:
  TransactionalWriter(const KafkaLogOptions& options, PartitionId partition, Outcome outcome)
      : options_(options), partition_(partition), outcome_(std::move(outcome)) {}
  static void on_delivery(const rd_kafka_message_s* message, void* writer);
  void run();
  std::optional<Group> take();
  Status write(const Group& group);
  Status check_end() const;
  Status produce(const CommitView& commit);
  Status produce_record(Bytes value, std::string_view index_header, CommitIndex index,
                        const EventRecord* described);

  const KafkaLogOptions& options_;
  const PartitionId partition_;
  const Outcome outcome_;
  Client client_;
  DescribeEvent describe_;
  EventRecord described_;
  std::vector<std::uint8_t> closing_;
  std::chrono::steady_clock::time_point not_before_;  // of the next transaction
  // Offsets of this partition, writer's thread: behind the last committed record that is known; of
  // the first and the last record of the transaction under way, as its brokers report them.
  std::int64_t known_end_ = 0;
  std::int64_t first_delivered_ = -1;
  std::int64_t last_delivered_ = -1;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Group> groups_;
  bool stopping_ = false;
  std::optional<Error> condemned_;
  std::thread thread_;
};

}  // namespace orderlog::log::kafka
