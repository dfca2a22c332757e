// The whole engine in memory, one partition, no log: commands go to their aggregate's decide,
// events to its evolve and to react, follow-ups run until quiet. After each event the books of its
// aggregate are checked; at rest the books of orders, stock and credit are compared with each
// other.
//
//   Company company;
//   company.as("ann", Role::Sales).give(place_order);
//   company.expect_accepted();
//   EXPECT_EQ(company.count<schema::OrderApprovedT>(), 1);
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/aggregate_traits.h"
#include "engine/aggregates.h"
#include "engine/runtime/aggregate_ops.h"

namespace orderlog::engine::test {

struct Recorded {
  std::vector<std::uint8_t> bytes;
  const schema::Envelope& envelope() const {
    return *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
  }
};

class Company : public ReferenceData {
 public:
  Company();

  Policy policy = default_policy();

  // ---- who, when ----
  Company& as(std::string actor, schema::Role role,
              schema::Authority authority = schema::Authority::Normal);
  Company& as_import() { return as("import", schema::Role::Admin, schema::Authority::Import); }
  TimestampUs now() const { return now_; }
  // Fires every timer that falls due on the way.
  void advance_to(TimestampUs time);
  void advance_days(int days) { advance_to(now_ + days * us_per_day); }

  // ---- what ----
  // Gives a command as the current person and runs everything that follows from it.
  template <class CommandT>
  Company& give(CommandT command) {
    Outgoing out;
    out.send(std::move(command));
    give_union(out.commands().front());
    return *this;
  }
  bool accepted() const { return !rejection_.has_value(); }
  const Rejection& rejection() const { return *rejection_; }
  void expect_accepted() const {
    if (rejection_) ADD_FAILURE() << "rejected: " << rejection_->detail << rejection_->pointer;
  }
  void expect_rejected(RejectionCode code) const {
    ASSERT_TRUE(rejection_.has_value()) << "accepted";
    EXPECT_EQ(static_cast<int>(rejection_->code), static_cast<int>(code)) << rejection_->detail;
  }

  // ---- what happened ----
  template <class EventT>
  std::vector<EventT> all(const std::string& aggregate_id = {}) const {
    std::vector<EventT> found;
    for (const auto& record : log_) {
      if (!aggregate_id.empty() && record.envelope().aggregate_id()->str() != aggregate_id)
        continue;
      if (auto event = native<EventT>(record.envelope())) found.push_back(std::move(*event));
    }
    return found;
  }
  template <class EventT>
  int count(const std::string& aggregate_id = {}) const {
    return static_cast<int>(all<EventT>(aggregate_id).size());
  }
  template <class EventT>
  EventT last(const std::string& aggregate_id = {}) const {
    auto found = all<EventT>(aggregate_id);
    EXPECT_FALSE(found.empty()) << "no such event";
    return found.empty() ? EventT{} : std::move(found.back());
  }
  const std::vector<Recorded>& log() const { return log_; }
  // Follow-up commands that their aggregate refused.
  const std::vector<std::string>& internal_rejections() const { return internal_rejections_; }

  template <class Aggregate>
  const typename Aggregate::StateT& state(const std::string& id) const {
    static const typename Aggregate::StateT none{};
    const auto found = aggregates_.find({Aggregate::kind, id});
    if (found == aggregates_.end()) return none;
    return static_cast<const runtime::StateOf<Aggregate>&>(*found->second.state).value;
  }
  const schema::OrderStateT& order(const std::string& id) const {
    return state<OrderAggregate>(id);
  }
  std::vector<std::string> ids_of(schema::AnyEvent kind) const;

  // What does not agree between orders, stock and credit; empty when all do.
  std::string discrepancy() const;
  // The log folded anew gives the same bytes; empty when it does.
  std::string replay_difference() const;

  const schema::ProductStateT* product(std::string_view id) const override;
  const schema::CustomerStateT* customer(std::string_view id) const override;

 private:
  struct Entry {
    std::unique_ptr<runtime::AnyState> state;
    std::uint64_t version = 0;
  };
  struct Sink;
  using Key = std::pair<schema::AnyEvent, std::string>;
  using Command = std::vector<std::uint8_t>;

  template <class EventT>
  static std::optional<EventT> native(const schema::Envelope& envelope) {
    std::optional<EventT> found;
    for_each_aggregate([&]<class Aggregate>() {
      typename Aggregate::EventUnion wanted;
      wanted.Set(EventT{});
      // Only one union has this table.
      if (wanted.type == Aggregate::Event::NONE || envelope.payload_type() != Aggregate::kind)
        return;
      typename Aggregate::Events::NativeTableType events;
      static_cast<const typename Aggregate::Events*>(envelope.payload())->UnPackTo(&events);
      if (events.event.type == wanted.type) {
        found = std::move(*static_cast<EventT*>(events.event.value));
      }
    });
    return found;
  }

  void give_union(schema::AnyCommandUnion& command);
  Command packed(schema::AnyCommandUnion& command, bool follow_up, schema::Authority cause);
  std::optional<Rejection> run(const Command& command);
  void run_until_quiet();
  void queue(Outgoing& out, schema::Authority cause);
  void check_books(const Key& key, const Entry& entry) const;
  Entry& entry_of(const Key& key);

  TimestampUs now_;
  std::string actor_ = "tester";
  schema::Role role_ = schema::Role::Sales;
  schema::Authority authority_ = schema::Authority::Normal;
  std::map<Key, Entry> aggregates_;
  std::vector<Recorded> log_;
  std::deque<Command> waiting_;
  std::optional<Rejection> rejection_;
  std::vector<std::string> internal_rejections_;
};

}  // namespace orderlog::engine::test
