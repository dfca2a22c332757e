// Given / when / then for one aggregate, the way the runtime does it: commands and events travel
// as FlatBuffers, are verified, and are read in place by decide and evolve. After every step it
// also checks that evolve is total (any event of the union, even an empty one, in any state) and
// that the state survives being stored. Longer than a header should be: it is one template.
//
//   Scenario<LeadAggregate> lead("L-1");
//   lead.given(captured).given(assigned);
//   lead.as("ann", Role::Sales).when(follow_up);
//   EXPECT_EQ(lead.then<schema::LeadFollowedUpT>().note, "called");
//   lead.then_no_more();
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/aggregates.h"
#include "engine/runtime/state_codec.h"
#include "tests/engine/event_names.h"

namespace orderlog::engine::test {

// Master data as a test sets it.
class TestReference final : public ReferenceData {
 public:
  std::map<std::string, schema::ProductStateT, std::less<>> products;
  std::map<std::string, schema::CustomerStateT, std::less<>> customers;

  const schema::ProductStateT* product(std::string_view id) const override {
    const auto found = products.find(id);
    return found == products.end() ? nullptr : &found->second;
  }
  const schema::CustomerStateT* customer(std::string_view id) const override {
    const auto found = customers.find(id);
    return found == customers.end() ? nullptr : &found->second;
  }
};

// 2024-01-15 (a Monday) 12:00 UTC: when a scenario starts unless told.
inline constexpr TimestampUs scenario_start = 1'705'320'000LL * us_per_second;

template <class Table, class Native>
flatbuffers::DetachedBuffer packed(const Native& native) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Table::Pack(builder, &native));
  return builder.Release();
}

template <class Aggregate>
class Scenario {
 public:
  using StateT = typename Aggregate::StateT;
  using Decided = Decision<typename Aggregate::EventUnion>;

  explicit Scenario(std::string aggregate_id) : aggregate_id_(std::move(aggregate_id)) {}

  Policy policy = default_policy();
  TestReference reference;

  // ---- who, when ----
  Scenario& as(std::string actor, schema::Role role,
               schema::Authority authority = schema::Authority::Normal) {
    actor_ = std::move(actor);
    role_ = role;
    authority_ = authority;
    return *this;
  }
  Scenario& as_system() { return as("engine", schema::Role::None, schema::Authority::System); }
  Scenario& as_import() { return as("import", schema::Role::Admin, schema::Authority::Import); }
  Scenario& at(TimestampUs at) {
    now_ = at;
    return *this;
  }
  TimestampUs now() const { return now_; }

  // ---- given: history ----
  template <class EventT>
  Scenario& given(EventT event) {
    typename Aggregate::EventUnion event_union;
    event_union.Set(std::move(event));
    return given_any(event_union);
  }
  Scenario& given_any(const typename Aggregate::EventUnion& event) {
    apply(event);
    return *this;
  }

  // ---- when: decides, and applies what is decided ----
  template <class CommandT>
  Scenario& when(CommandT command) {
    typename Aggregate::CommandsT wrapper;
    wrapper.command.Set(std::move(command));
    return when_any(std::move(wrapper));
  }
  Scenario& when_any(typename Aggregate::CommandsT wrapper) {
    EXPECT_TRUE(rejection_checked())
        << "the last command was rejected and nobody looked: " << decision_.rejection().detail;
    expect_all_seen();
    const auto buffer = packed<typename Aggregate::Commands>(wrapper);
    flatbuffers::Verifier verifier(buffer.data(), buffer.size());
    EXPECT_TRUE(verifier.VerifyBuffer<typename Aggregate::Commands>(nullptr))
        << "the command is not a valid buffer";
    const Context context{aggregate_id_, version_,   now_,   actor_,
                          role_,         authority_, policy, reference};
    decision_ =
        decide(state_, *flatbuffers::GetRoot<typename Aggregate::Commands>(buffer.data()), context);
    next_ = 0;
    rejection_seen_ = false;
    if (!decision_.rejected()) {
      for (const auto& event : decision_.events()) apply(event);
    }
    return *this;
  }
  // The timer: as the runtime does, at the due time and with system authority. Whatever it decides,
  // the deadline must move on, or the runtime would never come to rest.
  Scenario& when_due(typename Aggregate::TimerCommandT command) {
    typename Aggregate::CommandsT wrapper;
    wrapper.command.Set(std::move(command));
    return when_due_any(std::move(wrapper));
  }
  Scenario& when_due_any(typename Aggregate::CommandsT command) {
    const auto due = next_deadline(state_, policy);
    EXPECT_TRUE(due.has_value()) << "no deadline is set";
    if (!due) return *this;
    const auto before = std::tuple(now_, actor_, role_, authority_);
    at(std::max(*due, now_)).as_system().when_any(std::move(command));
    const auto after = next_deadline(state_, policy);
    EXPECT_TRUE(!after || *after > *due) << "the deadline did not move on";
    std::tie(std::ignore, actor_, role_, authority_) = before;
    return *this;
  }

  // ---- then ----
  // The next event of the decision; fails the test when it is another one or there is none.
  template <class EventT>
  const EventT& then() {
    static const EventT none{};
    if (decision_.rejected()) {
      rejection_seen_ = true;
      ADD_FAILURE() << "rejected: " << decision_.rejection().detail;
      return none;
    }
    typename Aggregate::EventUnion wanted;
    wanted.Set(EventT{});
    if (next_ >= decision_.events().size()) {
      ADD_FAILURE() << "expected " << event_name(wanted.type) << ", but there are no more events";
      return none;
    }
    const auto& event = decision_.events()[next_++];
    if (event.type != wanted.type) {
      ADD_FAILURE() << "expected " << event_name(wanted.type) << ", got " << event_name(event.type);
      return none;
    }
    return *static_cast<const EventT*>(event.value);
  }
  // The next event whatever it is; nullptr (and a failure) when there is none.
  const typename Aggregate::EventUnion* then_any() {
    expect_accepted();
    if (decision_.rejected() || next_ >= decision_.events().size()) {
      ADD_FAILURE() << "there are no more events";
      return nullptr;
    }
    return &decision_.events()[next_++];
  }
  Scenario& then_no_more() {
    expect_accepted();
    expect_all_seen();
    return *this;
  }
  // Accepted without an event: heard before, or nothing was due.
  Scenario& then_nothing() { return then_no_more(); }
  Scenario& then_rejected(RejectionCode code, const std::string& pointer = {}) {
    rejection_seen_ = true;
    if (!decision_.rejected()) {
      next_ = decision_.events().size();
      ADD_FAILURE() << "expected a rejection, but it was accepted";
      return *this;
    }
    EXPECT_EQ(static_cast<int>(decision_.rejection().code), static_cast<int>(code))
        << decision_.rejection().detail;
    EXPECT_FALSE(decision_.rejection().detail.empty()) << "a rejection says why";
    if (!pointer.empty()) {
      EXPECT_EQ(decision_.rejection().pointer, pointer);
    }
    return *this;
  }
  // For tests that only care about the state: forgets events not looked at.
  Scenario& then_ignore() {
    expect_accepted();
    next_ = decision_.events().size();
    return *this;
  }

  const StateT& state() const { return state_; }
  std::uint64_t version() const { return version_; }
  const Decided& decision() const { return decision_; }
  std::optional<TimestampUs> deadline() const { return next_deadline(state_, policy); }

  ~Scenario() {
    EXPECT_TRUE(rejection_checked())
        << "the last command was rejected and nobody looked: " << decision_.rejection().detail;
    expect_all_seen();
  }
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

 private:
  using Events = typename Aggregate::Events;

  bool rejection_checked() const { return !decision_.rejected() || rejection_seen_; }
  void expect_accepted() {
    rejection_seen_ = true;
    if (decision_.rejected()) ADD_FAILURE() << "rejected: " << decision_.rejection().detail;
  }
  void expect_all_seen() {
    if (decision_.rejected()) return;
    for (; next_ < decision_.events().size(); ++next_) {
      ADD_FAILURE() << "an event that was not expected: "
                    << event_name(decision_.events()[next_].type);
    }
  }
  EventMeta meta() const {
    return EventMeta{aggregate_id_, version_, now_, actor_, role_, authority_};
  }
  void apply(const typename Aggregate::EventUnion& event) {
    typename Events::NativeTableType wrapper;
    wrapper.event = event;
    const auto buffer = packed<Events>(wrapper);
    ++version_;
    evolve(state_, *flatbuffers::GetRoot<Events>(buffer.data()), meta());
    expect_state_can_be_stored();
    expect_evolve_is_total();
  }
  static flatbuffers::DetachedBuffer stored(const StateT& state) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(pack_state(builder, state));
    return builder.Release();
  }
  void expect_state_can_be_stored() const {
    const auto first = stored(state_);
    flatbuffers::Verifier verifier(first.data(), first.size());
    ASSERT_TRUE(verifier.VerifyBuffer<typename Aggregate::State>(nullptr));
    StateT read;
    unpack_state(read, *flatbuffers::GetRoot<typename Aggregate::State>(first.data()));
    const auto second = stored(read);
    EXPECT_TRUE(first.size() == second.size() &&
                std::memcmp(first.data(), second.data(), first.size()) == 0)
        << "the state changes when it is stored and read";
  }
  // An empty event of every type must be foldable: fields may be absent in old or foreign data.
  void expect_evolve_is_total() const {
    for (std::uint8_t type = 0; type <= last_event_type(); ++type) {
      flatbuffers::FlatBufferBuilder builder;
      const auto empty_start = builder.StartTable();
      const auto empty = flatbuffers::Offset<void>(builder.EndTable(empty_start));
      const auto start = builder.StartTable();
      if (type != 0) {
        builder.AddElement<std::uint8_t>(Events::VT_EVENT_TYPE, type, 0);
        builder.AddOffset(Events::VT_EVENT, empty);
      }
      builder.Finish(flatbuffers::Offset<Events>(builder.EndTable(start)));
      StateT copy = state_;
      evolve(copy, *flatbuffers::GetRoot<Events>(builder.GetBufferPointer()), meta());
    }
  }
  static std::uint8_t last_event_type() { return static_cast<std::uint8_t>(Aggregate::Event::MAX); }

  std::string aggregate_id_;
  std::string actor_ = "tester";
  schema::Role role_ = schema::Role::Sales;
  schema::Authority authority_ = schema::Authority::Normal;
  TimestampUs now_ = scenario_start;
  std::uint64_t version_ = 0;
  StateT state_{};
  Decided decision_{};
  std::size_t next_ = 0;
  bool rejection_seen_ = true;
};

}  // namespace orderlog::engine::test
