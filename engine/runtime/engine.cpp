// Commands in, answers out. The way of a commit to the log and back is in engine_pipeline.cpp.
#include "engine/runtime/engine.h"

#include <algorithm>

#include "engine/runtime/engine_impl.h"
#include "events/base/ensure.h"
#include "events/base/planted_bug.h"

namespace orderlog::runtime {
namespace {

constexpr std::size_t pending_capacity_min = 64;  // answers

Uuid value_or_nil(const Uuid* uuid) { return uuid == nullptr ? Uuid() : *uuid; }

std::vector<std::uint8_t> empty_command() {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CreateCommandEnvelope(builder));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace

Answer answer_for(const schema::CommandEnvelope& command) {
  Answer answer;
  answer.command_id = value_or_nil(command.command_id());
  if (has_payload(command)) answer.aggregate = ops_of(kind_of(command.payload_type())).name;
  answer.aggregate_id = std::string(aggregate_id_of(command));
  return answer;
}

EngineImpl::EngineImpl(EngineOptions options, log::EventLog& log, StateStore& store,
                       const Clock& wall_clock, DataClock* data_clock, Loop& loop)
    : options_(std::move(options)),
      log_(log),
      store_(store),
      wall_clock_(wall_clock),
      data_clock_(data_clock),
      loop_(loop),
      snapshot_writer_(std::make_unique<SnapshotWriter>(store, options_.background)) {}

EngineImpl::~EngineImpl() { *alive_ = false; }

Status EngineImpl::start() {
  slots_.resize(log_.partition_count());
  if (auto status = options_.claim_all ? claim_all() : follow_all(); !status) return status;
  if (auto status = read_outboxes(); !status) return status;
  publish_stats();
  schedule_flush();
  return Status();
}

Status EngineImpl::claim_all() {
  for (auto& slot : slots_) {
    auto claim = log_.claim(id_of(slot));
    if (!claim) return claim.error();
    make_partition(slot);
    if (auto status = slot.partition->restore(log_); !status) return status;
    counters_.replayed_events += slot.partition->replayed_events();
    slot.claim = *claim;
    begin_reign(slot);
  }
  return Status();
}

TimestampUs EngineImpl::business_now() const {
  return data_clock_ != nullptr ? data_clock_->now() : wall_clock_.now();
}

EngineImpl::Slot& EngineImpl::slot_of(const schema::CommandEnvelope& command) {
  return slots_[partition_of(aggregate_id_of(command), partition_count()).value];
}

void EngineImpl::answer_unavailable(const schema::CommandEnvelope& command, AnswerDone& done,
                                    Outcome outcome, std::string reason) {
  ++counters_.commands_unavailable;
  Answer answer = answer_for(command);
  answer.outcome = outcome;
  answer.reason = std::move(reason);
  done(answer);
}

bool EngineImpl::refuse_early(const schema::CommandEnvelope& command, AnswerDone& done) {
  if (failure_) {
    answer_unavailable(command, done, Outcome::Stopping,
                       "the log has failed: " + failure_->message);
  } else if (stopping_) {
    answer_unavailable(command, done, Outcome::Stopping, "the server is stopping");
  } else if (in_flight_ >= options_.limits.commands_in_flight_max) {
    answer_unavailable(command, done, Outcome::Unavailable,
                       "too many commands are waiting for the log");
  } else if (unsaved() >= options_.limits.unsaved_aggregates_max) {
    answer_unavailable(command, done, Outcome::Unavailable, "the state store is behind");
  } else if (!has_payload(command) || aggregate_id_of(command).empty() ||
             command.command_id() == nullptr) {
    Answer answer = answer_for(command);
    answer.outcome = Outcome::Rejected;
    answer.rejection = engine::Rejection{engine::RejectionCode::InvalidArgument, "",
                                         "the command is empty or has no id"};
    done(answer);
  } else if (aggregate_id_of(command).size() > options_.limits.aggregate_id_bytes_max) {
    Answer answer = answer_for(command);
    answer.outcome = Outcome::Rejected;
    answer.rejection = engine::Rejection{
        engine::RejectionCode::LimitExceeded, "",
        "an id is at most " + std::to_string(options_.limits.aggregate_id_bytes_max) +
            " bytes long"};
    done(answer);
  } else if (command.occurred_at() > wall_clock_.now() + options_.limits.clock_skew_max_us) {
    Answer answer = answer_for(command);
    answer.outcome = Outcome::Rejected;
    answer.rejection = engine::Rejection{engine::RejectionCode::InvalidArgument, "/occurred_at",
                                         "business time lies in the future"};
    done(answer);
  } else {
    return false;
  }
  return true;
}

void EngineImpl::submit(std::span<const std::uint8_t> bytes, AnswerDone done) {
  const auto& command = *flatbuffers::GetRoot<schema::CommandEnvelope>(bytes.data());
  if (refuse_early(command, done)) return;
  observe_business_time(command.occurred_at());
  if (failure_) return answer_unavailable(command, done, Outcome::Unknown, failure_->message);
  Slot& slot = slot_of(command);
  if (slot.role != PartitionRole::Leading) return refuse_not_leading(slot, command, done);
  if (is_blocked(slot)) return refuse_blocked(command, done);
  decide_once(slot, command, bytes, std::move(done));
}

// A command that was decided before gets its first answer.
void EngineImpl::decide_once(Slot& slot, const schema::CommandEnvelope& command,
                             std::span<const std::uint8_t> bytes, AnswerDone done) {
  if (command.fingerprint() != 0 && !ORDERLOG_PLANTED(NoDeduplication)) {
    if (const auto commit = slot.partition->decided_in(value_or_nil(command.command_id()))) {
      if (*commit > slot.durable) {
        ++in_flight_;
        slot.repeats.push_back(
            {*commit, std::vector<std::uint8_t>(bytes.begin(), bytes.end()), std::move(done)});
        return;
      }
      if (answer_repeat(slot, command, *commit, done)) return;
    }
  }
  decide(slot, command, std::move(done));
}

void EngineImpl::submit_from_inbox(PartitionId partition, std::int64_t finished,
                                   std::span<const std::uint8_t> bytes, AnswerDone done) {
  static const std::vector<std::uint8_t> nothing = empty_command();
  const auto& command =
      *flatbuffers::GetRoot<schema::CommandEnvelope>(bytes.empty() ? nothing.data() : bytes.data());
  if (!bytes.empty() && refuse_early(command, done)) return;
  if (!bytes.empty()) observe_business_time(command.occurred_at());
  Slot& slot = slots_[partition.value];
  if (failure_) return answer_unavailable(command, done, Outcome::Unknown, failure_->message);
  if (slot.role != PartitionRole::Leading) return refuse_not_leading(slot, command, done);
  if (is_blocked(slot)) return refuse_blocked(command, done);
  if (finished > slot.partition->inbox_offset()) slot.partition->set_inbox_offset(finished);
  if (!bytes.empty()) {
    ORDERLOG_ENSURE(&slot_of(command) == &slot, "a command in the inbox of another partition");
    return decide_once(slot, command, bytes, std::move(done));
  }
  Answer answer = answer_for(command);
  answer.partition = partition;
  answer_when_durable(slot, {{}, std::move(answer), std::move(done), {}});
}

void EngineImpl::refuse_not_leading(const Slot& slot, const schema::CommandEnvelope& command,
                                    AnswerDone& done) {
  ++counters_.commands_unavailable;
  Answer answer = answer_for(command);
  answer.outcome = Outcome::NotLeading;
  answer.partition = id_of(slot);
  // Its own address: it led last, and nobody does just now.
  const std::string& leader = slot.partition->leader_address();
  if (leader != options_.advertised_address) answer.leader_address = leader;
  answer.reason = "partition " + std::to_string(answer.partition.value) +
                  (answer.leader_address.empty() ? " has no leader at the moment"
                                                 : " is led by " + answer.leader_address);
  done(answer);
}

void EngineImpl::refuse_blocked(const schema::CommandEnvelope& command, AnswerDone& done) {
  answer_unavailable(command, done, Outcome::Unavailable, "the log takes no more at the moment");
}

void EngineImpl::decide(Slot& slot, const schema::CommandEnvelope& command, AnswerDone done) {
  auto executed = slot.partition->execute(command, Partition::Origin::Client);
  if (!executed) {
    fail(executed.error());
    return answer_unavailable(command, done, Outcome::Unknown, executed.error().message);
  }
  Pending pending;
  pending.done = std::move(done);
  pending.answer = answer_for(command);
  pending.answer.version = executed->version;
  pending.answer.partition = id_of(slot);
  pending.answer.position = executed->position;
  pending.answer.events = std::move(executed->events);
  pending.copies = std::move(executed->copies);
  if (executed->rejection) {
    ++counters_.commands_rejected;
    pending.answer.outcome = Outcome::Rejected;
    pending.answer.rejection = std::move(executed->rejection);
    pending.answer.current_version = executed->current_version;
  } else {
    ++counters_.commands_accepted;
  }
  answer_when_durable(slot, std::move(pending));
  if (slot.partition->open_bytes() > options_.limits.commit_bytes_target) append(slot);
}

// A rejection waits too: what it was decided on may not be durable yet. And where others may have
// taken the lead unnoticed, what was decided without a commit is only known to be right when one
// that was written afterwards is durable.
void EngineImpl::answer_when_durable(Slot& slot, Pending pending) {
  const Partition& partition = *slot.partition;
  if (!options_.claim_all && !partition.has_open_commit()) slot.partition->open_empty_commit();
  pending.commit =
      partition.has_open_commit() ? partition.open_commit() : partition.end().last_commit;
  if (ORDERLOG_PLANTED(AckBeforeSync)) {
    schedule_flush();
    return pending.done(pending.answer);
  }
  if (pending.commit <= slot.durable) {
    pending.done(pending.answer);
    return;
  }
  ++in_flight_;
  auto& waiting = slot.pending;
  if (waiting.full()) {
    waiting.set_capacity(std::max(pending_capacity_min, 2 * waiting.capacity()));
  }
  waiting.push_back(std::move(pending));
  schedule_flush();
}

// The first answer, read back from the log. False: the commit does not hold this command (another
// id has its hash).
bool EngineImpl::answer_repeat(Slot& slot, const schema::CommandEnvelope& command,
                               log::CommitIndex commit, AnswerDone& done) {
  const PartitionId partition = id_of(slot);
  const Uuid id = value_or_nil(command.command_id());
  auto cursor = log_.read(partition, commit);
  auto found = cursor ? (*cursor)->next() : Result<std::optional<log::CommitView>>(cursor.error());
  if (!found || !*found) {
    answer_unavailable(command, done, Outcome::Unknown,
                       "the first answer cannot be read from the log");
    return true;
  }
  Answer answer = answer_for(command);
  answer.partition = partition;
  answer.replayed = true;
  bool same_body = true;
  bool ours = false;
  bool seen = false;
  Uuid correlation;  // of all that followed from it
  for (const auto bytes : (*found)->events()) {
    const auto& event = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
    const bool root =
        event.command_fingerprint() != 0 || *event.causation_id() == *event.command_id();
    if (*event.command_id() == id) {
      seen = ours = true;
      correlation = value_or_nil(event.correlation_id());
      answer.version = event.aggregate_version();
      answer.aggregate_id = event.aggregate_id()->str();
      answer.aggregate = ops_of(event.payload_type()).name;
      answer.events.push_back(
          {std::string(event_type_name(event)), Sequence(event.seq()), *event.event_id()});
      same_body = event.command_fingerprint() == command.fingerprint();
    } else if (root || value_or_nil(event.correlation_id()) != correlation) {
      ours = false;  // what another partition sent for another command has no root here
    }
    if (ours) answer.position = Sequence(event.seq());
  }
  if (!seen) return false;
  ++counters_.commands_replayed;
  if (!same_body) {
    answer.outcome = Outcome::KeyReused;
    answer.events.clear();
    answer.reason = "this command id was used before with another body";
  }
  done(answer);
  return true;
}

void EngineImpl::observe_business_time(TimestampUs at) {
  if (data_clock_ != nullptr && data_clock_->observe(at)) fire_timers();
}

void EngineImpl::fire_timers() {
  const TimestampUs now = business_now();
  const bool all = data_clock_ != nullptr;  // before anything that happened later
  for (auto& slot : slots_) {
    while (!failure_ && slot.role == PartitionRole::Leading && !is_blocked(slot)) {
      auto fired = slot.partition->fire_timers(now, options_.limits.timers_per_round);
      if (!fired) return fail(fired.error());
      if (*fired > 0) schedule_flush();
      if (!all || *fired == 0) break;
      if (slot.partition->open_bytes() > options_.limits.commit_bytes_target) append(slot);
    }
  }
}

void EngineImpl::tick() {
  if (failure_) return;
  look();
  if (!stopping_) fire_timers();
  flush();
  publish_stats();
}

void EngineImpl::stop(std::function<void(Status)> stopped) {
  stopping_ = true;
  // After a failure nothing can be written any more; what is durable is found again by replay.
  if (failure_) return stopped(*failure_);
  stopped_ = std::move(stopped);
  flush();
}

EngineStats EngineImpl::stats() const {
  const std::lock_guard lock(stats_mutex_);
  return published_;
}

std::size_t EngineImpl::unsaved() const {
  std::size_t sum = 0;
  for (const auto& slot : slots_) sum += slot.partition->unsaved();
  return sum;
}

void EngineImpl::publish_stats() {
  EngineStats stats = counters_;
  stats.in_flight = in_flight_;
  stats.business_time_us = business_now();
  stats.failed = failure_.has_value();
  for (const auto& slot : slots_) {
    const Partition& partition = *slot.partition;
    stats.events += partition.end().last_seq.value;
    stats.internal_commands += partition.internal_commands();
    stats.internal_rejections += partition.internal_rejections();
    if (!partition.last_internal_rejection().empty())
      stats.last_internal_rejection = partition.last_internal_rejection();
    stats.timers_fired += partition.timers_fired();
    stats.cached_aggregates += partition.cache().size();
    stats.cached_bytes += partition.cache().bytes();
    stats.dedup_commands += partition.dedup_size();
  }
  std::vector<PartitionStatus> partitions;
  for (const auto& slot : slots_) {
    partitions.push_back({slot.role, slot.partition->leader_address(),
                          log_.durable_end(id_of(slot)).term, slot.partition->end().last_commit});
  }
  const std::lock_guard lock(stats_mutex_);
  published_ = std::move(stats);
  published_partitions_ = std::move(partitions);
}

std::vector<PartitionStatus> EngineImpl::partitions() const {
  const std::lock_guard lock(stats_mutex_);
  return published_partitions_;
}

Result<std::unique_ptr<Engine>> open_engine(EngineOptions options, log::EventLog& log,
                                            StateStore& store, const Clock& wall_clock,
                                            DataClock* data_clock, Loop& loop) {
  auto engine =
      std::make_unique<EngineImpl>(std::move(options), log, store, wall_clock, data_clock, loop);
  if (auto status = engine->start(); !status) return status.error();
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace orderlog::runtime
