#include "ops/stop_signal.h"

#include <pthread.h>
#include <signal.h>

namespace orderlog::ops {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void block_stop_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StopSignal::StopSignal(std::function<void()> stop)
    : thread_([this, stop = std::move(stop)] {
        const sigset_t set = stop_signals();
        int signal = 0;
        while (sigwait(&set, &signal) == 0) {
          if (closing_) return;
          stop();
        }
      }) {}

StopSignal::~StopSignal() {
  closing_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

}  // namespace orderlog::ops
