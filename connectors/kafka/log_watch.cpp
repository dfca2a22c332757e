#include "connectors/kafka/log_watch.h"

namespace orderlog::kafka {
namespace {

constexpr std::uint32_t wait_ms = 100;

}  // namespace

LogWatch::LogWatch(log::LogReader& log, runtime::Engine& engine, runtime::Loop& loop)
    : log_(log), engine_(engine), loop_(loop), thread_([this] { run(); }) {}

LogWatch::~LogWatch() {
  stopping_ = true;
  thread_.join();
  told_.wait(true);
}

void LogWatch::run() {
  std::uint64_t seen = 0;
  while (!stopping_) {
    const std::uint64_t now = log_.wait_durable(seen, wait_ms);
    if (now == seen) continue;
    told_.wait(true);
    seen = now;
    told_ = true;
    loop_.post([this] {
      engine_.look();
      told_ = false;
      told_.notify_all();
    });
  }
}

}  // namespace orderlog::kafka
