// Work that is to run when no other wants its core (SCHED_IDLE), and is not to stand still on a
// machine where some other always does: a worker that was starved for a second gives its work to a
// thread of normal priority until that has nothing left to do, then to an idle one again. When it
// is starved again soon, the next one stays longer: twice as long each time, up to a minute.
// (Without privileges a thread cannot leave SCHED_IDLE: sched(7).)
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace orderlog::projections {

class IdleWorker {
 public:
  // Called on one thread of the worker's after the other, each time when the last has returned;
  // returns soon after should_stop() is true.
  using Work = std::function<void(IdleWorker&)>;

  // Not `idle`: at normal priority from the start.
  IdleWorker(bool idle, Work work);
  // Stops the work and waits for it.
  ~IdleWorker();
  IdleWorker(const IdleWorker&) = delete;
  IdleWorker& operator=(const IdleWorker&) = delete;

  // For the work: whether it is to return.
  bool should_stop() const { return stopping_ || handing_over_; }
  // For the work, when it has nothing to do just now.
  void rests();
  // For the work, when it gives way to others: sleeps so long, or until it is to return.
  void pause(std::chrono::steady_clock::duration time);
  // Whether it was starved and has not caught up since. Any thread.
  bool starved() const { return starved_; }

 private:
  using SteadyClock = std::chrono::steady_clock;
  struct Look {
    std::uint64_t rests = 0;
    std::int64_t worker_ns = 0;  // processor time
    std::int64_t wall_ns = 0;
  };
  void watch();
  bool await_starvation(std::thread& worker);
  Look look(std::thread& worker) const;
  void stay_normal_for_a_while();

  const Work work_;
  std::atomic<std::uint64_t> rests_ = 0;
  std::atomic<bool> starved_ = false;
  std::atomic<bool> handing_over_ = false;
  std::atomic<bool> finished_ = false;  // the work has returned by itself
  std::atomic<bool> stopping_ = false;
  SteadyClock::time_point normal_until_;  // set before `starved_`
  SteadyClock::time_point idle_since_;
  std::chrono::seconds stay_{0};
  std::mutex mutex_;
  std::condition_variable stop_asked_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace orderlog::projections
