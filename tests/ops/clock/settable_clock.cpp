// A wall clock that a test sets while the process runs: preloaded (LD_PRELOAD), it adds what stands
// in the file ORDERLOG_TEST_CLOCK, microseconds as 8 bytes of the machine, to CLOCK_REALTIME. Other
// clocks stay as they are, as on a machine whose time is set. (libfaketime does not go together
// with jemalloc, which asks for the time before libfaketime is ready.)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t us_per_second = 1'000'000;

const std::atomic<std::int64_t>* offset_us = nullptr;

__attribute__((constructor)) void map_offset() {
  const char* path = std::getenv("ORDERLOG_TEST_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) std::abort();  // a test without its clock would test nothing
  void* page = mmap(nullptr, sizeof(*offset_us), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (page == MAP_FAILED) std::abort();
  offset_us = static_cast<const std::atomic<std::int64_t>*>(page);
}

// Seconds and microseconds of it, added to a time.
void add_offset(timespec& at) {
  if (offset_us == nullptr) return;  // before the constructor ran
  const std::int64_t offset = offset_us->load(std::memory_order_relaxed);
  const std::int64_t us = at.tv_sec * us_per_second + at.tv_nsec / 1'000 + offset;
  at.tv_sec = us / us_per_second;
  at.tv_nsec = us % us_per_second * 1'000 + at.tv_nsec % 1'000;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long outcome = syscall(SYS_clock_gettime, clock, now);
  if (outcome == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) add_offset(*now);
  return static_cast<int>(outcome);
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  *now = {exact.tv_sec, exact.tv_nsec / 1'000};
  return 0;
}

time_t time(time_t* now) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now != nullptr) *now = exact.tv_sec;
  return exact.tv_sec;
}

}  // extern "C"
