// What a partition keeps beyond memory and across restarts: snapshots, recovery, and timers.
#include <algorithm>
#include <cstring>
#include <iterator>

#include "engine/runtime/partition.h"
#include "events/base/ensure.h"
#include "events/base/planted_bug.h"
#include "events/schema/runtime_generated.h"

namespace orderlog::runtime {
namespace {

// A shorter tail is replayed before a thread has begun.
constexpr std::uint64_t read_ahead_events_min = 1'000;
// The replay waits for them at first: most of what it changes it changes early.
constexpr std::size_t read_ahead_threads = 2;

}  // namespace

// ---- snapshots ----------------------------------------------------------------------------------

void Partition::begin_snapshot() {
  ORDERLOG_ENSURE(writer_.empty(), "a snapshot of a state that is ahead of its commits");
  cache_.begin_snapshot();
  StateBatch& batch = snapshot_rest_;
  for (auto chunk = dedup_.take_unsaved(); !chunk.empty(); chunk.clear()) {
    dedup_chunks_.emplace_back(dedup_next_chunk_, chunk.size() / 24);
    batch.emplace_back(dedup_key(context_.id, dedup_next_chunk_++), std::move(chunk));
  }
  while (!dedup_chunks_.empty() &&
         dedup_.evicted() - dedup_evicted_seen_ >= dedup_chunks_.front().second) {
    dedup_evicted_seen_ += dedup_chunks_.front().second;
    batch.emplace_back(dedup_key(context_.id, dedup_chunks_.front().first), std::nullopt);
    dedup_chunks_.pop_front();
  }
  dedup_first_chunk_ = dedup_chunks_.empty() ? dedup_next_chunk_ : dedup_chunks_.front().first;
  save_applied(batch);
}

StateBatch Partition::take_snapshot() {
  StateBatch batch = cache_.take_snapshot();
  std::move(snapshot_rest_.begin(), snapshot_rest_.end(), std::back_inserter(batch));
  snapshot_rest_.clear();
  return batch;
}

StateBatch Partition::snapshot() {
  begin_snapshot();
  (void)pack_snapshot(SIZE_MAX);
  return take_snapshot();
}

void Partition::save_applied(StateBatch& batch) {
  schema::AppliedPositionT applied;
  applied.commit = end_.last_commit.value;
  applied.seq = end_.last_seq.value;
  applied.hash.assign(end_.last_hash.begin(), end_.last_hash.end());
  applied.leader_claims = leader_claims_;
  applied.leader_address = leader_address_;
  for (std::uint32_t target = 0; target < outbox_.size(); ++target) {
    if (outbox_[target].value == 0) continue;
    auto counter = std::make_unique<schema::OutboxCounterT>();
    counter->target = target;
    counter->sequence = outbox_[target].value;
    applied.outbox.push_back(std::move(counter));
  }
  for (const auto& position : inbox_) {
    if (position.consumed.value == 0) continue;
    auto cursor = std::make_unique<schema::InboxCursorT>();
    cursor->source = position.source.value;
    cursor->consumed = position.consumed.value;
    cursor->source_commit = position.source_commit.value;
    applied.inbox.push_back(std::move(cursor));
  }
  applied.dedup_first_chunk = dedup_first_chunk_;
  applied.dedup_next_chunk = dedup_next_chunk_;
  applied.business_time = business_time_;
  applied.partition_count = context_.partition_count;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::AppliedPosition::Pack(builder, &applied));
  batch.emplace_back(
      applied_key(context_.id),
      std::string(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()));
}

// ---- recovery -----------------------------------------------------------------------------------

Status Partition::load(const log::LogReader& log) {
  if (auto status = load_position(log); !status) return status;
  return load_dedup();
}

Status Partition::load_position(const log::LogReader& log) {
  end_ = log::empty_end(context_.id, context_.partition_count);
  next_seq_ = Sequence(1);
  auto stored = context_.store.get(applied_key(context_.id));
  if (!stored) return stored.error();
  const auto durable = log.durable_end(context_.id);
  const std::string where = "partition " + std::to_string(context_.id.value);
  if (*stored) {
    const std::string& bytes = **stored;
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                   bytes.size());
    if (!verifier.VerifyBuffer<schema::AppliedPosition>(nullptr)) {
      return error(ErrorCode::Corrupt,
                   where + ": the state store's position is unreadable; remove the state folder");
    }
    schema::AppliedPositionT applied;
    flatbuffers::GetRoot<schema::AppliedPosition>(bytes.data())->UnPackTo(&applied);
    if (applied.commit > durable.last_commit.value) {
      return error(ErrorCode::Corrupt,
                   where + ": the state has seen commit " + std::to_string(applied.commit) +
                       " but the log ends at " + std::to_string(durable.last_commit.value) +
                       "; the log has lost data and is sealed");
    }
    end_.last_commit = log::CommitIndex(applied.commit);
    end_.last_seq = Sequence(applied.seq);
    if (applied.hash.size() == end_.last_hash.size()) {
      std::copy(applied.hash.begin(), applied.hash.end(), end_.last_hash.begin());
    }
    next_seq_ = Sequence(applied.seq + 1);
    leader_claims_ = applied.leader_claims;
    leader_address_ = applied.leader_address;
    for (const auto& counter : applied.outbox)
      outbox_[counter->target] = log::OutboxSequence(counter->sequence);
    for (const auto& cursor : applied.inbox) {
      inbox_[cursor->source] = {PartitionId(cursor->source), log::OutboxSequence(cursor->consumed),
                                log::CommitIndex(cursor->source_commit)};
    }
    dedup_first_chunk_ = applied.dedup_first_chunk;
    dedup_next_chunk_ = applied.dedup_next_chunk;
    business_time_ = applied.business_time;
  }
  return Status();
}

Status Partition::restore(log::LogReader& log) {
  if (auto status = load_position(log); !status) return status;
  const auto durable = log.durable_end(context_.id);
  const std::uint64_t events = durable.last_seq.value - end_.last_seq.value;
  if (context_.threads && events >= read_ahead_events_min) {
    auto started =
        ReadAhead::start(log, context_.id, end_.last_commit, cache_.reader(), read_ahead_threads);
    if (!started) return started.error();
    read_ahead_ = std::move(*started);
  }
  Status restored = load_dedup();
  if (restored) restored = replay_tail(log, durable);
  read_ahead_.reset();
  return restored;
}

Status Partition::replay_tail(log::LogReader& log, const log::LogEnd& durable) {
  auto cursor = log.read(context_.id, end_.last_commit.next());
  if (!cursor) return cursor.error();
  (*cursor)->check_hashes(true);
  while (end_.last_commit < durable.last_commit) {
    auto commit = (*cursor)->next();
    if (!commit) return commit.error();
    ORDERLOG_ENSURE(commit->has_value(), "the log is shorter than its own end");
    if (auto status = replay(**commit); !status) return status;
    if (unsaved() >= context_.limits.snapshot_aggregates * 8) {
      if (auto status = context_.store.write(snapshot()); !status) return status;
      snapshot_written();
      trim();
    }
  }
  return Status();
}

Status Partition::load_dedup() {
  const auto [from, to] = section_range(context_.id, 'D');
  bool readable = true;
  std::uint64_t chunk = dedup_first_chunk_;
  auto status = context_.store.scan(from, to, [&](std::string_view, std::string_view value) {
    readable = dedup_.load(value);
    dedup_chunks_.emplace_back(chunk++, value.size() / 24);
    return readable;
  });
  if (!status) return status;
  if (!readable)
    return error(ErrorCode::Corrupt,
                 "the idempotency window is unreadable; remove the state folder");
  return Status();
}

Status Partition::replay(const log::CommitView& commit) {
  if (commit.header().prev_hash != end_.last_hash) {
    return error(ErrorCode::Corrupt, "partition " + std::to_string(context_.id.value) +
                                         ": commit " + std::to_string(commit.index().value) +
                                         " does not follow what the state has seen");
  }
  for (const auto bytes : commit.events()) {
    const auto& event = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
    if (event.seq() != next_seq_.value) {
      return error(ErrorCode::Corrupt, "event " + std::to_string(event.seq()) + " where " +
                                           std::to_string(next_seq_.value) + " was due");
    }
    next_seq_ = next_seq_.next();
    ++replayed_events_;
    if (event.payload_type() == schema::AnyEvent::SystemEvents) {
      leader_claims_ = event.aggregate_version();
      note_leader(event);
      continue;
    }
    if (event.payload_type() == schema::AnyEvent::NONE ||
        event.payload_type() > schema::AnyEvent::MAX) {
      return error(ErrorCode::Unsupported,
                   "event " + std::to_string(event.seq()) +
                       " was written by a newer version of the engine; upgrade this one");
    }
    auto loaded = find_to_replay(event);
    if (!loaded) return loaded.error();
    if (auto status = apply(event, **loaded); !status) return status;
    if (event.command_fingerprint() != 0 && dedup_.find(*event.command_id()) != commit.index()) {
      dedup_.add(*event.command_id(), commit.index(), event.recorded_at());
    }
  }
  for (const auto entry : commit.outbox()) outbox_[entry.target.value] = entry.sequence;
  for (const auto position : commit.inbox()) inbox_[position.source.value] = position;
  end_ = commit.end();
  return Status();
}

Result<CachedAggregate*> Partition::find_to_replay(const schema::Envelope& event) {
  const std::string_view id(event.aggregate_id()->c_str(), event.aggregate_id()->size());
  if (event.aggregate_version() == 1) return &cache_.load_new(event.payload_type(), id);
  if (!read_ahead_) return cache_.load(event.payload_type(), id);
  return cache_.load(event.payload_type(), id, [&] { return read_ahead_->take(event); });
}

void Partition::note_leader(const schema::Envelope& event) {
  const auto* events = event.payload_as_SystemEvents();
  const auto* claim = events == nullptr ? nullptr : events->event_as_LeaderClaim();
  if (claim != nullptr) leader_address_ = flatbuffers::GetString(claim->advertised_address());
}

void Partition::lead(Term term, std::string_view address, std::string_view version) {
  term_ = term;
  leader_address_ = std::string(address);
  cause_ = Cause{};
  event_builder_.Clear();
  const auto claim =
      schema::CreateLeaderClaimDirect(event_builder_, std::string(address).c_str(),
                                      std::string(version).c_str(), context_.partition_count);
  const auto wrapper =
      schema::CreateSystemEvents(event_builder_, schema::SystemEvent::LeaderClaim, claim.Union());
  append_envelope(schema::AnyEvent::SystemEvents, wrapper.Union(),
                  "partition-" + std::to_string(context_.id.value), ++leader_claims_);
}

// ---- timers -------------------------------------------------------------------------------------

void Partition::note_due(CachedAggregate& aggregate) {
  const auto due = ops_of(aggregate.kind).next_deadline(*aggregate.state, context_.policy);
  if (due == aggregate.due) return;
  const auto kind = static_cast<std::uint8_t>(aggregate.kind);
  if (aggregate.due && *aggregate.due < timer_window_end_)
    timers_.erase({*aggregate.due, kind, aggregate.id});
  aggregate.due = due;
  if (due && *due < timer_window_end_) timers_.insert({*due, kind, aggregate.id});
}

// Timers beyond the window lie in the store; those that changed since the last snapshot are with
// their aggregates.
Status Partition::widen_timer_window(TimestampUs now) {
  if (now < timer_window_end_) return Status();
  const TimestampUs from = timer_window_end_;
  const TimestampUs to = now + context_.limits.timer_window_us;
  const auto range_end = timer_key(context_.id, to, 0, "");
  const auto range_start = timer_key(context_.id, from, 0, "");
  auto status =
      context_.store.scan(range_start, range_end, [&](std::string_view key, std::string_view) {
        timers_.insert(parse_timer_key(key));
        return true;
      });
  if (!status) return status;
  timer_window_end_ = to;
  cache_.for_each_unsaved([&](const CachedAggregate& aggregate) {
    if (aggregate.due && *aggregate.due >= from && *aggregate.due < to) {
      timers_.insert({*aggregate.due, static_cast<std::uint8_t>(aggregate.kind), aggregate.id});
    }
  });
  return Status();
}

Result<std::size_t> Partition::fire_timers(TimestampUs now, std::size_t max) {
  if (auto status = widen_timer_window(now); !status) return status.error();
  const TimestampUs until = ORDERLOG_PLANTED(TimerFiredEarly) ? now + 7 * us_per_day : now;
  std::size_t fired = 0;
  while (fired < max && !timers_.empty() && timers_.begin()->due <= until) {
    const TimerKey timer = *timers_.begin();
    timers_.erase(timers_.begin());
    const auto kind = static_cast<schema::AnyEvent>(timer.kind);
    auto loaded = cache_.load(kind, timer.id);
    if (!loaded) return loaded.error();
    CachedAggregate& aggregate = **loaded;
    if (aggregate.due != timer.due) continue;  // it has moved since it was stored
    engine::Outgoing timer_commands;
    ops_of(kind).timer_command(timer.id, timer_commands);
    if (timer_commands.empty()) continue;
    schema::CommandEnvelopeT envelope;
    envelope.command_id = uuid_of_key("timer", std::string(ops_of(kind).name) + "/" + timer.id +
                                                   "/" + std::to_string(timer.due) + "/" +
                                                   std::to_string(aggregate.version));
    envelope.correlation_id = envelope.command_id;
    envelope.causation_id = envelope.command_id;
    envelope.occurred_at = timer.due;
    envelope.actor = "engine";
    envelope.authority = schema::Authority::System;
    envelope.payload = std::move(timer_commands.commands().front());
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::CommandEnvelope::Pack(builder, &envelope));
    auto executed =
        execute(*flatbuffers::GetRoot<schema::CommandEnvelope>(builder.GetBufferPointer()),
                Origin::Internal);
    if (!executed) return executed.error();
    ++fired;
    ++timers_fired_;
    if (executed->rejection) {
      note_internal_rejection(
          *flatbuffers::GetRoot<schema::CommandEnvelope>(builder.GetBufferPointer()),
          *executed->rejection);
    }
  }
  return fired;
}

}  // namespace orderlog::runtime
