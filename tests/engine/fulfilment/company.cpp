#include "tests/engine/fulfilment/company.h"

#include "engine/fulfilment/react.h"
#include "engine/order/status.h"

namespace orderlog::engine::test {

namespace {

using schema::Authority;

// More follow-ups of one command than any flow needs: something runs in a circle.
constexpr int follow_ups_max = 5'000;

std::string id_of(const schema::CommandEnvelope& command) {
  return std::string(runtime::aggregate_id_of(command));
}

}  // namespace

// Takes events as the runtime does: each is applied, kept, and its follow-ups queued.
struct Company::Sink final : runtime::EventSink {
  Sink(Company& owner, const Key& aggregate, Entry& changed, const schema::CommandEnvelope& cause,
       Authority by)
      : company(owner), key(aggregate), entry(changed), command(cause), authority(by) {}

  flatbuffers::FlatBufferBuilder& builder() override {
    builder_.Clear();
    return builder_;
  }
  void event(schema::AnyEvent kind, flatbuffers::Offset<void> payload) override {
    const auto id = builder_.CreateString(key.second);
    const auto actor = builder_.CreateString(command.actor()->str());
    schema::EnvelopeBuilder envelope(builder_);
    envelope.add_aggregate_id(id);
    envelope.add_aggregate_version(entry.version + 1);
    envelope.add_occurred_at(command.occurred_at());
    envelope.add_actor(actor);
    envelope.add_role(command.role());
    envelope.add_authority(command.authority());
    envelope.add_payload_type(kind);
    envelope.add_payload(payload);
    builder_.Finish(envelope.Finish());
    const auto* begin = builder_.GetBufferPointer();
    Recorded record{{begin, begin + builder_.GetSize()}};
    flatbuffers::Verifier verifier(record.bytes.data(), record.bytes.size());
    EXPECT_TRUE(verifier.VerifyBuffer<schema::Envelope>(nullptr));
    const auto& envelope_read = record.envelope();
    const EventMeta meta{
        key.second,     ++entry.version,    command.occurred_at(), command.actor()->c_str(),
        command.role(), command.authority()};
    runtime::ops_of(kind).evolve(*entry.state, envelope_read.payload(), meta);
    company.check_books(key, entry);
    Outgoing out;
    react(envelope_read, out);
    company.queue(out, command.authority());
    company.log_.push_back(std::move(record));
  }

  Company& company;
  const Key& key;
  Entry& entry;
  const schema::CommandEnvelope& command;
  Authority authority;
  flatbuffers::FlatBufferBuilder builder_;
};

// 2024-01-15 (a Monday) 09:00 UTC.
Company::Company() : now_(1'705'309'200LL * us_per_second) {}

Company& Company::as(std::string actor, schema::Role role, Authority authority) {
  actor_ = std::move(actor);
  role_ = role;
  authority_ = authority;
  return *this;
}

const schema::ProductStateT* Company::product(std::string_view id) const {
  const auto found = aggregates_.find({schema::AnyEvent::ProductEvents, std::string(id)});
  if (found == aggregates_.end()) return nullptr;
  return &static_cast<const runtime::StateOf<ProductAggregate>&>(*found->second.state).value;
}

const schema::CustomerStateT* Company::customer(std::string_view id) const {
  const auto found = aggregates_.find({schema::AnyEvent::CustomerEvents, std::string(id)});
  if (found == aggregates_.end()) return nullptr;
  return &static_cast<const runtime::StateOf<CustomerAggregate>&>(*found->second.state).value;
}

Company::Entry& Company::entry_of(const Key& key) {
  Entry& entry = aggregates_[key];
  if (!entry.state) entry.state = runtime::ops_of(key.first).create();
  return entry;
}

Company::Command Company::packed(schema::AnyCommandUnion& command, bool follow_up,
                                 Authority cause) {
  flatbuffers::FlatBufferBuilder builder;
  const auto payload = command.Pack(builder);
  const auto actor = builder.CreateString(follow_up ? "engine" : actor_);
  schema::CommandEnvelopeBuilder envelope(builder);
  envelope.add_occurred_at(now_);
  envelope.add_actor(actor);
  envelope.add_role(follow_up ? schema::Role::None : role_);
  const Authority inherited = cause == Authority::Import ? Authority::Import : Authority::System;
  envelope.add_authority(follow_up ? inherited : authority_);
  envelope.add_payload_type(command.type);
  envelope.add_payload(payload);
  builder.Finish(envelope.Finish());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

void Company::queue(Outgoing& out, Authority cause) {
  for (auto& command : out.commands()) waiting_.push_back(packed(command, true, cause));
}

std::optional<Rejection> Company::run(const Command& bytes) {
  const auto& command = *flatbuffers::GetRoot<schema::CommandEnvelope>(bytes.data());
  const Key key{runtime::kind_of(command.payload_type()), id_of(command)};
  Entry& entry = entry_of(key);
  // As the runtime does: follow-ups of an import are part of it, but for the engine's own steps.
  const bool engine_step = command.authority() == Authority::Import &&
                           command.actor()->str() == "engine" && runtime::is_engine_only(command);
  const Authority authority = engine_step ? Authority::System : command.authority();
  const Context context{key.second,
                        entry.version,
                        command.occurred_at(),
                        command.actor()->c_str(),
                        command.role(),
                        authority,
                        policy,
                        *this};
  Sink sink(*this, key, entry, command, authority);
  Outgoing replies;
  auto rejection =
      runtime::ops_of(key.first).decide(*entry.state, command.payload(), context, sink, replies);
  queue(replies, command.authority());
  return rejection;
}

void Company::run_until_quiet() {
  for (int i = 0; !waiting_.empty(); ++i) {
    ASSERT_LT(i, follow_ups_max) << "the follow-ups do not come to rest";
    const Command command = std::move(waiting_.front());
    waiting_.pop_front();
    const auto& envelope = *flatbuffers::GetRoot<schema::CommandEnvelope>(command.data());
    if (const auto rejection = run(command)) {
      internal_rejections_.push_back(std::string(runtime::command_type_name(envelope)) + " to " +
                                     id_of(envelope) + ": " + rejection->detail);
    }
  }
}

void Company::give_union(schema::AnyCommandUnion& command) {
  rejection_ = run(packed(command, false, authority_));
  run_until_quiet();
}

void Company::advance_to(TimestampUs time) {
  for (int fired = 0; fired < follow_ups_max; ++fired) {
    std::optional<TimestampUs> first;
    Key due;
    for (const auto& [key, entry] : aggregates_) {
      const auto at = runtime::ops_of(key.first).next_deadline(*entry.state, policy);
      if (at && *at <= time && (!first || *at < *first)) {
        first = at;
        due = key;
      }
    }
    if (!first) {
      now_ = std::max(now_, time);
      return;
    }
    now_ = std::max(now_, *first);
    Outgoing out;
    runtime::ops_of(due.first).timer_command(due.second, out);
    queue(out, Authority::System);
    run_until_quiet();
    const auto after = runtime::ops_of(due.first).next_deadline(*aggregates_.at(due).state, policy);
    ASSERT_TRUE(!after || *after > *first) << "the deadline of " << due.second << " did not move";
  }
  ADD_FAILURE() << "timers fire in a circle";
}

std::vector<std::string> Company::ids_of(schema::AnyEvent kind) const {
  std::vector<std::string> ids;
  for (const auto& [key, entry] : aggregates_) {
    if (key.first == kind && entry.version > 0) ids.push_back(key.second);
  }
  return ids;
}

void Company::check_books(const Key& key, const Entry& entry) const {
  if (key.first == schema::AnyEvent::OrderEvents) {
    const auto broken = order::check_invariants(
        static_cast<const runtime::StateOf<OrderAggregate>&>(*entry.state).value);
    EXPECT_EQ(broken, "") << "order " << key.second << " at version " << entry.version;
  }
  if (key.first == schema::AnyEvent::StockEvents) {
    const auto wrong =
        find_discrepancy(static_cast<const runtime::StateOf<StockAggregate>&>(*entry.state).value);
    EXPECT_FALSE(wrong) << key.second << ": " << *wrong;
  }
  if (key.first == schema::AnyEvent::CreditEvents) {
    const auto wrong =
        find_discrepancy(static_cast<const runtime::StateOf<CreditAggregate>&>(*entry.state).value);
    EXPECT_FALSE(wrong) << key.second << ": " << *wrong;
  }
}

std::string Company::discrepancy() const {
  std::string found;
  for (const auto& id : ids_of(schema::AnyEvent::OrderEvents)) {
    const auto& state = order(id);
    for (const auto& line : state.lines) {
      const auto& item =
          this->state<StockAggregate>(line->terms->product_id + "@" + line->terms->location);
      const auto* entry = item.ledger.find(id + "/" + std::to_string(line->terms->line));
      const std::int64_t reserved = entry == nullptr ? 0 : entry->reserved;
      const std::int64_t picked = entry == nullptr ? 0 : entry->picked;
      const std::int64_t waiting = entry == nullptr ? 0 : entry->backordered;
      if (reserved != line->reserved || picked != line->picked || waiting != line->backordered) {
        found += "order " + id + " line " + std::to_string(line->terms->line) + ": order " +
                 std::to_string(line->reserved) + "/" + std::to_string(line->picked) + "/" +
                 std::to_string(line->backordered) + ", stock " + std::to_string(reserved) + "/" +
                 std::to_string(picked) + "/" + std::to_string(waiting) + "\n";
      }
    }
    if (!state.header) continue;
    const auto& account = this->state<CreditAggregate>(state.header->customer_id);
    const auto* exposure = account.exposures.find(id);
    const std::int64_t open = exposure == nullptr ? 0 : exposure->open_order;
    if (open != state.credit_left) {
      found += "order " + id + ": credit left " + std::to_string(state.credit_left) +
               ", in the account " + std::to_string(open) + "\n";
    }
  }
  return found;
}

std::string Company::replay_difference() const {
  std::map<Key, Entry> replayed;
  for (const auto& record : log_) {
    const auto& event = record.envelope();
    const Key key{event.payload_type(), event.aggregate_id()->str()};
    Entry& entry = replayed[key];
    if (!entry.state) entry.state = runtime::ops_of(key.first).create();
    const EventMeta meta{key.second,          event.aggregate_version(),
                         event.occurred_at(), event.actor()->c_str(),
                         event.role(),        event.authority()};
    runtime::ops_of(key.first).evolve(*entry.state, event.payload(), meta);
  }
  for (const auto& [key, entry] : replayed) {
    flatbuffers::FlatBufferBuilder live;
    flatbuffers::FlatBufferBuilder again;
    runtime::ops_of(key.first).pack(live, *aggregates_.at(key).state);
    runtime::ops_of(key.first).pack(again, *entry.state);
    const bool same = live.GetSize() == again.GetSize() &&
                      std::equal(live.GetBufferPointer(), live.GetBufferPointer() + live.GetSize(),
                                 again.GetBufferPointer());
    if (!same) return "replay of " + key.second + " differs";
  }
  return {};
}

}  // namespace orderlog::engine::test
