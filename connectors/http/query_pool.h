// Threads for reads, so that a slow report never delays a commit. Must hold: the queue is bounded;
// a full one refuses at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace orderlog::http {

class QueryPool {
 public:
  QueryPool(std::size_t threads, std::size_t queue_max);
  // Runs what is queued, then joins.
  ~QueryPool();

  // False: the queue is full. Any thread.
  bool submit(std::function<void()> job);
  std::size_t queued() const;

 private:
  void work();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace orderlog::http
