// One seed, from beginning to end: a company's days with load and faults, then without faults until
// everything rests, then the reckoning (proof.md 3e).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orderlog::sim {

struct SimulationOptions {
  // Where read models may be kept while a seed runs; emptied after it.
  std::string directory;
  // A bug of the model, not of the engine: brokers that let an earlier producer write on.
  bool fencing = true;
  // Prints every durable event.
  bool tell_events = false;
};

struct Outcome {
  std::uint64_t seed = 0;
  std::string profile;
  std::vector<std::string> violations;
  std::uint64_t trace = 0;  // the same seed, the same value
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::uint64_t crashes = 0;
  std::int64_t simulated_us = 0;
};

Outcome simulate(std::uint64_t seed, const SimulationOptions& options);

}  // namespace orderlog::sim
