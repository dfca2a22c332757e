// Bugs on order, to see that the simulation catches them (tests/simulation/README.md). Only the
// simulator's own copies of a few files contain them; in every other build ORDERLOG_PLANTED is
// false and leaves no trace.
#pragma once

#ifdef ORDERLOG_PLANTED_BUGS

#include <cstdint>

namespace orderlog {

enum class PlantedBug : std::uint8_t {
  None,
  AckBeforeSync,
  NoDeduplication,
  ApplyBeforeCommit,
  EpochCheckOff,
  AppliedPositionApart,
  RetryAfterFailedSync,
  OffByOneInReserve,
  CompensationSkipped,
  TimerFiredEarly,
  CheckpointAheadOfRows,
};

inline PlantedBug planted_bug = PlantedBug::None;

}  // namespace orderlog

#define ORDERLOG_PLANTED(bug) (::orderlog::planted_bug == ::orderlog::PlantedBug::bug)

#else

#define ORDERLOG_PLANTED(bug) false

#endif
