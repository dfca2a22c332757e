// A trading company at work: leads from several channels, quotes, approvals, orders, shortages,
// partial shipments, carrier delays, cancellations, late payers and complaints, all through the
// public HTTP API. The company keeps its own books and compares them with the read models at the
// end. The same seed does the same things.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "events/base/result.h"

namespace orderlog::simulator {

struct SimulatorOptions {
  std::string server;  // "http://127.0.0.1:8080"
  std::uint64_t orders = 10'000;
  std::uint64_t seed = 1;
  std::uint32_t connections = 4;
  bool progress = true;  // a bar when `out` is a terminal, else a line every ten seconds
};

// One figure that the company expected and what the read models say.
struct Comparison {
  std::string what;
  std::string expected;
  std::string found;
  bool agrees() const { return expected == found; }
};

struct SimulationReport {
  std::vector<Comparison> comparisons;
  std::uint64_t commands = 0;
  double seconds = 0;
  std::uint64_t ack_p50_us = 0;
  std::uint64_t ack_p99_us = 0;
  std::string summary;  // what ops/up prints
  bool agrees() const {
    for (const auto& comparison : comparisons) {
      if (!comparison.agrees()) return false;
    }
    return !comparisons.empty();
  }
};

// Blocks until done. Errors: InvalidArgument (options), Unavailable (no server, or it stopped).
Result<SimulationReport> simulate(const SimulatorOptions& options, std::ostream& out);

}  // namespace orderlog::simulator
