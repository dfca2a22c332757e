// receivables_ageing: what each customer owes in each currency, and all of them together, by how
// long it is due, as of any day (pain P10). Must hold: 1. a posting counts from its day of business
// on, whenever it arrived; 2. a day's report is the same from the whole log and from the log of
// that day; 3. integers only. Rules: domain.md 3.12, 4.18, section 5.
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

// The sales that the days sales outstanding are measured by: those of the last so many days.
inline constexpr std::int32_t dso_period_days = 90;

ModelDefinition receivables_model();
ReportDefinition receivables_report();

}  // namespace orderlog::projections
