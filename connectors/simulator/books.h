// The end of the simulation: the company's own figures beside those of the read models.
#pragma once

#include "connectors/simulator/company.h"

namespace orderlog::simulator {

struct LeadCounts {
  std::int64_t captured = 0;
  std::int64_t converted = 0;
};
// Of all leads that the engine knows now. Errors: as below.
Result<LeadCounts> count_leads(Wire& wire);

// Fills comparisons and summary. `timers_count`: whether the server's business time is that of the
// company, so that what depends on the passing of days can be compared. Errors: Unavailable (the
// server), Corrupt (its answers).
Status close_books(const Company& company, Wire& wire, bool timers_count, LeadCounts before,
                   SimulationReport& report);

}  // namespace orderlog::simulator
