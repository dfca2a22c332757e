#include "engine/runtime/snapshot_writer.h"

#include <memory>
#include <utility>

#include "events/base/planted_bug.h"

namespace orderlog::runtime {

SnapshotWriter::SnapshotWriter(StateStore& store, Loop* background)
    : store_(store), background_(background) {
  if (background_ == nullptr) thread_ = std::thread([this] { run(); });
}

SnapshotWriter::~SnapshotWriter() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ready_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SnapshotWriter::write(StateBatch batch, std::function<void(const Status&)> done) {
  add({std::move(batch), false, std::move(done)});
}

void SnapshotWriter::flush(std::function<void(const Status&)> done) {
  add({{}, true, std::move(done)});
}

void SnapshotWriter::work_off(StateStore& store, const Job& job) {
  if (job.flush) return job.done(store.flush());
  if (ORDERLOG_PLANTED(AppliedPositionApart) && job.batch.size() > 1) {
    StateBatch position;
    StateBatch state;
    for (const auto& entry : job.batch) {
      const bool is_position = entry.first == applied_key(PartitionId(0)) ||
                               entry.first == applied_key(PartitionId(1)) ||
                               entry.first == applied_key(PartitionId(2));
      (is_position ? position : state).push_back(entry);
    }
    if (auto status = store.write(position); !status) return job.done(status);
    return job.done(store.write(state));
  }
  job.done(store.write(job.batch));
}

void SnapshotWriter::add(Job job) {
  if (background_ != nullptr) {
    // Not `this`: the loop may come to it when the engine is gone.
    return background_->post(
        [&store = store_, job = std::make_shared<Job>(std::move(job))] { work_off(store, *job); });
  }
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
    work_off(store_, job);
    lock.lock();
  }
}

}  // namespace orderlog::runtime
