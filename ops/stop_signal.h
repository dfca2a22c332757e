// SIGTERM and SIGINT as a call on a thread of their own: nothing runs inside a signal handler.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace orderlog::ops {

// Before any other thread is started, so that all inherit it.
void block_stop_signals();

class StopSignal {
 public:
  explicit StopSignal(std::function<void()> stop);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

 private:
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

}  // namespace orderlog::ops
