// The engine of one process: its partitions, the commit pipeline between them and the log, answers,
// timers, the delivery of commands between partitions, and the state store. Must hold: 1. an answer
// goes out when its commit is durable, never before; 2. a command id takes effect once; 3. a failed
// append is final: what was on its way is answered Unknown, and the state that was ahead of the log
// is thrown away: with `claim_all` by stopping the process, else by losing the partition; 4. every
// bound answers at once. Thread rule: everything on the engine's thread (the Loop's), except
// stats(), partitions() and open().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/policy.h"
#include "engine/runtime/answer.h"
#include "engine/runtime/dedup_window.h"
#include "engine/runtime/loop.h"
#include "engine/runtime/state_store.h"
#include "events/base/clock.h"
#include "events/log/event_log.h"

namespace orderlog::runtime {

struct EngineLimits {
  // Bytes of an aggregate's id.
  std::size_t aggregate_id_bytes_max = 512;
  // Commands that wait for their commit to be durable; above, submit answers Unavailable.
  std::size_t commands_in_flight_max = 65'536;
  // Bytes of a commit after which the next command opens a new one.
  std::size_t commit_bytes_target = 256 * 1024;
  // Appends under way per partition; further commands gather in the open commit until it is that
  // large. Then the log's own queue is the bound: when it is full and another commit is that large,
  // submit answers Unavailable.
  std::size_t appends_in_flight_max = 4;
  // Follow-up commands of one command in its own partition; more is a bug.
  std::size_t cascade_commands_max = 100'000;
  // Aggregates changed since the last snapshot that trigger the next one, and how long one may
  // wait.
  std::size_t snapshot_aggregates = 16'384;
  std::int64_t snapshot_interval_us = 1'000'000;
  // Of a snapshot, packed before other work has its turn.
  std::size_t snapshot_aggregates_per_turn = 256;
  // Changed aggregates that are not in the store yet; above, submit answers Unavailable.
  std::size_t unsaved_aggregates_max = 200'000;
  // Memory for aggregates, all partitions together; and how much it may become for those that are
  // in use all the time. A million open orders take some 600 MB of it.
  std::size_t state_cache_bytes = 512 * 1024 * 1024;
  std::size_t hot_state_bytes_max = 4ULL * 1024 * 1024 * 1024;
  // Timers due within this business time are kept in memory, the others in the store.
  std::int64_t timer_window_us = 24LL * 3600 * 1'000'000;
  // Timers fired in one go before other work has its turn.
  std::size_t timers_per_round = 256;
  // How far a command's business time may lie ahead of the wall clock.
  std::int64_t clock_skew_max_us = 24LL * 3600 * 1'000'000;
  DedupLimits dedup;
};

struct EngineOptions {
  engine::Policy policy;
  EngineLimits limits;
  std::string advertised_address;
  std::string engine_version;
  // Claims every partition at opening, and none is ever given up. Off: every partition is followed,
  // and those that this node shall lead are taken and left one by one.
  bool claim_all = true;
  // Where state is written to the store, so that the engine's thread never waits for it; none: on a
  // thread of its own. Outlives the engine.
  Loop* background = nullptr;
};

enum class PartitionRole {
  Following,  // another node leads it, or none; its commits are replayed as they come
  Taking,     // claimed; what was written before is being replayed
  Leading,
  Leaving,  // no new commands; what is on its way becomes durable
};

// A partition as this node sees it.
struct PartitionStatus {
  PartitionRole role = PartitionRole::Following;
  // What the last LeaderClaim in the log says; empty and 0 when nobody has led yet.
  std::string leader_address;
  Term term;
  log::CommitIndex applied;
};

struct EngineStats {
  std::uint64_t commands_accepted = 0;
  std::uint64_t commands_rejected = 0;
  std::uint64_t commands_replayed = 0;
  std::uint64_t commands_unavailable = 0;
  std::uint64_t internal_commands = 0;
  // Follow-up commands that their aggregate refused: a sign of a broken flow.
  std::uint64_t internal_rejections = 0;
  std::string last_internal_rejection;
  std::uint64_t events = 0;
  std::uint64_t commits = 0;
  std::uint64_t timers_fired = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t cached_aggregates = 0;
  std::uint64_t cached_bytes = 0;
  std::uint64_t dedup_commands = 0;
  std::uint64_t replayed_events = 0;  // at start
  std::int64_t business_time_us = 0;
  bool failed = false;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Decides a command (a verified CommandEnvelope with id, time and actor filled in; borrowed for
  // the call). Engine-only commands are refused: they are never taken from outside.
  virtual void submit(std::span<const std::uint8_t> command, AnswerDone done) = 0;
  // A command of this partition from its inbox topic, as submit() takes it. `finished`: the records
  // of the topic before this offset are done with; it is part of the same commit, so that nobody
  // reads them again. What is read again after all has its id, and no second effect. Empty: only
  // `finished` is written down.
  virtual void submit_from_inbox(PartitionId partition, std::int64_t finished,
                                 std::span<const std::uint8_t> command, AnswerDone done) = 0;
  // Where to go on reading the inbox topic.
  virtual std::int64_t inbox_offset(PartitionId partition) const = 0;
  // Fires due timers, saves state. To be called every few milliseconds.
  virtual void tick() = 0;
  // Refuses new commands, lets the rest become durable, saves all state; then `stopped`.
  virtual void stop(std::function<void(Status)> stopped) = 0;

  // Where this node is reached, for the LeaderClaims from now on.
  virtual void advertise(std::string address) = 0;

  // ---- who leads (not with claim_all) ----------------------------------------------------------
  // Leads the partition with a claim that the log gave: replays up to it, announces the leader,
  // takes commands. `done` when it does, or when it was lost before.
  virtual void take(const log::Claim& claim, std::function<void(const Status&)> done) = 0;
  // Takes no more commands for the partition; `done` when all that was on its way is durable or
  // lost: then the claim may be given up. At once if it is not led.
  virtual void leave(PartitionId partition, std::function<void()> done) = 0;
  // A partition that was led and no longer is, without having been left: its claim is void.
  virtual void on_lost(std::function<void(PartitionId, const Error&)> lost) = 0;
  // The log has grown: follows the partitions that others lead, delivers what they send.
  virtual void look() = 0;
  // By partition. Any thread.
  virtual std::vector<PartitionStatus> partitions() const = 0;

  // Business time: the wall clock, or the greatest time seen in the data.
  virtual TimestampUs business_now() const = 0;
  virtual std::uint32_t partition_count() const = 0;
  // Any thread.
  virtual EngineStats stats() const = 0;
  // Set once when the log or the store has failed; the process should stop. Called on the engine's
  // thread.
  virtual void on_failure(std::function<void(const Error&)> failed) = 0;
};

// Claims every partition unless told otherwise, replays what the store does not have, announces the
// leader. `data_clock` not null: business time comes from the data. The loop outlives the log, the
// log and the store outlive the engine. Blocks. Errors: those of the log and the store; Corrupt
// when the log does not contain what the store has applied (the log has lost data: it is sealed,
// not continued).
Result<std::unique_ptr<Engine>> open_engine(EngineOptions options, log::EventLog& log,
                                            StateStore& store, const Clock& wall_clock,
                                            DataClock* data_clock, Loop& loop);

}  // namespace orderlog::runtime
