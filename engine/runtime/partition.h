// One partition: a deterministic state machine with a single writer. Commands come in, events
// gather in the open commit together with the commands for other partitions, and state follows each
// event at once (speculatively: nothing leaves the engine before the commit is durable). Engine's
// thread only.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/answer.h"
#include "engine/runtime/dedup_window.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/read_ahead.h"
#include "engine/runtime/state_cache.h"
#include "events/log/commit.h"
#include "events/log/commit_writer.h"

namespace orderlog::runtime {

struct PartitionContext {
  PartitionId id;
  std::uint32_t partition_count;
  const engine::Policy& policy;
  const EngineLimits& limits;
  StateStore& store;
  const Clock& wall_clock;
  // Recovery may use threads of its own.
  bool threads = false;
};

// What became of one command and of everything that followed from it here.
struct Executed {
  std::optional<engine::Rejection> rejection;
  std::optional<std::uint64_t> current_version;
  schema::AnyEvent kind{};
  std::uint64_t version = 0;
  std::vector<AnsweredEvent> events;
  Sequence position;
  // Commands for other partitions that must take effect before the client may rely on them: copies
  // of master data.
  std::vector<std::pair<PartitionId, log::OutboxSequence>> copies;
};

class Partition final : private EventSink, private engine::ReferenceData {
 public:
  explicit Partition(PartitionContext context);
  ~Partition() override;

  // ---- recovery -------------------------------------------------------------------------------
  // Reads what the store has. Errors: the store's; Corrupt when it is ahead of the log.
  Status load(const log::LogReader& log);
  // load(), then replays the rest of the log. Errors: the log's, too.
  Status restore(log::LogReader& log);
  // Starts the new term with a LeaderClaim in the open commit.
  void lead(Term term, std::string_view address, std::string_view version);
  // The next durable commit. Errors: Corrupt (also: it does not follow what the state has seen),
  // Unsupported (an event of a newer version).
  Status replay(const log::CommitView& commit);
  // Of the last LeaderClaim that was replayed or written here.
  const std::string& leader_address() const { return leader_address_; }

  // ---- commands -------------------------------------------------------------------------------
  enum class Origin { Client, Internal };
  // Decides the command and, in the same commit, all that follows from it in this partition.
  // Errors: the store's (fatal).
  Result<Executed> execute(const schema::CommandEnvelope& command, Origin origin);
  // A command from another partition's outbox. No effect when it was consumed before.
  Status consume(PartitionId source, log::OutboxSequence sequence, log::CommitIndex source_commit,
                 const schema::CommandEnvelope& command);
  // The records of the inbox topic before this offset are done with: part of the open commit.
  void set_inbox_offset(std::int64_t next);
  // Makes the open commit worth writing although nothing happened: it says no more than before.
  void open_empty_commit() { set_inbox_offset(inbox_offset()); }
  // Where to go on reading the inbox topic; 0 at first.
  std::int64_t inbox_offset() const {
    return static_cast<std::int64_t>(inbox_.back().consumed.value);
  }
  // The commit in which this command id was decided.
  std::optional<log::CommitIndex> decided_in(const Uuid& command_id) const {
    return dedup_.find(command_id);
  }
  // Fires up to `max` timers that are due at `now`; how many there were. Errors: the store's.
  Result<std::size_t> fire_timers(TimestampUs now, std::size_t max);

  // ---- commits --------------------------------------------------------------------------------
  bool has_open_commit() const { return !writer_.empty(); }
  std::size_t open_bytes() const { return writer_.frame_bytes(); }
  // The index that the open commit will get.
  log::CommitIndex open_commit() const { return end_.last_commit.next(); }
  // Closes the open commit. It stays valid until reset_commit().
  log::SealedCommit seal();
  void reset_commit();
  const log::LogEnd& end() const { return end_; }

  // ---- state ----------------------------------------------------------------------------------
  // Aggregates that changed since the last snapshot began.
  std::size_t unsaved() const { return cache_.dirty(); }
  // Everything that changed since the last snapshot, consistent with end() as it is at the
  // beginning; the open commit must be empty. Packed in as many calls as one likes, while commands
  // go on.
  void begin_snapshot();
  bool pack_snapshot(std::size_t aggregates_max) { return cache_.pack_snapshot(aggregates_max); }
  StateBatch take_snapshot();
  // The same at once.
  StateBatch snapshot();
  void snapshot_written() { cache_.snapshot_written(); }
  void trim() { cache_.trim(); }
  const StateCache& cache() const { return cache_; }
  std::size_t dedup_size() const { return dedup_.size(); }
  std::uint64_t replayed_events() const { return replayed_events_; }
  TimestampUs business_time() const { return business_time_; }
  // How far the outbox of `source` has taken effect here, and the source's commit to go on reading
  // from.
  std::pair<log::OutboxSequence, log::CommitIndex> consumed(PartitionId source) const;
  std::uint64_t internal_rejections() const { return internal_rejections_; }
  std::uint64_t internal_commands() const { return internal_commands_; }
  const std::string& last_internal_rejection() const { return last_internal_rejection_; }
  std::uint64_t timers_fired() const { return timers_fired_; }

 private:
  struct Cause {
    const schema::CommandEnvelope* command = nullptr;
    CachedAggregate* aggregate = nullptr;
    std::uint32_t events = 0;
    std::uint32_t commands = 0;
  };
  using CommandBuffer = std::vector<std::uint8_t>;

  // EventSink
  flatbuffers::FlatBufferBuilder& builder() override;
  void event(schema::AnyEvent kind, flatbuffers::Offset<void> payload) override;
  // ReferenceData
  const schema::ProductStateT* product(std::string_view product_id) const override;
  const schema::CustomerStateT* customer(std::string_view customer_id) const override;
  const AnyState* reference(schema::AnyEvent kind, std::string_view id) const;

  Status execute_one(const schema::CommandEnvelope& command, Origin origin, Executed& executed);
  Status run_cascade(Executed& root);
  void append_envelope(schema::AnyEvent kind, flatbuffers::Offset<void> payload,
                       std::string_view aggregate_id, std::uint64_t version);
  Status apply(const schema::Envelope& event, CachedAggregate& aggregate);
  void follow_up(const schema::Envelope& event);
  void dispatch(engine::Outgoing& outgoing, const Uuid& cause_id);
  void copy_reference(const CachedAggregate& aggregate, Executed& executed);
  // Packs a command into command_builder_; its meta data come from the command under way.
  const schema::CommandEnvelope& pack_command(schema::AnyCommandUnion& command,
                                              const Uuid& command_id, const Uuid& causation_id);
  log::OutboxSequence send(PartitionId target);
  void note_due(CachedAggregate& aggregate);
  Status widen_timer_window(TimestampUs now);
  void note_internal_rejection(const schema::CommandEnvelope& command,
                               const engine::Rejection& rejection);
  Status load_position(const log::LogReader& log);
  Status load_dedup();
  Status replay_tail(log::LogReader& log, const log::LogEnd& durable);
  Result<CachedAggregate*> find_to_replay(const schema::Envelope& event);
  void note_leader(const schema::Envelope& event);
  void save_applied(StateBatch& batch);

  PartitionContext context_;
  mutable StateCache cache_;
  std::unique_ptr<ReadAhead> read_ahead_;  // while the tail is replayed
  DedupWindow dedup_;
  std::uint64_t dedup_first_chunk_ = 0;
  std::uint64_t dedup_next_chunk_ = 0;
  std::deque<std::pair<std::uint64_t, std::size_t>> dedup_chunks_;  // chunk number, entries
  std::uint64_t dedup_evicted_seen_ = 0;

  Term term_;
  log::LogEnd end_;
  log::CommitWriter writer_;
  Sequence next_seq_;
  TimestampUs recorded_at_ = 0;
  std::uint64_t leader_claims_ = 0;
  std::string leader_address_;
  std::vector<log::OutboxSequence> outbox_;  // by target: the last number given
  std::vector<log::InboxPosition> inbox_;    // by source; the last: the inbox topic

  std::set<TimerKey> timers_;
  TimestampUs timer_window_end_ = INT64_MIN;
  TimestampUs business_time_ = 0;

  StateBatch snapshot_rest_;  // of the snapshot under way: what are no aggregates

  // The command under way.
  Cause cause_;
  Executed* executed_ = nullptr;
  mutable Status failure_;
  engine::Outgoing outgoing_;
  flatbuffers::FlatBufferBuilder event_builder_;
  flatbuffers::FlatBufferBuilder command_builder_;
  std::deque<CommandBuffer> cascade_;
  std::vector<CommandBuffer> spare_buffers_;

  std::uint64_t internal_commands_ = 0;
  std::uint64_t internal_rejections_ = 0;
  std::string last_internal_rejection_;
  std::uint64_t timers_fired_ = 0;
  std::uint64_t replayed_events_ = 0;
};

}  // namespace orderlog::runtime
