// All chance of a simulation, from its seed: the same everywhere, so a seed is a whole history.
#pragma once

#include <cstdint>
#include <vector>

#include "connectors/simulator/dice.h"

namespace orderlog::sim {

class Random : public simulator::Dice {
 public:
  using Dice::Dice;

  // 0 to n − 1; n above 0.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool chance(std::uint32_t per_million) { return below(1'000'000) < per_million; }
  // A stream of its own, which later draws from this one do not disturb.
  Random split() { return Random(next()); }
};

}  // namespace orderlog::sim
