// When a line can be at the customer's (domain.md 4.9): backward from the date that was asked for,
// or forward from the first date on which there is stock. Days are working days of the site and of
// the carrier. Must hold: no date lies in the past; scheduling backward from a forward promise
// never needs the stock earlier. Pure. Errors: those of the calendars (no working day to be found).
#pragma once

#include <optional>

#include "engine/policy.h"
#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog::engine::order {

struct Schedule {
  Day material_date = 0;  // stock must be there
  Day ship_by = 0;        // goods issue
  Day promised = 0;
};

// The first day on which the site can start on an order that comes at `now`: after the cut-off it
// is the next working day.
Result<Day> first_start(TimestampUs now, const Policy& policy);

// `start`: nothing can be planned before it. `available_from`: the first day with stock, when it is
// later. `pick_pack_days` 0 takes the site's default. The promise is the requested date if all
// steps fit before it.
Result<Schedule> schedule_line(std::optional<Day> requested, Day start,
                               std::optional<Day> available_from, std::int32_t pick_pack_days,
                               const Policy& policy);

// The latest goods issue for a promise that is already given.
Result<Day> ship_by_for(Day promised, const Policy& policy);

}  // namespace orderlog::engine::order
