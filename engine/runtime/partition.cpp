// Deciding: a command, its events, and the cascade of follow-up commands in the same commit.
#include "engine/runtime/partition.h"

#include "engine/fulfilment/react.h"
#include "events/base/ensure.h"

namespace orderlog::runtime {
namespace {

constexpr std::uint16_t schema_version = 1;
constexpr std::uint32_t copy_command_index = 0x4000'0000;
constexpr std::uint32_t reply_command_index = 0x2000'0000;

std::string_view view(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

Uuid value_or_nil(const Uuid* uuid) { return uuid == nullptr ? Uuid() : *uuid; }

// Follow-ups of an import are part of the import, except for the steps that only the engine takes.
schema::Authority authority_of(const schema::CommandEnvelope& command, Partition::Origin origin) {
  if (origin == Partition::Origin::Client) return command.authority();
  return command.authority() == schema::Authority::Import && !is_engine_only(command)
             ? schema::Authority::Import
             : schema::Authority::System;
}

// What the state or a role refused where money, stock or authority is at stake (domain.md 4.22). A
// command that is wrong in itself, or came too late for the version it named, leaves nothing
// behind.
bool is_refusal_worth_auditing(schema::AnyEvent kind, const engine::Rejection& rejection) {
  switch (rejection.code) {
    case engine::RejectionCode::Forbidden:
      return true;
    case engine::RejectionCode::InvalidArgument:
    case engine::RejectionCode::VersionConflict:
    case engine::RejectionCode::NotFound:
    case engine::RejectionCode::EngineOnly:
      return false;
    default:
      return kind == schema::AnyEvent::CreditEvents || kind == schema::AnyEvent::ApprovalEvents ||
             kind == schema::AnyEvent::StockEvents;
  }
}

}  // namespace

Partition::Partition(PartitionContext context)
    : context_(context),
      cache_(context.id, context.store, context.policy,
             {context.limits.state_cache_bytes / context.partition_count,
              context.limits.hot_state_bytes_max / context.partition_count}),
      dedup_(context.limits.dedup),
      outbox_(context.partition_count),
      inbox_(context.partition_count + 1) {
  for (std::uint32_t source = 0; source < inbox_.size(); ++source) {
    inbox_[source].source = PartitionId(source);
  }
}

Partition::~Partition() = default;

Result<Executed> Partition::execute(const schema::CommandEnvelope& command, Origin origin) {
  Executed executed;
  if (auto status = execute_one(command, origin, executed); !status) return status.error();
  if (executed.rejection && origin == Origin::Client &&
      is_refusal_worth_auditing(executed.kind, *executed.rejection)) {
    schema::RecordRefusalT refusal;
    refusal.audit_id = "refusals";
    refusal.command = std::string(command_type_name(command));
    refusal.aggregate = ops_of(executed.kind).name;
    refusal.refused_id = std::string(aggregate_id_of(command));
    refusal.code = std::to_string(static_cast<int>(executed.rejection->code));
    refusal.reason = executed.rejection->detail;
    engine::Outgoing refusals;
    refusals.send(std::move(refusal));
    cause_.command = &command;
    cause_.commands = reply_command_index;
    dispatch(refusals, value_or_nil(command.command_id()));
  }
  if (auto status = run_cascade(executed); !status) return status.error();
  executed.position = Sequence(next_seq_.value - 1);
  return executed;
}

Status Partition::run_cascade(Executed& root) {
  std::size_t steps = 0;
  while (!cascade_.empty()) {
    ORDERLOG_ENSURE(++steps <= context_.limits.cascade_commands_max,
                    "follow-up commands without end");
    CommandBuffer buffer = std::move(cascade_.front());
    cascade_.pop_front();
    const auto& command = *flatbuffers::GetRoot<schema::CommandEnvelope>(buffer.data());
    Executed executed;
    ++internal_commands_;
    if (auto status = execute_one(command, Origin::Internal, executed); !status) return status;
    if (executed.rejection) note_internal_rejection(command, *executed.rejection);
    for (const auto& copy : executed.copies) root.copies.push_back(copy);
    spare_buffers_.push_back(std::move(buffer));
  }
  return Status();
}

Status Partition::execute_one(const schema::CommandEnvelope& command, Origin origin,
                              Executed& executed) {
  const auto kind = kind_of(command.payload_type());
  const auto& ops = ops_of(kind);
  auto loaded = cache_.load(kind, aggregate_id_of(command));
  if (!loaded) return loaded.error();
  CachedAggregate& aggregate = **loaded;
  executed.kind = kind;
  executed.version = aggregate.version;

  if (origin == Origin::Client && is_engine_only(command)) {
    executed.rejection = engine::Rejection{engine::RejectionCode::EngineOnly, "",
                                           "only the engine gives this command"};
    return Status();
  }
  if (command.expected_version().has_value() && *command.expected_version() != aggregate.version) {
    executed.current_version = aggregate.version;
    executed.rejection =
        engine::Rejection{engine::RejectionCode::VersionConflict, "",
                          "expected version " + std::to_string(*command.expected_version()) +
                              ", it is at " + std::to_string(aggregate.version)};
    return Status();
  }

  const engine::Context context{.aggregate_id = aggregate.id,
                                .version = aggregate.version,
                                .occurred_at = command.occurred_at(),
                                .actor = view(command.actor()),
                                .role = command.role(),
                                .authority = authority_of(command, origin),
                                .policy = context_.policy,
                                .reference = *this};
  cause_ = Cause{&command, &aggregate, 0, 0};
  executed_ = origin == Origin::Client ? &executed : nullptr;
  failure_ = Status();
  engine::Outgoing replies;
  const std::uint64_t version_before = aggregate.version;
  executed.rejection = ops.decide(*aggregate.state, command.payload(), context, *this, replies);
  executed_ = nullptr;
  if (!failure_) return failure_;
  if (!replies.empty()) {
    cause_.commands = reply_command_index;
    dispatch(replies, value_or_nil(command.command_id()));
  }
  executed.version = aggregate.version;
  if (aggregate.version != version_before) copy_reference(aggregate, executed);
  return Status();
}

flatbuffers::FlatBufferBuilder& Partition::builder() {
  event_builder_.Clear();
  return event_builder_;
}

void Partition::event(schema::AnyEvent kind, flatbuffers::Offset<void> payload) {
  if (!failure_) return;
  CachedAggregate& aggregate = *cause_.aggregate;
  append_envelope(kind, payload, aggregate.id, aggregate.version + 1);
  const auto bytes = writer_.event(writer_.event_count() - 1);
  const auto& event = *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
  failure_ = apply(event, aggregate);
  if (!failure_) return;
  if (cause_.events == 0 && cause_.command->fingerprint() != 0) {
    dedup_.add(*cause_.command->command_id(), open_commit(), recorded_at_);
  }
  ++cause_.events;
  if (executed_ != nullptr) {
    executed_->events.push_back(
        {std::string(event_type_name(event)), Sequence(event.seq()), *event.event_id()});
  }
  follow_up(event);
}

void Partition::append_envelope(schema::AnyEvent kind, flatbuffers::Offset<void> payload,
                                std::string_view aggregate_id, std::uint64_t version) {
  if (writer_.empty() || recorded_at_ == 0) recorded_at_ = context_.wall_clock.now();
  const auto* command = cause_.command;
  auto& b = event_builder_;
  const auto id = b.CreateString(aggregate_id.data(), aggregate_id.size());
  const auto actor_text = command == nullptr ? std::string_view("engine") : view(command->actor());
  const auto actor = b.CreateString(actor_text.data(), actor_text.size());
  const auto tenant_text = command == nullptr ? std::string_view() : view(command->tenant());
  const auto tenant =
      tenant_text.empty() ? 0 : b.CreateString(tenant_text.data(), tenant_text.size());
  const Uuid command_id = command == nullptr ? Uuid() : value_or_nil(command->command_id());
  const Uuid event_id = derive_uuid(command_id, cause_.events);
  const Uuid correlation = command == nullptr ? Uuid() : value_or_nil(command->correlation_id());
  const Uuid causation = command == nullptr ? Uuid() : value_or_nil(command->causation_id());
  schema::EnvelopeBuilder envelope(b);
  envelope.add_seq(next_seq_.value);
  envelope.add_term(term_.value);
  envelope.add_aggregate_version(version);
  envelope.add_occurred_at(command == nullptr ? recorded_at_ : command->occurred_at());
  envelope.add_recorded_at(recorded_at_);
  envelope.add_event_id(&event_id);
  envelope.add_command_id(&command_id);
  envelope.add_correlation_id(&correlation);
  envelope.add_causation_id(&causation);
  if (command != nullptr) envelope.add_command_fingerprint(command->fingerprint());
  envelope.add_partition(context_.id.value);
  envelope.add_aggregate_id(id);
  envelope.add_actor(actor);
  if (!tenant.IsNull()) envelope.add_tenant(tenant);
  envelope.add_payload(payload);
  envelope.add_schema_version(schema_version);
  if (command != nullptr) {
    envelope.add_role(command->role());
    envelope.add_authority(command->authority());
  }
  envelope.add_payload_type(kind);
  b.Finish(envelope.Finish(), schema::EnvelopeIdentifier());
  writer_.append_event({b.GetBufferPointer(), b.GetSize()});
  next_seq_ = next_seq_.next();
}

// The one way in which state changes, live and in replay.
Status Partition::apply(const schema::Envelope& event, CachedAggregate& aggregate) {
  const auto& ops = ops_of(event.payload_type());
  const engine::EventMeta meta{.aggregate_id = aggregate.id,
                               .version = event.aggregate_version(),
                               .occurred_at = event.occurred_at(),
                               .actor = view(event.actor()),
                               .role = event.role(),
                               .authority = event.authority()};
  cache_.before_change(aggregate);
  ops.evolve(*aggregate.state, event.payload(), meta);
  aggregate.version = event.aggregate_version();
  business_time_ = std::max(business_time_, event.occurred_at());
  cache_.mark_dirty(aggregate);
  note_due(aggregate);
  return Status();
}

void Partition::follow_up(const schema::Envelope& event) {
  outgoing_.clear();
  engine::react(event, outgoing_);
  if (!outgoing_.empty()) dispatch(outgoing_, *event.event_id());
}

// Numbers the commands, so that a second delivery has the same ids, and puts each on its way.
void Partition::dispatch(engine::Outgoing& outgoing, const Uuid& cause_id) {
  for (auto& command : outgoing.commands()) {
    const auto& packed = pack_command(
        command, derive_uuid(cause_id, reply_command_index + cause_.commands++), cause_id);
    const PartitionId target = partition_of(aggregate_id_of(packed), context_.partition_count);
    if (target != context_.id) {
      send(target);
      continue;
    }
    CommandBuffer buffer;
    if (!spare_buffers_.empty()) {
      buffer = std::move(spare_buffers_.back());
      spare_buffers_.pop_back();
    }
    buffer.assign(command_builder_.GetBufferPointer(),
                  command_builder_.GetBufferPointer() + command_builder_.GetSize());
    cascade_.push_back(std::move(buffer));
  }
}

const schema::CommandEnvelope& Partition::pack_command(schema::AnyCommandUnion& command,
                                                       const Uuid& command_id,
                                                       const Uuid& causation_id) {
  const auto& cause = *cause_.command;
  auto& b = command_builder_;
  b.Clear();
  const auto payload = command.Pack(b);
  const auto actor = b.CreateSharedString("engine");
  const auto tenant_text = view(cause.tenant());
  const auto tenant =
      tenant_text.empty() ? 0 : b.CreateString(tenant_text.data(), tenant_text.size());
  const Uuid correlation = value_or_nil(cause.correlation_id());
  schema::CommandEnvelopeBuilder envelope(b);
  envelope.add_occurred_at(cause.occurred_at());
  envelope.add_command_id(&command_id);
  envelope.add_correlation_id(&correlation);
  envelope.add_causation_id(&causation_id);
  envelope.add_payload(payload);
  envelope.add_actor(actor);
  if (!tenant.IsNull()) envelope.add_tenant(tenant);
  envelope.add_authority(cause.authority() == schema::Authority::Import
                             ? schema::Authority::Import
                             : schema::Authority::System);
  envelope.add_payload_type(command.type);
  b.Finish(envelope.Finish());
  return *flatbuffers::GetRoot<schema::CommandEnvelope>(b.GetBufferPointer());
}

log::OutboxSequence Partition::send(PartitionId target) {
  auto& sequence = outbox_[target.value];
  sequence = sequence.next();
  writer_.append_outbox(target, sequence,
                        {command_builder_.GetBufferPointer(), command_builder_.GetSize()});
  return sequence;
}

// Master data are needed for decisions everywhere: each other partition gets a copy of the new
// state.
void Partition::copy_reference(const CachedAggregate& aggregate, Executed& executed) {
  if (context_.partition_count == 1) return;
  if (partition_of(aggregate.id, context_.partition_count) != context_.id) return;
  schema::AnyCommandUnion command;
  if (aggregate.kind == schema::AnyEvent::CustomerEvents) {
    schema::CopyCustomerT copy;
    copy.customer_id = aggregate.id;
    copy.state = std::make_unique<schema::CustomerStateT>(
        static_cast<const StateOf<engine::CustomerAggregate>&>(*aggregate.state).value);
    copy.state->home_version = aggregate.version;
    schema::CustomerCommandsT wrapper;
    wrapper.command.Set(std::move(copy));
    command.Set(std::move(wrapper));
  } else if (aggregate.kind == schema::AnyEvent::ProductEvents) {
    schema::CopyProductT copy;
    copy.product_id = aggregate.id;
    copy.state = std::make_unique<schema::ProductStateT>(
        static_cast<const StateOf<engine::ProductAggregate>&>(*aggregate.state).value);
    copy.state->home_version = aggregate.version;
    schema::ProductCommandsT wrapper;
    wrapper.command.Set(std::move(copy));
    command.Set(std::move(wrapper));
  } else {
    return;
  }
  const Uuid cause_id = value_or_nil(cause_.command->command_id());
  for (std::uint32_t target = 0; target < context_.partition_count; ++target) {
    if (PartitionId(target) == context_.id) continue;
    pack_command(command, derive_uuid(cause_id, copy_command_index + target), cause_id);
    executed.copies.emplace_back(PartitionId(target), send(PartitionId(target)));
  }
}

Status Partition::consume(PartitionId source, log::OutboxSequence sequence,
                          log::CommitIndex source_commit, const schema::CommandEnvelope& command) {
  auto& position = inbox_[source.value];
  if (sequence <= position.consumed) return Status();
  ORDERLOG_ENSURE(sequence == position.consumed.next(),
                  "a command of another partition's outbox is missing");
  auto executed = execute(command, Origin::Internal);
  if (!executed) return executed.error();
  ++internal_commands_;
  if (executed->rejection) note_internal_rejection(command, *executed->rejection);
  position.consumed = sequence;
  position.source_commit = source_commit;
  writer_.set_inbox_position(position);
  return Status();
}

void Partition::set_inbox_offset(std::int64_t next) {
  auto& position = inbox_.back();
  position.consumed = log::OutboxSequence(static_cast<std::uint64_t>(next));
  writer_.set_inbox_position(position);
}

std::pair<log::OutboxSequence, log::CommitIndex> Partition::consumed(PartitionId source) const {
  return {inbox_[source.value].consumed, inbox_[source.value].source_commit};
}

void Partition::note_internal_rejection(const schema::CommandEnvelope& command,
                                        const engine::Rejection& rejection) {
  ++internal_rejections_;
  last_internal_rejection_ = std::string(command_type_name(command)) + " " +
                             std::string(aggregate_id_of(command)) + ": " + rejection.detail;
}

const schema::ProductStateT* Partition::product(std::string_view product_id) const {
  const auto* found = reference(schema::AnyEvent::ProductEvents, product_id);
  return found == nullptr ? nullptr
                          : &static_cast<const StateOf<engine::ProductAggregate>&>(*found).value;
}

const schema::CustomerStateT* Partition::customer(std::string_view customer_id) const {
  const auto* found = reference(schema::AnyEvent::CustomerEvents, customer_id);
  return found == nullptr ? nullptr
                          : &static_cast<const StateOf<engine::CustomerAggregate>&>(*found).value;
}

// What cannot be read is not unknown: whatever is decided without it does not count.
const AnyState* Partition::reference(schema::AnyEvent kind, std::string_view id) const {
  auto loaded = cache_.load(kind, id);
  if (!loaded) {
    failure_ = loaded.error();
    return nullptr;
  }
  return (*loaded)->version == 0 ? nullptr : (*loaded)->state.get();
}

log::SealedCommit Partition::seal() {
  auto sealed = writer_.seal(context_.id, end_, term_,
                             recorded_at_ == 0 ? context_.wall_clock.now() : recorded_at_);
  ORDERLOG_ENSURE(sealed.ok(), "a commit exceeds the limits of the log");
  end_ = sealed->end();
  recorded_at_ = 0;
  return *sealed;
}

void Partition::reset_commit() { writer_.reset(); }

}  // namespace orderlog::runtime
