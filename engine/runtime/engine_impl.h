// The engine's inside: see engine.h for what it promises.
#pragma once

#include <boost/circular_buffer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/runtime/engine.h"
#include "engine/runtime/partition.h"
#include "engine/runtime/snapshot_writer.h"

namespace orderlog::runtime {

// With the command's ids and nothing else.
Answer answer_for(const schema::CommandEnvelope& command);

class EngineImpl final : public Engine {
 public:
  EngineImpl(EngineOptions options, log::EventLog& log, StateStore& store, const Clock& wall_clock,
             DataClock* data_clock, Loop& loop);
  ~EngineImpl() override;

  Status start();

  void advertise(std::string address) override { options_.advertised_address = std::move(address); }
  void take(const log::Claim& claim, std::function<void(const Status&)> done) override;
  void leave(PartitionId partition, std::function<void()> done) override;
  void on_lost(std::function<void(PartitionId, const Error&)> lost) override {
    on_lost_ = std::move(lost);
  }
  void look() override;
  void look_soon();
  std::vector<PartitionStatus> partitions() const override;
  void submit(std::span<const std::uint8_t> command, AnswerDone done) override;
  void submit_from_inbox(PartitionId partition, std::int64_t finished,
                         std::span<const std::uint8_t> command, AnswerDone done) override;
  std::int64_t inbox_offset(PartitionId partition) const override {
    return slots_[partition.value].partition->inbox_offset();
  }
  void tick() override;
  void stop(std::function<void(Status)> stopped) override;
  TimestampUs business_now() const override;
  std::uint32_t partition_count() const override {
    return static_cast<std::uint32_t>(slots_.size());
  }
  EngineStats stats() const override;
  void on_failure(std::function<void(const Error&)> failed) override {
    on_failure_ = std::move(failed);
  }

 private:
  // An answer that waits for its commit, and then perhaps for its copies of master data.
  struct Pending {
    log::CommitIndex commit;
    Answer answer;
    AnswerDone done;
    std::vector<std::pair<PartitionId, log::OutboxSequence>> copies;
  };
  // A repeat that waits until the commit of the first one can be read.
  struct Repeat {
    log::CommitIndex commit;
    std::vector<std::uint8_t> command;
    AnswerDone done;
  };
  struct Slot {
    std::unique_ptr<Partition> partition;
    PartitionRole role = PartitionRole::Following;
    // Counts the times it was led: what is still reported of an earlier time is not heeded.
    std::uint64_t reign = 0;
    log::CommitIndex durable;
    // While others lead: what is to be replayed next.
    std::unique_ptr<log::CommitCursor> following;
    // The state was ahead of the log when the lead was lost, and a snapshot is being written: once
    // it is, the state is read from the store anew.
    bool stale = false;
    std::optional<log::Claim> claim;           // while Taking
    std::function<void(const Status&)> taken;  // while Taking
    std::function<void()> left;                // while Leaving
    // A deque would allocate a node for each, at this size.
    boost::circular_buffer<Pending> pending;
    std::deque<Repeat> repeats;
    std::size_t appends = 0;
    // Sealed, but the log's queue was full: it goes first. Its frame is a copy, so that the next
    // commit can be opened meanwhile.
    std::optional<log::SealedCommit> refused;
    std::vector<std::uint64_t> refused_frame;
    // Outbox of this partition, read back from the log once durable.
    std::unique_ptr<log::CommitCursor> outbox;
    std::vector<Pending> waiting_for_copies;
    // The newest commit that holds an inbox position of each source, per source.
    std::vector<std::pair<log::OutboxSequence, log::CommitIndex>> consumed_in;
    bool snapshot_under_way = false;
    bool snapshot_packs = false;  // some of its aggregates are not in it yet
    bool snapshot_waits = false;  // for its commits to be durable
    log::CommitIndex snapshot_commit;
    StateBatch snapshot;
    std::int64_t last_snapshot_us = 0;
  };

  static bool is_led(const Slot& slot) {
    return slot.role == PartitionRole::Leading || slot.role == PartitionRole::Leaving;
  }
  PartitionId id_of(const Slot& slot) const {
    return PartitionId(static_cast<std::uint32_t>(&slot - slots_.data()));
  }
  Status claim_all();
  Status follow_all();
  void make_partition(Slot& slot);
  Status start_following(Slot& slot);
  Result<bool> follow(Slot& slot);
  Status read_outboxes();
  void note_consumed(Slot& slot);
  void continue_taking(Slot& slot);
  void begin_reign(Slot& slot);
  void continue_leaving(Slot& slot);
  void lose(Slot& slot, const Error& why);
  void drop_speculative_state(Slot& slot);
  void answer_unknown(Slot& slot, const Error& why);

  Slot& slot_of(const schema::CommandEnvelope& command);
  void answer_unavailable(const schema::CommandEnvelope& command, AnswerDone& done, Outcome outcome,
                          std::string reason);
  bool refuse_early(const schema::CommandEnvelope& command, AnswerDone& done);
  void refuse_blocked(const schema::CommandEnvelope& command, AnswerDone& done);
  void refuse_not_leading(const Slot& slot, const schema::CommandEnvelope& command,
                          AnswerDone& done);
  void decide_once(Slot& slot, const schema::CommandEnvelope& command,
                   std::span<const std::uint8_t> bytes, AnswerDone done);
  void decide(Slot& slot, const schema::CommandEnvelope& command, AnswerDone done);
  bool answer_repeat(Slot& slot, const schema::CommandEnvelope& command, log::CommitIndex commit,
                     AnswerDone& done);
  void answer_when_durable(Slot& slot, Pending pending);
  void observe_business_time(TimestampUs at);
  void fire_timers();

  void schedule_flush();
  void flush();
  void append(Slot& slot);
  bool offer(Slot& slot, const log::SealedCommit& sealed);
  void keep_refused(Slot& slot, const log::SealedCommit& sealed);
  // The log takes no more, and enough waits for it: nothing further is decided.
  bool is_blocked(const Slot& slot) const {
    return slot.refused && slot.partition->open_bytes() > options_.limits.commit_bytes_target;
  }
  void on_durable(std::uint32_t partition, std::uint64_t reign, log::CommitIndex commit,
                  const Status& status);
  void release_answers(Slot& slot);
  void release_copies();
  void deliver_outbox();
  bool deliver_from(std::uint32_t source);
  void maybe_snapshot(Slot& slot, bool now);
  void pack_snapshot(Slot& slot, std::size_t aggregates_max);
  void hand_over_snapshot(std::uint32_t partition);
  void on_snapshot_written(std::uint32_t partition, const Status& status);
  void fail(const Error& why);
  void continue_stop();
  std::size_t unsaved() const;
  void publish_stats();

  EngineOptions options_;
  log::EventLog& log_;
  StateStore& store_;
  const Clock& wall_clock_;
  DataClock* data_clock_;
  Loop& loop_;
  std::vector<Slot> slots_;
  std::unique_ptr<SnapshotWriter> snapshot_writer_;
  std::size_t in_flight_ = 0;
  bool flush_scheduled_ = false;
  bool delivery_scheduled_ = false;
  bool stopping_ = false;
  bool store_flush_under_way_ = false;
  std::function<void(Status)> stopped_;
  std::optional<Error> failure_;
  std::function<void(const Error&)> on_failure_;
  std::function<void(PartitionId, const Error&)> on_lost_;
  EngineStats counters_;
  mutable std::mutex stats_mutex_;
  EngineStats published_;
  std::vector<PartitionStatus> published_partitions_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace orderlog::runtime
