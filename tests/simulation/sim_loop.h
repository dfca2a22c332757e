// A thread of a simulated process: its tasks run one at a time, in order, each a little later than
// the one before. It can be stopped (SIGSTOP) and go on, or end with all it had to do (kill -9).
// Outlives its process: whoever still posts to it is not heard.
#pragma once

#include <deque>
#include <functional>

#include "engine/runtime/loop.h"
#include "tests/simulation/random.h"
#include "tests/simulation/schedule.h"

namespace orderlog::sim {

class SimLoop final : public runtime::Loop {
 public:
  // A task takes 1 to `step_us_max` µs. `after_task`: called after each.
  SimLoop(Schedule& schedule, Random random, std::int64_t step_us_max,
          std::function<void()> after_task)
      : schedule_(schedule),
        random_(random),
        step_us_max_(step_us_max),
        after_task_(std::move(after_task)) {}

  void post(std::function<void()> task) override {
    if (ended_) return;
    tasks_.push_back(std::move(task));
    wake();
  }
  void pause() { paused_ = true; }
  void resume() {
    paused_ = false;
    wake();
  }
  void end() {
    ended_ = true;
    tasks_.clear();
  }

 private:
  void wake() {
    if (scheduled_ || paused_ || ended_ || tasks_.empty()) return;
    scheduled_ = true;
    schedule_.after(random_.between(1, step_us_max_), [this] { run(); });
  }
  void run() {
    scheduled_ = false;
    if (paused_ || ended_ || tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    if (!ended_) after_task_();
    wake();
  }

  Schedule& schedule_;
  Random random_;
  std::int64_t step_us_max_;
  std::function<void()> after_task_;
  std::deque<std::function<void()>> tasks_;
  bool scheduled_ = false;
  bool paused_ = false;
  bool ended_ = false;
};

}  // namespace orderlog::sim
