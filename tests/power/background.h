// RocksDB's background threads (one of each kind, shared by the process) under control: they work
// only while the test waits for them, so that flushes come at the same place each time.
#pragma once

#include <rocksdb/env.h>

#include <condition_variable>
#include <mutex>

namespace orderlog::power {

// One thread at a time. Held from construction to destruction.
class Background {
 public:
  Background() {
    for (const auto pool : pools) rocksdb::Env::Default()->SetBackgroundThreads(1, pool);
    hold();
  }
  ~Background() { let_go(); }

  // Everything that waits is done, with what it brings about.
  void work_off() {
    const auto* env = rocksdb::Env::Default();
    if (env->GetThreadPoolQueueLen(rocksdb::Env::HIGH) == 0 &&
        env->GetThreadPoolQueueLen(rocksdb::Env::LOW) == 0) {
      return;
    }
    let_go();
    drain();
    drain();  // a compaction may follow a flush
    hold();
  }
  // For calls that wait for the background themselves.
  template <class Call>
  auto while_free(Call call) {
    let_go();
    auto result = call();
    drain();
    drain();
    hold();
    return result;
  }

 private:
  static constexpr rocksdb::Env::Priority pools[] = {rocksdb::Env::HIGH, rocksdb::Env::LOW};

  // What was scheduled before in this pool of one thread is done when a job of ours is.
  void drain() {
    for (const auto pool : pools) {
      schedule(pool, [](void* self) { static_cast<Background*>(self)->arrive(); });
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return arrived_ == 1; });
      arrived_ = 0;
    }
  }
  void hold() {
    {
      const std::lock_guard lock(mutex_);
      held_ = true;
    }
    for (const auto pool : pools) {
      schedule(pool, [](void* self) { static_cast<Background*>(self)->stand(); });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return arrived_ == std::size(pools); });
    arrived_ = 0;
  }
  void let_go() {
    std::unique_lock lock(mutex_);
    if (!held_) return;
    held_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return left_ == std::size(pools); });
    left_ = 0;
  }
  void arrive() {
    const std::lock_guard lock(mutex_);
    ++arrived_;
    changed_.notify_all();
  }
  void stand() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    ++left_;
    changed_.notify_all();
  }
  void schedule(rocksdb::Env::Priority pool, void (*job)(void*)) {
    rocksdb::Env::Default()->Schedule(job, this, pool);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  std::size_t arrived_ = 0;
  std::size_t left_ = 0;
};

}  // namespace orderlog::power
