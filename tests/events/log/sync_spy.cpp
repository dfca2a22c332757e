#include "sync_spy.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

namespace orderlog::log::test {
namespace {

namespace fs = std::filesystem;

std::atomic<std::uint64_t> calls = 0;
std::atomic<int> failure = 0;
std::mutex mutex;
std::condition_variable changed;
bool held = false;  // with `mutex`, as what follows
int held_back = 0;
std::map<ino_t, std::uint64_t>& synced_bytes() {
  static std::map<ino_t, std::uint64_t> sizes;
  return sizes;
}

void wait_while_held() {
  std::unique_lock lock(mutex);
  ++held_back;
  changed.notify_all();
  changed.wait(lock, [] { return !held; });
  --held_back;
}

int spy(int fd) {
  ++calls;
  wait_while_held();
  if (const int error_number = failure; error_number != 0) {
    errno = error_number;
    return -1;
  }
  struct stat before {};
  if (::fstat(fd, &before) != 0) return -1;
  if (::syscall(SYS_fdatasync, fd) != 0) return -1;
  const std::lock_guard lock(mutex);
  // A prepared file is as long as it will ever be: what was written ends where the next write goes.
  const off_t written = ::lseek(fd, 0, SEEK_CUR);
  synced_bytes()[before.st_ino] = static_cast<std::uint64_t>(std::max<off_t>(written, 0));
  return 0;
}

}  // namespace

std::uint64_t syncs() { return calls; }

void fail_syncs(int error_number) { failure = error_number; }

HeldSyncs::HeldSyncs() {
  const std::lock_guard lock(mutex);
  held = true;
}

HeldSyncs::~HeldSyncs() {
  {
    const std::lock_guard lock(mutex);
    held = false;
  }
  changed.notify_all();
}

void HeldSyncs::await_one() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return held_back > 0; });
}

void copy_what_was_synced(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path copy = fs::path(to) / entry.path().filename();
    fs::copy_file(entry.path(), copy);
    if (copy.extension() != ".log") continue;
    struct stat now {};
    ::stat(entry.path().c_str(), &now);
    const std::lock_guard lock(mutex);
    fs::resize_file(copy, synced_bytes()[now.st_ino]);
  }
}

}  // namespace orderlog::log::test

extern "C" int fdatasync(int fd) { return orderlog::log::test::spy(fd); }
