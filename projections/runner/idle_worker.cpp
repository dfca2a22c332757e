#include "projections/runner/idle_worker.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <chrono>
#include <utility>

namespace orderlog::projections {

namespace {

constexpr std::chrono::seconds watch_interval(1);
// Of a core's time, while there is always work: less is starvation.
constexpr std::int64_t share_least_percent = 5;

std::int64_t nanoseconds_of(clockid_t clock) {
  timespec time{};
  // A thread that has ended has no clock.
  if (::clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

}  // namespace

IdleWorker::IdleWorker(bool idle, Work work)
    : work_(std::move(work)), first_([this, idle] { run_first(idle); }) {
  if (idle) watch_ = std::thread([this] { watch(); });
}

IdleWorker::~IdleWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  if (watch_.joinable()) watch_.join();
  if (first_.joinable()) first_.join();
}

void IdleWorker::run_first(bool idle) {
  if (idle) {
    // Not a niceness: a thread that wakes would wait for the end of a nice one's slice.
    const sched_param none{};
    (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
  }
  work_(*this);
}

IdleWorker::Look IdleWorker::look() {
  Look look;
  look.rests = rests_;
  clockid_t clock{};
  if (pthread_getcpuclockid(first_.native_handle(), &clock) == 0) {
    look.worker_ns = nanoseconds_of(clock);
  }
  look.wall_ns = nanoseconds_of(CLOCK_MONOTONIC);
  return look;
}

// So that what it is at is done soon; without privileges it takes its time.
void IdleWorker::hurry_first() {
  const sched_param none{};
  (void)pthread_setschedparam(first_.native_handle(), SCHED_OTHER, &none);
}

void IdleWorker::watch() {
  Look last = look();
  {
    std::unique_lock lock(mutex_);
    while (!starved_) {
      if (stop_asked_.wait_for(lock, watch_interval, [this] { return stopping_.load(); })) {
        return hurry_first();
      }
      const Look now = look();
      const bool had_work = now.rests == last.rests;
      const std::int64_t got = now.worker_ns - last.worker_ns;
      const std::int64_t passed = now.wall_ns - last.wall_ns;
      starved_ = had_work && got * 100 < passed * share_least_percent;
      last = now;
    }
  }
  hurry_first();
  first_.join();
  taken_over_ = true;
  work_(*this);
}

}  // namespace orderlog::projections
