// Work that is to run when no other wants its core (SCHED_IDLE), and is not to stand still on a
// machine where some other always does: a worker that was starved for a second gives its work to a
// thread of normal priority, for good. (Without privileges a thread cannot leave SCHED_IDLE:
// sched(7).)
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace orderlog::projections {

class IdleWorker {
 public:
  // Called on a thread of the worker's, and once more when the first was starved and has returned;
  // returns soon after should_stop() is true.
  using Work = std::function<void(IdleWorker&)>;

  // Not `idle`: at normal priority from the start.
  IdleWorker(bool idle, Work work);
  // Stops the work and waits for it.
  ~IdleWorker();
  IdleWorker(const IdleWorker&) = delete;
  IdleWorker& operator=(const IdleWorker&) = delete;

  // For the work: whether it is to return.
  bool should_stop() const { return stopping_ || (starved_ && !taken_over_); }
  // For the work, when it has nothing to do just now.
  void rests() { ++rests_; }
  // Whether it was starved. Any thread.
  bool was_starved() const { return starved_; }

 private:
  struct Look {
    std::uint64_t rests = 0;
    std::int64_t worker_ns = 0;  // processor time
    std::int64_t wall_ns = 0;
  };
  void run_first(bool idle);
  void watch();
  void hurry_first();
  Look look();

  const Work work_;
  std::atomic<std::uint64_t> rests_ = 0;
  std::atomic<bool> starved_ = false;
  std::atomic<bool> taken_over_ = false;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable stop_asked_;
  std::thread first_;
  std::thread watch_;
};

}  // namespace orderlog::projections
