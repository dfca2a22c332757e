// Who waits for a position to become readable. Callbacks run without the lock, in the thread that
// found them due. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "projections/model.h"

namespace orderlog::projections {

class Waiters {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Callback = std::function<void(const Status&)>;

  Waiters(std::size_t partitions, std::size_t waiters_max);

  void add(Position position, Time deadline, Callback callback);
  // The rows up to these positions are readable.
  void advance(const std::vector<Sequence>& applied);
  void expire(Time now);
  // All are told the error, and so is everybody who comes later.
  void stop(const Error& reason);

  std::vector<Sequence> applied() const;
  // Blocks as long as nobody waits, up to the given time.
  void await_anybody(Time until) const;
  std::optional<Time> next_deadline() const;
  std::size_t size() const;

 private:
  struct Waiter {
    Callback callback;
    std::multimap<Time, std::pair<std::size_t, std::multimap<Sequence, Waiter>::iterator>>::iterator
        deadline;
  };
  using BySequence = std::multimap<Sequence, Waiter>;

  mutable std::mutex mutex_;
  mutable std::condition_variable came_;
  std::size_t waiters_max_;
  std::size_t size_ = 0;
  std::vector<Sequence> applied_;
  std::vector<BySequence> waiting_;  // by partition
  std::multimap<Time, std::pair<std::size_t, BySequence::iterator>> deadlines_;
  std::optional<Error> stopped_;
};

}  // namespace orderlog::projections
