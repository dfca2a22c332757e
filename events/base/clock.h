// Where "now" comes from. Only the edge and the runtime hold a Clock; decide, evolve, react and
// fold get times as values, so that a replay sees what the first run saw.
#pragma once

#include <atomic>

#include "events/base/time.h"

namespace orderlog {

// Any thread may call now() of every clock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimestampUs now() const = 0;
};

// The machine's UTC time; may step back when the machine is set.
class WallClock final : public Clock {
 public:
  TimestampUs now() const override;
};

// Time as told by the data: the greatest business time seen so far, never going back. It lets
// imported or simulated years pass as quickly as they can be read.
class DataClock final : public Clock {
 public:
  explicit DataClock(TimestampUs start = 0) : now_(start) {}

  TimestampUs now() const override { return now_.load(std::memory_order_acquire); }

  // Moves on to `at` when that is later. Any thread. True if the clock moved.
  bool observe(TimestampUs at);

 private:
  std::atomic<TimestampUs> now_;
};

// Set by hand, either way; for tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimestampUs start = 0) : now_(start) {}

  TimestampUs now() const override { return now_.load(std::memory_order_acquire); }
  void set(TimestampUs at) { now_.store(at, std::memory_order_release); }
  void advance(std::int64_t us) { now_.fetch_add(us, std::memory_order_acq_rel); }

 private:
  std::atomic<TimestampUs> now_;
};

}  // namespace orderlog
