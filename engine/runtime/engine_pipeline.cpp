// The way of a commit: gathered while the disk works, sealed, appended, durable; then its answers
// go out, its commands for other partitions are delivered, and its state may be saved.
#include <algorithm>
#include <cstring>

#include "engine/runtime/engine_impl.h"
#include "events/base/ensure.h"
#include "events/base/planted_bug.h"

namespace orderlog::runtime {

// At the end of what the loop is doing now: commands that arrived together share a commit.
void EngineImpl::schedule_flush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    flush_scheduled_ = false;
    flush();
  });
}

void EngineImpl::flush() {
  for (auto& slot : slots_) {
    if (failure_) return;
    if (is_led(slot)) append(slot);
    maybe_snapshot(slot, stopping_);
    slot.partition->trim();
  }
  if (stopping_) continue_stop();
}

void EngineImpl::append(Slot& slot) {
  if (slot.refused) {
    const log::SealedCommit first = *slot.refused;
    if (!offer(slot, first)) return;
    slot.refused.reset();
  }
  if (!slot.partition->has_open_commit()) return;
  const bool large = slot.partition->open_bytes() > options_.limits.commit_bytes_target;
  if (slot.appends >= options_.limits.appends_in_flight_max && !large) return;
  const log::SealedCommit sealed = slot.partition->seal();
  for (std::uint32_t source = 0; source < slots_.size() && slots_.size() > 1; ++source) {
    const auto consumed = slot.partition->consumed(PartitionId(source)).first;
    if (consumed != slot.consumed_in[source].first)
      slot.consumed_in[source] = {consumed, sealed.header.index};
  }
  const std::uint64_t reign = slot.reign;
  const bool taken = offer(slot, sealed);
  if (slot.reign != reign || failure_) return;
  if (!taken) keep_refused(slot, sealed);
  slot.partition->reset_commit();
}

// False: not now, or the partition was lost over it.
bool EngineImpl::offer(Slot& slot, const log::SealedCommit& sealed) {
  const auto id = sealed.header.partition.value;
  const auto index = sealed.header.index;
  // The log may answer when this engine is gone: nothing of it is touched outside the loop.
  const auto status =
      log_.append({&sealed, 1}, [this, &loop = loop_, id, reign = slot.reign, index,
                                 alive = std::weak_ptr<bool>(alive_)](const Status& s) {
        loop.post([this, id, reign, index, alive, status = s] {
          if (!alive.expired()) on_durable(id, reign, index, status);
        });
      });
  if (!status) {
    // The log's queue is full: the commit goes first when the next append is done.
    if (status.error().code == ErrorCode::Unavailable && !log_.stats().failed) return false;
    lose(slot, status.error());
    return false;
  }
  ++slot.appends;
  ++counters_.commits;
  return true;
}

void EngineImpl::keep_refused(Slot& slot, const log::SealedCommit& sealed) {
  slot.refused_frame.resize((sealed.frame.size() + 7) / 8);
  std::memcpy(slot.refused_frame.data(), sealed.frame.data(), sealed.frame.size());
  slot.refused = sealed;
  slot.refused->frame = {reinterpret_cast<const std::uint8_t*>(slot.refused_frame.data()),
                         sealed.frame.size()};
}

void EngineImpl::on_durable(std::uint32_t partition, std::uint64_t reign, log::CommitIndex commit,
                            const Status& status) {
  Slot& slot = slots_[partition];
  if (failure_ || slot.reign != reign) return;
  --slot.appends;
  if (!status && !ORDERLOG_PLANTED(RetryAfterFailedSync)) {
    lose(slot, status.error());
    if (stopping_) continue_stop();
    return;
  }
  slot.durable = std::max(slot.durable, commit);
  release_answers(slot);
  if (slot.snapshot_waits && slot.snapshot_commit <= slot.durable) hand_over_snapshot(partition);
  if (slots_.size() > 1) {
    release_copies();
    deliver_outbox();
  }
  schedule_flush();
  if (slot.role == PartitionRole::Leaving) continue_leaving(slot);
  if (stopping_) continue_stop();
}

void EngineImpl::release_answers(Slot& slot) {
  while (!slot.pending.empty() && slot.pending.front().commit <= slot.durable) {
    Pending pending = std::move(slot.pending.front());
    slot.pending.pop_front();
    if (!pending.copies.empty()) {
      slot.waiting_for_copies.push_back(std::move(pending));
      continue;
    }
    --in_flight_;
    pending.done(pending.answer);
  }
  while (!slot.repeats.empty() && slot.repeats.front().commit <= slot.durable) {
    Repeat repeat = std::move(slot.repeats.front());
    slot.repeats.pop_front();
    --in_flight_;
    const auto& command = *flatbuffers::GetRoot<schema::CommandEnvelope>(repeat.command.data());
    if (!answer_repeat(slot, command, repeat.commit, repeat.done))
      decide(slot, command, std::move(repeat.done));
  }
}

// Master data: whoever heard the answer may use it on every partition.
void EngineImpl::release_copies() {
  for (std::uint32_t source = 0; source < slots_.size(); ++source) {
    auto& waiting = slots_[source].waiting_for_copies;
    std::erase_if(waiting, [&](Pending& pending) {
      for (const auto& [target, sequence] : pending.copies) {
        const auto& [consumed, commit] = slots_[target.value].consumed_in[source];
        if (consumed < sequence || commit > slots_[target.value].durable) return false;
      }
      --in_flight_;
      pending.done(pending.answer);
      return true;
    });
  }
}

void EngineImpl::deliver_outbox() {
  bool more = false;
  for (std::uint32_t source = 0; source < slots_.size() && !failure_; ++source)
    more |= deliver_from(source);
  if (!more || delivery_scheduled_ || failure_) return;
  delivery_scheduled_ = true;
  loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    delivery_scheduled_ = false;
    deliver_outbox();
    schedule_flush();
  });
}

// Reads one durable commit's commands for others. True if there may be more.
bool EngineImpl::deliver_from(std::uint32_t source) {
  if (!slots_[source].outbox) return false;
  for (const auto& target : slots_) {
    // Goes on when an append is done.
    if (target.role == PartitionRole::Leading && is_blocked(target)) return false;
  }
  auto commit = slots_[source].outbox->next();
  if (!commit) {
    fail(commit.error());
    return false;
  }
  if (!*commit) return false;
  for (const auto entry : (*commit)->outbox()) {
    flatbuffers::Verifier verifier(entry.command.data(), entry.command.size(), 64, 1'000'000);
    if (!verifier.VerifyBuffer<schema::CommandEnvelope>(nullptr)) {
      fail(error(ErrorCode::Corrupt,
                 "an unreadable command in the outbox of partition " + std::to_string(source)));
      return false;
    }
    const auto& command = *flatbuffers::GetRoot<schema::CommandEnvelope>(entry.command.data());
    Slot& target = slots_[entry.target.value];
    if (target.role != PartitionRole::Leading) continue;
    const auto status =
        target.partition->consume(PartitionId(source), entry.sequence, (*commit)->index(), command);
    if (!status) {
      fail(status.error());
      return false;
    }
  }
  // Not in between: what is lost by an append is not read on.
  for (auto& target : slots_) {
    if (target.role == PartitionRole::Leading &&
        target.partition->open_bytes() > options_.limits.commit_bytes_target) {
      append(target);
    }
  }
  schedule_flush();
  return true;
}

// ---- state --------------------------------------------------------------------------------------

void EngineImpl::maybe_snapshot(Slot& slot, bool now) {
  Partition& partition = *slot.partition;
  const std::size_t per_turn = now ? SIZE_MAX : options_.limits.snapshot_aggregates_per_turn;
  if (slot.snapshot_packs) return pack_snapshot(slot, per_turn);
  if (slot.stale || slot.snapshot_under_way || partition.has_open_commit() || slot.refused ||
      partition.unsaved() == 0)
    return;
  const auto wall = wall_clock_.now();
  const auto waited = wall - slot.last_snapshot_us;
  // Well before commands are refused for it.
  const std::size_t many = std::min(options_.limits.snapshot_aggregates,
                                    options_.limits.unsaved_aggregates_max / (2 * slots_.size()));
  // Below zero: the clock was set back, and must not put it off by as much.
  const bool due =
      partition.unsaved() >= many || waited < 0 || waited >= options_.limits.snapshot_interval_us;
  if (!due && !now) return;
  slot.snapshot_under_way = slot.snapshot_packs = true;
  slot.last_snapshot_us = wall;
  slot.snapshot_commit = partition.end().last_commit;
  partition.begin_snapshot();
  pack_snapshot(slot, per_turn);
}

// The rest in the next turns, between commands.
void EngineImpl::pack_snapshot(Slot& slot, std::size_t aggregates_max) {
  if (!slot.partition->pack_snapshot(aggregates_max)) return schedule_flush();
  slot.snapshot_packs = false;
  slot.snapshot_waits = true;
  slot.snapshot = slot.partition->take_snapshot();
  if (slot.snapshot_commit <= slot.durable || ORDERLOG_PLANTED(ApplyBeforeCommit)) {
    hand_over_snapshot(static_cast<std::uint32_t>(&slot - slots_.data()));
  }
}

void EngineImpl::hand_over_snapshot(std::uint32_t partition) {
  Slot& slot = slots_[partition];
  slot.snapshot_waits = false;
  ++counters_.snapshots;
  snapshot_writer_->write(std::move(slot.snapshot),
                          [this, partition, alive = std::weak_ptr<bool>(alive_)](const Status& s) {
                            loop_.post([this, partition, alive, status = s] {
                              if (!alive.expired()) on_snapshot_written(partition, status);
                            });
                          });
  slot.snapshot.clear();
}

void EngineImpl::on_snapshot_written(std::uint32_t partition, const Status& status) {
  if (failure_) return;
  if (!status) return fail(status.error());
  Slot& slot = slots_[partition];
  slot.snapshot_under_way = false;
  if (slot.stale) return drop_speculative_state(slot);
  slot.partition->snapshot_written();
  slot.partition->trim();
  if (stopping_) continue_stop();
}

// ---- the end ------------------------------------------------------------------------------------

void EngineImpl::continue_stop() {
  if (!stopped_ || failure_ || store_flush_under_way_) return;
  for (auto& slot : slots_) {
    if (is_led(slot)) append(slot);
    maybe_snapshot(slot, true);
    if (failure_) return;
    if (slot.stale) continue;
    if (slot.appends > 0 || slot.refused || slot.snapshot_under_way ||
        slot.partition->has_open_commit() || slot.partition->unsaved() > 0) {
      return;
    }
  }
  store_flush_under_way_ = true;
  snapshot_writer_->flush([this, alive = std::weak_ptr<bool>(alive_)](const Status& s) {
    loop_.post([this, alive, status = s] {
      if (alive.expired() || !stopped_) return;
      publish_stats();
      auto stopped = std::move(stopped_);
      stopped_ = nullptr;
      stopped(status);
    });
  });
}

// What is on its way may or may not be in the log: nobody can say before it is read again.
void EngineImpl::fail(const Error& why) {
  if (failure_) return;
  failure_ = why;
  publish_stats();
  for (auto& slot : slots_) {
    answer_unknown(slot, why);
    if (slot.taken) std::exchange(slot.taken, nullptr)(why);
    if (slot.left) std::exchange(slot.left, nullptr)();
  }
  in_flight_ = 0;
  if (on_failure_) on_failure_(why);
  if (stopped_) {
    auto stopped = std::move(stopped_);
    stopped_ = nullptr;
    stopped(why);
  }
}

}  // namespace orderlog::runtime
