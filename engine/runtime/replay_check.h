// Proof that replay equals live (design.md, promise 4): the state that the store holds, brought up
// to the end of the log, is compared byte by byte with the state replayed from zero.
#pragma once

#include <string>
#include <vector>

#include "engine/policy.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/state_store.h"
#include "events/base/hash.h"
#include "events/log/event_log.h"

namespace orderlog::runtime {

struct Replay {
  std::uint64_t aggregates = 0;
  std::uint64_t events = 0;
  std::vector<Hash256> state_hash;  // by partition
};

// The state that follows from the log alone, into `scratch`, which is empty. Errors: Corrupt, Io.
Result<Replay> replay_from_zero(log::LogReader& log, StateStore& scratch,
                                const engine::Policy& policy, const EngineLimits& limits,
                                const Clock& clock);

struct ReplayCheck {
  Replay replayed;
  // The first difference of each partition that has one: "partition 0: Order SO-1 differs".
  std::vector<std::string> differences;
};

// `live` is only read; `scratch` is where the replayed state goes. Errors: Corrupt (the store is
// ahead of the log, or unreadable), Io.
Result<ReplayCheck> check_replay(log::LogReader& log, StateStore& live, StateStore& scratch,
                                 const engine::Policy& policy, const EngineLimits& limits,
                                 const Clock& clock);

// Hash over all aggregates of a partition, in key order.
Result<Hash256> state_hash(StateStore& store, PartitionId partition);

}  // namespace orderlog::runtime
