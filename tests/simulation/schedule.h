// Virtual time: tasks in the order of their time, those of the same time in the order they were
// asked for. Nothing else moves the clock, so a simulated hour takes as long as its tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace orderlog::sim {

class Schedule {
 public:
  using Task = std::function<void()>;

  void after(std::int64_t delay_us, Task task) {
    queue_.push({now_us_ + delay_us, ++asked_, std::move(task)});
  }
  // The next one. False: there is none.
  bool run_one() {
    if (queue_.empty()) return false;
    // A task is moved out before it runs, as it may add others.
    Entry entry = std::move(const_cast<Entry&>(queue_.top()));
    queue_.pop();
    now_us_ = entry.at_us;
    ++done_;
    entry.task();
    return true;
  }
  std::int64_t now_us() const { return now_us_; }
  std::uint64_t done() const { return done_; }

 private:
  struct Entry {
    std::int64_t at_us;
    std::uint64_t number;
    Task task;
    bool operator<(const Entry& other) const {
      return at_us != other.at_us ? at_us > other.at_us : number > other.number;
    }
  };

  std::int64_t now_us_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t done_ = 0;
  std::priority_queue<Entry> queue_;
};

}  // namespace orderlog::sim
