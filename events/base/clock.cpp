#include "events/base/clock.h"

#include <chrono>

namespace orderlog {

TimestampUs WallClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
}

bool DataClock::observe(TimestampUs at) {
  TimestampUs seen = now_.load(std::memory_order_relaxed);
  while (seen < at) {
    if (now_.compare_exchange_weak(seen, at, std::memory_order_acq_rel)) return true;
  }
  return false;
}

}  // namespace orderlog
