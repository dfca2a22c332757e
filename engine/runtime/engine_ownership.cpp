// Which partitions this node leads: following what others write, taking over, leaving, losing. A
// partition's state is at a durable commit while it is followed, ahead of it while it is led; who
// loses the lead reads the state anew from the store, which never holds anything else but what is
// durable.
#include <algorithm>
#include <utility>

#include "engine/runtime/engine_impl.h"
#include "events/base/ensure.h"

namespace orderlog::runtime {
namespace {

// Commits of a partition that are replayed before other work has its turn.
constexpr std::size_t follow_commits_per_round = 64;

}  // namespace

// ---- following ----------------------------------------------------------------------------------

Status EngineImpl::follow_all() {
  for (auto& slot : slots_) {
    make_partition(slot);
    if (auto status = slot.partition->restore(log_); !status) return status;
    counters_.replayed_events += slot.partition->replayed_events();
    if (auto status = start_following(slot); !status) return status;
  }
  return Status();
}

// An empty one; its restore() or load() fills it.
void EngineImpl::make_partition(Slot& slot) {
  slot.partition = std::make_unique<Partition>(
      PartitionContext{id_of(slot), partition_count(), options_.policy, options_.limits, store_,
                       wall_clock_, options_.background == nullptr});
  slot.last_snapshot_us = wall_clock_.now();
}

// From where the state is.
Status EngineImpl::start_following(Slot& slot) {
  slot.durable = slot.partition->end().last_commit;
  note_consumed(slot);
  auto cursor = log_.read(id_of(slot), slot.durable.next());
  if (!cursor) return cursor.error();
  slot.following = std::move(cursor).value();
  return Status();
}

// All of it is durable.
void EngineImpl::note_consumed(Slot& slot) {
  slot.consumed_in.resize(slots_.size());
  for (std::uint32_t source = 0; source < slots_.size(); ++source) {
    slot.consumed_in[source] = {slot.partition->consumed(PartitionId(source)).first,
                                slot.partition->end().last_commit};
  }
}

// Replays what became durable. True if there may be more.
Result<bool> EngineImpl::follow(Slot& slot) {
  for (std::size_t i = 0; i < follow_commits_per_round; ++i) {
    if (slot.claim && slot.durable >= slot.claim->end.last_commit) return false;
    auto commit = slot.following->next();
    if (!commit) return commit.error();
    if (!*commit) return false;
    if (auto status = slot.partition->replay(**commit); !status) return status.error();
    slot.durable = (*commit)->index();
    for (const auto position : (*commit)->inbox()) {
      if (position.source.value < slots_.size()) {
        slot.consumed_in[position.source.value] = {position.consumed, slot.durable};
      }
    }
  }
  return true;
}

void EngineImpl::look() {
  if (failure_ || stopping_ || options_.claim_all) return;
  bool more = false;
  for (auto& slot : slots_) {
    if (is_led(slot) || slot.stale) continue;
    auto followed = follow(slot);
    if (!followed) return fail(followed.error());
    more |= *followed;
    if (data_clock_ != nullptr) data_clock_->observe(slot.partition->business_time());
    if (slot.role == PartitionRole::Taking) continue_taking(slot);
    if (failure_) return;
  }
  if (slots_.size() > 1) {
    release_copies();
    deliver_outbox();
  }
  if (more) look_soon();
}

void EngineImpl::look_soon() {
  loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) look();
  });
}

// Where to go on reading what each partition sends, for all that are led here.
Status EngineImpl::read_outboxes() {
  if (slots_.size() == 1) return Status();
  for (std::uint32_t source = 0; source < slots_.size(); ++source) {
    slots_[source].outbox.reset();
    std::optional<log::CommitIndex> from;
    for (const auto& target : slots_) {
      if (target.role != PartitionRole::Leading || id_of(target).value == source) continue;
      const auto position = target.partition->consumed(PartitionId(source));
      const auto start = position.first.value == 0 ? log::CommitIndex(1) : position.second;
      from = std::min(from.value_or(start), start);
    }
    if (!from) continue;
    auto cursor = log_.read(PartitionId(source), *from);
    if (!cursor) return cursor.error();
    slots_[source].outbox = std::move(cursor).value();
  }
  return Status();
}

// ---- taking -------------------------------------------------------------------------------------

void EngineImpl::take(const log::Claim& claim, std::function<void(const Status&)> done) {
  if (failure_) return done(*failure_);
  if (stopping_) return done(error(ErrorCode::Unavailable, "the server is stopping"));
  Slot& slot = slots_[claim.partition.value];
  ORDERLOG_ENSURE(slot.role == PartitionRole::Following, "a partition that is taken twice");
  slot.role = PartitionRole::Taking;
  slot.claim = claim;
  slot.taken = std::move(done);
  look();
}

void EngineImpl::continue_taking(Slot& slot) {
  if (slot.durable < slot.claim->end.last_commit) return;
  if (slot.partition->end().last_hash != slot.claim->end.last_hash) {
    return fail(error(ErrorCode::Corrupt, "partition " + std::to_string(id_of(slot).value) +
                                              ": the state is not that of the claim"));
  }
  begin_reign(slot);
  if (auto status = read_outboxes(); !status) return fail(status.error());
  publish_stats();
  schedule_flush();
  if (slot.taken) std::exchange(slot.taken, nullptr)(Status());
}

// The state is at the end of the claim.
void EngineImpl::begin_reign(Slot& slot) {
  slot.following.reset();
  slot.durable = slot.partition->end().last_commit;
  note_consumed(slot);
  slot.role = PartitionRole::Leading;
  ++slot.reign;
  slot.partition->lead(slot.claim->term, options_.advertised_address, options_.engine_version);
  slot.claim.reset();
  if (data_clock_ != nullptr) data_clock_->observe(slot.partition->business_time());
}

// ---- leaving and losing -------------------------------------------------------------------------

void EngineImpl::leave(PartitionId partition, std::function<void()> done) {
  Slot& slot = slots_[partition.value];
  if (failure_ || slot.role == PartitionRole::Following) return done();
  ORDERLOG_ENSURE(slot.role != PartitionRole::Leaving, "a partition that is left twice");
  if (slot.role == PartitionRole::Taking) {
    slot.role = PartitionRole::Following;
    slot.claim.reset();
    auto taken = std::exchange(slot.taken, nullptr);
    taken(error(ErrorCode::Fenced, "left before it was taken"));
    return done();
  }
  slot.role = PartitionRole::Leaving;
  slot.left = std::move(done);
  append(slot);
  continue_leaving(slot);
}

void EngineImpl::continue_leaving(Slot& slot) {
  if (slot.role != PartitionRole::Leaving || slot.appends > 0 || slot.refused ||
      slot.partition->has_open_commit()) {
    return;
  }
  slot.role = PartitionRole::Following;
  if (auto status = start_following(slot); !status) return fail(status.error());
  if (auto status = read_outboxes(); !status) return fail(status.error());
  publish_stats();
  if (slot.left) std::exchange(slot.left, nullptr)();
}

// Its appends fail: another node leads, or the log does not know what became of them.
void EngineImpl::lose(Slot& slot, const Error& why) {
  if (options_.claim_all || log_.stats().failed) return fail(why);
  // First of all, so that a command that comes with the answers is refused.
  slot.role = PartitionRole::Following;
  ++slot.reign;
  in_flight_ -= slot.pending.size() + slot.repeats.size() + slot.waiting_for_copies.size();
  answer_unknown(slot, why);
  slot.appends = 0;
  slot.refused.reset();
  slot.following.reset();
  slot.stale = true;
  if (slot.snapshot_packs || slot.snapshot_waits) {
    // Of commits that may never be durable.
    slot.snapshot_packs = slot.snapshot_waits = slot.snapshot_under_way = false;
    slot.snapshot.clear();
  }
  if (!slot.snapshot_under_way) drop_speculative_state(slot);
  if (failure_) return;
  if (auto status = read_outboxes(); !status) return fail(status.error());
  publish_stats();
  if (slot.left) {
    std::exchange(slot.left, nullptr)();
  } else if (on_lost_) {
    on_lost_(id_of(slot), why);
  }
}

// It may have been claimed again meanwhile: that goes on from here.
void EngineImpl::drop_speculative_state(Slot& slot) {
  slot.stale = false;
  make_partition(slot);
  if (auto status = slot.partition->load(log_); !status) return fail(status.error());
  if (auto status = start_following(slot); !status) return fail(status.error());
  if (slot.role == PartitionRole::Taking) look_soon();
}

// What is on its way may or may not be in the log: nobody can say before it is read again.
void EngineImpl::answer_unknown(Slot& slot, const Error& why) {
  for (auto& pending : std::exchange(slot.pending, boost::circular_buffer<Pending>())) {
    pending.answer.outcome = Outcome::Unknown;
    pending.answer.reason = why.message;
    pending.done(pending.answer);
  }
  for (auto& pending : std::exchange(slot.waiting_for_copies, {})) pending.done(pending.answer);
  for (auto& repeat : std::exchange(slot.repeats, {})) {
    Answer answer =
        answer_for(*flatbuffers::GetRoot<schema::CommandEnvelope>(repeat.command.data()));
    answer.outcome = Outcome::Unknown;
    answer.reason = why.message;
    repeat.done(answer);
  }
}

}  // namespace orderlog::runtime
