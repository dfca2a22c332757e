// Commands that the engine sends to itself: the process manager's steps and the answers between
// aggregates.
#pragma once

#include <utility>
#include <vector>

#include "engine/aggregate_traits.h"

namespace orderlog::engine {

class Outgoing {
 public:
  // Sends a native command, for example send(schema::ReserveCreditT{...}). Its aggregate follows
  // from its type.
  template <class CommandT>
  void send(CommandT&& command) {
    using Aggregate = AggregateOfCommand<std::decay_t<CommandT>>;
    typename Aggregate::CommandsT wrapper;
    wrapper.command.Set(std::forward<CommandT>(command));
    commands_.emplace_back();
    commands_.back().Set(std::move(wrapper));
  }
  const std::vector<schema::AnyCommandUnion>& commands() const { return commands_; }
  std::vector<schema::AnyCommandUnion>& commands() { return commands_; }
  bool empty() const { return commands_.empty(); }
  void clear() { commands_.clear(); }

 private:
  std::vector<schema::AnyCommandUnion> commands_;
};

}  // namespace orderlog::engine
