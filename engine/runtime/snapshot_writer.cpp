#include "engine/runtime/snapshot_writer.h"

#include <utility>

namespace orderlog::runtime {

SnapshotWriter::SnapshotWriter(StateStore& store) : store_(store), thread_([this] { run(); }) {}

SnapshotWriter::~SnapshotWriter() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

void SnapshotWriter::write(StateBatch batch, std::function<void(const Status&)> done) {
  add({std::move(batch), false, std::move(done)});
}

void SnapshotWriter::flush(std::function<void(const Status&)> done) {
  add({{}, true, std::move(done)});
}

void SnapshotWriter::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
}

void SnapshotWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const Status status = job.flush ? store_.flush() : store_.write(job.batch);
    job.done(status);
    lock.lock();
  }
}

}  // namespace orderlog::runtime
