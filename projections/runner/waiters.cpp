#include "projections/runner/waiters.h"

namespace orderlog::projections {

Waiters::Waiters(std::size_t partitions, std::size_t waiters_max)
    : waiters_max_(waiters_max), applied_(partitions), waiting_(partitions) {}

void Waiters::add(Position position, Time deadline, Callback callback) {
  Status at_once;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t partition = position.partition.value;
    if (partition >= applied_.size()) {
      at_once =
          error(ErrorCode::InvalidArgument, "there is no partition " + std::to_string(partition));
    } else if (position.seq > applied_[partition]) {
      if (stopped_) {
        at_once = *stopped_;
      } else if (size_ >= waiters_max_) {
        at_once = error(ErrorCode::Unavailable, "too many requests wait for a position");
      } else {
        const auto waiter =
            waiting_[partition].emplace(position.seq, Waiter{std::move(callback), {}});
        waiter->second.deadline = deadlines_.emplace(deadline, std::pair(partition, waiter));
        ++size_;
        came_.notify_all();
        return;
      }
    }
  }
  callback(at_once);
}

void Waiters::advance(const std::vector<Sequence>& applied) {
  std::vector<Callback> due;
  {
    const std::lock_guard lock(mutex_);
    applied_ = applied;
    for (std::size_t p = 0; p < waiting_.size(); ++p) {
      auto& waiting = waiting_[p];
      while (!waiting.empty() && waiting.begin()->first <= applied_[p]) {
        due.push_back(std::move(waiting.begin()->second.callback));
        deadlines_.erase(waiting.begin()->second.deadline);
        waiting.erase(waiting.begin());
        --size_;
      }
    }
  }
  for (const Callback& callback : due) callback(Status());
}

void Waiters::expire(Time now) {
  std::vector<Callback> due;
  {
    const std::lock_guard lock(mutex_);
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      const auto [partition, waiter] = deadlines_.begin()->second;
      due.push_back(std::move(waiter->second.callback));
      waiting_[partition].erase(waiter);
      deadlines_.erase(deadlines_.begin());
      --size_;
    }
  }
  const Status late =
      error(ErrorCode::Timeout, "the read models have not reached the position in time");
  for (const Callback& callback : due) callback(late);
}

void Waiters::stop(const Error& reason) {
  std::vector<Callback> due;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = error(ErrorCode::Unavailable, "the read models have stopped: " + reason.message);
    for (BySequence& waiting : waiting_) {
      for (auto& [seq, waiter] : waiting) due.push_back(std::move(waiter.callback));
      waiting.clear();
    }
    deadlines_.clear();
    size_ = 0;
  }
  came_.notify_all();
  for (const Callback& callback : due) callback(*stopped_);
}

std::vector<Sequence> Waiters::applied() const {
  const std::lock_guard lock(mutex_);
  return applied_;
}

void Waiters::await_anybody(Time until) const {
  std::unique_lock lock(mutex_);
  came_.wait_until(lock, until, [this] { return size_ > 0 || stopped_; });
}

std::optional<Waiters::Time> Waiters::next_deadline() const {
  const std::lock_guard lock(mutex_);
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::size_t Waiters::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace orderlog::projections
