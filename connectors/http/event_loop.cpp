// Asio's io_context with one thread. While it spins it polls: no other thread has to wake it then.
#include "connectors/http/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>

namespace orderlog::http {

namespace asio = boost::asio;

struct EventLoop::Impl {
  explicit Impl(EventLoopOptions given) : options(given) {}

  EventLoopOptions options;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  bool stopped = false;  // the loop's thread only
};

namespace {

struct Repeater : std::enable_shared_from_this<Repeater> {
  Repeater(asio::io_context& context, std::uint32_t interval_ms, std::function<void()> what)
      : timer(context), interval(interval_ms), task(std::move(what)) {}

  void arm() {
    timer.expires_after(interval);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
      if (ec) return;
      self->task();
      self->arm();
    });
  }

  asio::steady_timer timer;
  std::chrono::milliseconds interval;
  std::function<void()> task;
};

}  // namespace

EventLoop::EventLoop(EventLoopOptions options) : impl_(std::make_unique<Impl>(options)) {}
EventLoop::~EventLoop() = default;

void EventLoop::post(std::function<void()> task) { asio::post(impl_->context, std::move(task)); }

void EventLoop::every(std::uint32_t interval_ms, std::function<void()> task) {
  auto repeater = std::make_shared<Repeater>(impl_->context, interval_ms, std::move(task));
  asio::post(impl_->context, [repeater] { repeater->arm(); });
}

void EventLoop::after(std::uint32_t delay_ms, std::function<void()> task) {
  asio::post(impl_->context, [this, delay_ms, what = std::move(task)]() mutable {
    auto timer =
        std::make_unique<asio::steady_timer>(impl_->context, std::chrono::milliseconds(delay_ms));
    asio::steady_timer& waiting = *timer;
    waiting.async_wait(
        [kept = std::move(timer), done = std::move(what)](const boost::system::error_code& ec) {
          if (!ec) done();
        });
  });
}

void EventLoop::run() {
  using std::chrono::steady_clock;
  const auto spin = std::chrono::microseconds(impl_->options.idle_spin_us);
  impl_->stopped = false;
  impl_->context.restart();
  if (spin.count() == 0) {
    impl_->context.run();
    return;
  }
  while (!impl_->stopped) {
    auto last_work = steady_clock::now();
    while (!impl_->stopped && steady_clock::now() - last_work < spin) {
      if (impl_->context.poll() > 0) last_work = steady_clock::now();
    }
    if (!impl_->stopped) impl_->context.run_one();
  }
}

void EventLoop::stop() {
  asio::post(impl_->context, [this] {
    impl_->stopped = true;
    impl_->context.stop();
  });
}

boost::asio::io_context& EventLoop::context() { return impl_->context; }

}  // namespace orderlog::http
