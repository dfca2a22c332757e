// Writes snapshots to the state store, in order, on a thread of its own or on a loop that is not
// the engine's, so that the engine's thread never waits for the store. At most one per partition is
// under way, which bounds the queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/runtime/loop.h"
#include "engine/runtime/state_store.h"

namespace orderlog::runtime {

class SnapshotWriter {
 public:
  // `background`: the loop, or nullptr for a thread of its own.
  SnapshotWriter(StateStore& store, Loop* background);
  ~SnapshotWriter();

  // `done` is called where the writing is done. Any thread.
  void write(StateBatch batch, std::function<void(const Status&)> done);
  // Forces everything written so far to disk.
  void flush(std::function<void(const Status&)> done);

 private:
  struct Job {
    StateBatch batch;
    bool flush = false;
    std::function<void(const Status&)> done;
  };
  static void work_off(StateStore& store, const Job& job);
  void add(Job job);
  void run();

  StateStore& store_;
  Loop* background_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace orderlog::runtime
