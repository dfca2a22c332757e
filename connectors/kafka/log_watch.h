// Tells the engine that the log has grown, whoever wrote it. A thread of its own; at most one call
// is on its way to the engine.
#pragma once

#include <atomic>
#include <thread>

#include "engine/runtime/engine.h"
#include "events/log/event_log.h"

namespace orderlog::kafka {

class LogWatch {
 public:
  LogWatch(log::LogReader& log, runtime::Engine& engine, runtime::Loop& loop);
  // Not on the engine's thread, which must still run.
  ~LogWatch();

 private:
  void run();

  log::LogReader& log_;
  runtime::Engine& engine_;
  runtime::Loop& loop_;
  std::atomic<bool> told_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace orderlog::kafka
