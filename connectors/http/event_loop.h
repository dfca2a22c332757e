// The engine's thread: one event loop that runs the sockets, the engine and whatever others post to
// it. Must hold: tasks run one at a time, in the order they were posted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/runtime/loop.h"

namespace boost::asio {
class io_context;
}

namespace orderlog::http {

struct EventLoopOptions {
  // How long the loop looks for more work before it sleeps: to be woken takes about 45 µs on a
  // virtual machine with an idle core. 0: sleep at once.
  std::uint32_t idle_spin_us = 0;
};

class EventLoop final : public runtime::Loop {
 public:
  explicit EventLoop(EventLoopOptions options = {});
  ~EventLoop() override;

  void post(std::function<void()> task) override;

  // Runs `task` again and again on the loop's thread, `interval_ms` after its last end, until the
  // loop is destroyed. Any thread.
  void every(std::uint32_t interval_ms, std::function<void()> task);
  // Once. Any thread.
  void after(std::uint32_t delay_ms, std::function<void()> task);

  // The calling thread becomes the loop's thread until stop().
  void run();
  // Any thread. What was posted before is still run.
  void stop();

  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
