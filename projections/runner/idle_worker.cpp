#include "projections/runner/idle_worker.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <utility>

namespace orderlog::projections {

namespace {

constexpr std::chrono::seconds watch_interval(1);
// Of a core's time, while there is always work: less is starvation.
constexpr std::int64_t share_least_percent = 5;
// Starved again so soon after it was given back, the work stays longer at normal priority.
constexpr std::chrono::seconds soon(30);
constexpr std::chrono::seconds stay_max(60);

std::int64_t nanoseconds_of(clockid_t clock) {
  timespec time{};
  // A thread that has ended has no clock.
  if (::clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

void be_idle() {
  // Not a niceness: a thread that wakes would wait for the end of a nice one's slice.
  const sched_param none{};
  (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
}

// So that what it is at is done soon; without privileges it takes its time.
void hurry(std::thread& worker) {
  const sched_param none{};
  (void)pthread_setschedparam(worker.native_handle(), SCHED_OTHER, &none);
}

}  // namespace

IdleWorker::IdleWorker(bool idle, Work work)
    : work_(std::move(work)), thread_([this, idle] { idle ? watch() : work_(*this); }) {}

IdleWorker::~IdleWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  thread_.join();
}

void IdleWorker::rests() {
  ++rests_;
  if (starved_ && SteadyClock::now() >= normal_until_) handing_over_ = true;
}

void IdleWorker::pause(std::chrono::steady_clock::duration time) {
  rests();
  std::unique_lock lock(mutex_);
  stop_asked_.wait_for(lock, time, [this] { return should_stop(); });
}

IdleWorker::Look IdleWorker::look(std::thread& worker) const {
  Look look;
  look.rests = rests_;
  clockid_t clock{};
  if (pthread_getcpuclockid(worker.native_handle(), &clock) == 0) {
    look.worker_ns = nanoseconds_of(clock);
  }
  look.wall_ns = nanoseconds_of(CLOCK_MONOTONIC);
  return look;
}

// False: it is to stop, or has finished.
bool IdleWorker::await_starvation(std::thread& worker) {
  Look last = look(worker);
  std::unique_lock lock(mutex_);
  while (!stop_asked_.wait_for(lock, watch_interval,
                               [this] { return stopping_.load() || finished_.load(); })) {
    const Look now = look(worker);
    const bool had_work = now.rests == last.rests;
    const std::int64_t got = now.worker_ns - last.worker_ns;
    const std::int64_t passed = now.wall_ns - last.wall_ns;
    if (had_work && got * 100 < passed * share_least_percent) return true;
    last = now;
  }
  return false;
}

void IdleWorker::stay_normal_for_a_while() {
  const auto now = SteadyClock::now();
  const bool again = idle_since_ != SteadyClock::time_point() && now - idle_since_ < soon;
  stay_ =
      again ? std::clamp(2 * stay_, std::chrono::seconds(1), stay_max) : std::chrono::seconds(0);
  normal_until_ = now + stay_;
}

void IdleWorker::watch() {
  while (!stopping_ && !finished_) {
    std::thread worker([this] {
      be_idle();
      work_(*this);
      if (should_stop()) return;
      const std::lock_guard lock(mutex_);
      finished_ = true;
      stop_asked_.notify_all();
    });
    const bool starves = await_starvation(worker);
    if (starves) {
      stay_normal_for_a_while();
      starved_ = true;
      handing_over_ = true;
    }
    hurry(worker);
    worker.join();
    if (!starves) return;
    handing_over_ = false;
    work_(*this);
    if (!should_stop()) return;
    starved_ = false;
    handing_over_ = false;
    idle_since_ = SteadyClock::now();
  }
}

}  // namespace orderlog::projections
