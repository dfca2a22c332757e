// On time, in full: what one order's lines contribute to each day and dimension of otif_daily. A
// line counts under its promised date. The rates are absent where nothing was due (odoo PR#58653).
// Pure.
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

// Sums that are kept for a cell; a difference of two may be negative.
struct OtifCounts {
  std::int64_t due = 0;
  std::int64_t open = 0;
  std::int64_t on_time = 0;
  std::int64_t in_full = 0;
  std::int64_t otif = 0;
  std::int64_t early = 0;
  std::int64_t milli_due = 0;
  std::int64_t milli_on_time = 0;

  friend bool operator==(const OtifCounts&, const OtifCounts&) = default;
};

struct OtifCell {
  Day day;
  schema::OtifDimension dimension;
  std::string value;
  OtifCounts counts;
};

// One cell for each day, dimension and value that the order's due lines have.
std::vector<OtifCell> otif_cells(const schema::DelayListRowT& order);

// Moves otif_daily from what the order contributed to what it contributes now. Errors: Overflow;
// then nothing is changed.
Status patch_otif(const std::vector<OtifCell>& before, const std::vector<OtifCell>& after,
                  Tables& tables);

TableDefinition otif_table();
ReportDefinition otif_report();

}  // namespace orderlog::projections
