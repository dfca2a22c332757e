// Time zones as the calendar needs them: offsets and the instant of a local time. The library that
// knows the rules stays behind this header's source file.
#pragma once

#include <cstdint>
#include <string_view>

#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog {

// A zone as one thread sees it, with the period of constant offset that it last met, since most
// questions fall into the same one. Owned by the thread; other threads must not touch it.
class Zone {
 public:
  virtual ~Zone() = default;

  // Microseconds east of UTC at that instant, which must lie in timestamp_min … timestamp_max.
  virtual std::int64_t offset_at(TimestampUs at) = 0;

  // The first instant at which a wall clock shows this local time or, where it is skipped, a later
  // one.
  virtual TimestampUs instant_of(std::int64_t local_us) = 0;
};

// The calling thread's view of the zone. Errors: InvalidArgument for a name the machine does not
// know.
Result<Zone*> find_zone(std::string_view name);

}  // namespace orderlog
