// One run of the script with one misfortune in it, from an empty disk to the end, and whether
// everything that must hold did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/power/node.h"

namespace orderlog::power {

struct Misfortune {
  std::uint64_t seed = 1;                // of what a power cut leaves
  std::uint64_t cut_before = 0;          // operation; 0: no power cut
  std::uint64_t cut_recovery_after = 0;  // and again, so many operations later; 0: not
  std::optional<Fault> fault = {};
  bool pipelined = false;
  Lies lies = {};
};

struct Outcome {
  std::optional<std::string> problem;  // what did not hold
  State state;                         // at the end
  std::uint64_t operations = 0;
  Targets targets{};      // of faults
  bool happened = false;  // the misfortune
};

Outcome run(const std::vector<Step>& script, const Misfortune& misfortune);

// "seed 3, power cut before operation 117": to run it again.
std::string to_string(const Misfortune& misfortune);

}  // namespace orderlog::power
