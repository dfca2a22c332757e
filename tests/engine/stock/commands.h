// Commands as the tests of this folder write them, and a quick runner for long random histories.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/scenario.h"

namespace orderlog::engine::test {

inline constexpr std::int64_t unit = 1'000;  // thousandths

template <class CommandT>
CommandT for_item(CommandT command) {
  command.stock_item_id = "widget@MAIN";
  return command;
}

inline schema::ReceiveStockT receive(std::int64_t units, std::string expectation = {}) {
  auto command = for_item(schema::ReceiveStockT{});
  command.quantity = Quantity(units * unit);
  command.expectation_id = std::move(expectation);
  return command;
}
inline schema::AdjustStockT adjust(std::int64_t units, std::int64_t damaged = 0) {
  auto command = for_item(schema::AdjustStockT{});
  command.delta = Quantity(units * unit);
  command.damaged_delta = Quantity(damaged * unit);
  command.reason = "found";
  return command;
}
inline schema::CountStockT count(std::int64_t units) {
  auto command = for_item(schema::CountStockT{});
  command.counted = Quantity(units * unit);
  return command;
}
inline schema::ReserveStockT reserve(std::string id, std::int64_t units,
                                     schema::BackorderPolicy backorder = {},
                                     schema::ReservePolicy policy = {}) {
  auto command = for_item(schema::ReserveStockT{});
  command.order_id = "O-" + id;
  command.line = 1;
  command.reservation_id = std::move(id);
  command.quantity = Quantity(units * unit);
  command.backorder = backorder;
  command.policy = policy;
  return command;
}
// What waits if it must, with its rank.
inline schema::ReserveStockT backorder(std::string id, std::int64_t units,
                                       std::int32_t priority = 0,
                                       flatbuffers::Optional<Day> promised = flatbuffers::nullopt) {
  auto command = reserve(std::move(id), units, schema::BackorderPolicy::Always);
  command.priority = priority;
  command.promised_date = promised;
  return command;
}
template <class CommandT>
CommandT for_reservation(std::string id, std::int64_t units) {
  auto command = for_item(CommandT{});
  command.reservation_id = std::move(id);
  command.quantity = Quantity(units * unit);
  return command;
}
// 0 units: all that is left.
inline schema::ReleaseStockT release(std::string id, std::int64_t units = 0) {
  return for_reservation<schema::ReleaseStockT>(std::move(id), units);
}
inline schema::PickStockT pick(std::string id, std::int64_t units) {
  return for_reservation<schema::PickStockT>(std::move(id), units);
}
inline schema::UnpickStockT unpick(std::string id, std::int64_t units) {
  return for_reservation<schema::UnpickStockT>(std::move(id), units);
}
inline schema::IssueStockT issue(std::string id, std::int64_t units) {
  return for_reservation<schema::IssueStockT>(std::move(id), units);
}
inline schema::HoldStockT hold(std::string id, std::int64_t units) {
  auto command = for_item(schema::HoldStockT{});
  command.hold_id = std::move(id);
  command.quantity = Quantity(units * unit);
  return command;
}
inline schema::ExpectStockT expect_goods(std::string id, std::int64_t units, Day date) {
  auto command = for_item(schema::ExpectStockT{});
  command.expectation_id = std::move(id);
  command.quantity = Quantity(units * unit);
  command.date = date;
  return command;
}

// 2024-01-15, the Monday on which scenarios start.
inline constexpr Day start_day = static_cast<Day>(scenario_start / us_per_day);

class StockScenario : public Scenario<StockAggregate> {
 public:
  StockScenario() : Scenario("widget@MAIN") { as("wendy", schema::Role::Warehouse); }
  // The books, as the item keeps them and as they come out when counted anew.
  void expect_books(std::int64_t on_hand, std::int64_t reserved, std::int64_t backordered) const {
    EXPECT_EQ(state().totals.on_hand, on_hand * unit);
    EXPECT_EQ(state().totals.reserved, reserved * unit);
    EXPECT_EQ(state().totals.backordered, backordered * unit);
    EXPECT_EQ(find_discrepancy(state()), std::nullopt);
  }
};

// Decides and folds without the scenario's own checks, for histories of many thousand commands.
template <class Aggregate>
class Runner {
 public:
  explicit Runner(std::string aggregate_id) : aggregate_id_(std::move(aggregate_id)) {}

  Policy policy = default_policy();
  schema::Authority authority = schema::Authority::Normal;
  TimestampUs now = scenario_start;
  typename Aggregate::StateT state{};

  template <class CommandT>
  Decision<typename Aggregate::EventUnion> run(CommandT command) {
    typename Aggregate::CommandsT wrapper;
    wrapper.command.Set(std::move(command));
    const auto buffer = packed<typename Aggregate::Commands>(wrapper);
    const Context context{aggregate_id_,       version_,  now,    "tester",
                          schema::Role::Admin, authority, policy, reference_};
    auto decision =
        decide(state, *flatbuffers::GetRoot<typename Aggregate::Commands>(buffer.data()), context);
    for (const auto& event : decision.events()) fold(event);
    return decision;
  }
  // Called after each event.
  std::function<void(const typename Aggregate::EventUnion&)> after_event;

 private:
  void fold(const typename Aggregate::EventUnion& event) {
    typename Aggregate::Events::NativeTableType wrapper;
    wrapper.event = event;
    const auto buffer = packed<typename Aggregate::Events>(wrapper);
    evolve(state, *flatbuffers::GetRoot<typename Aggregate::Events>(buffer.data()),
           EventMeta{aggregate_id_, ++version_, now, "tester", schema::Role::Admin, authority});
    if (after_event) after_event(event);
  }

  std::string aggregate_id_;
  std::uint64_t version_ = 0;
  TestReference reference_;
};

}  // namespace orderlog::engine::test
