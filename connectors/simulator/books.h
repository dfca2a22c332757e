// The end of the simulation: the company's own figures beside those of the read models.
#pragma once

#include "connectors/simulator/company.h"

namespace orderlog::simulator {

// Fills comparisons and summary. `timers_count`: whether the server's business time is that of the company, so that what
// depends on the passing of days can be compared. Errors: Unavailable (the server), Corrupt (its answers).
Status close_books(const Company& company, Wire& wire, bool timers_count, SimulationReport& report);

}  // namespace orderlog::simulator
