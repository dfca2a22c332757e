#include "projections/runner/row_watch.h"

#include <algorithm>
#include <chrono>

namespace orderlog::projections {

Result<std::vector<RowWatch::Name>> RowWatch::take(std::size_t rows_max) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return *stopped_;
  if (unseen_) {
    unseen_ = false;
    return error(ErrorCode::Overflow, "rows have changed unseen: all must be looked at");
  }
  std::vector<Name> taken;
  while (!order_.empty() && taken.size() < rows_max) {
    taken.push_back(std::move(waiting_.extract(order_.front()).value()));
    order_.pop_front();
  }
  return taken;
}

std::size_t RowWatch::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void RowWatch::wait(std::uint32_t timeout_ms) {
  std::unique_lock lock(mutex_);
  folded_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return has_folded_; });
  has_folded_ = false;
}

bool RowWatch::wants(std::string_view model) const {
  return std::any_of(watched_.begin(), watched_.end(),
                     [&](const Watched& watched) { return watched.model == model; });
}

void RowWatch::changed(std::string_view model, const std::vector<RowKey>& keys) {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t report = 0; report < watched_.size(); ++report) {
    if (watched_[report].model != model) continue;
    for (const RowKey& row : keys) {
      if (unseen_) return;  // all will be looked at
      if (row.table != watched_[report].table) continue;
      const auto [at, is_new] = waiting_.emplace(report, row.key);
      if (is_new) order_.push_back(at);
      if (waiting_.size() > rows_max_) forget();
    }
  }
}

void RowWatch::unseen() {
  const std::lock_guard lock(mutex_);
  forget();
}

// Under the lock.
void RowWatch::forget() {
  unseen_ = true;
  order_.clear();
  waiting_.clear();
}

void RowWatch::folded() {
  {
    const std::lock_guard lock(mutex_);
    has_folded_ = true;
  }
  folded_.notify_all();
}

void RowWatch::stop(const Error& reason) {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = reason;
    has_folded_ = true;
  }
  folded_.notify_all();
}

Result<std::shared_ptr<RowWatch>> RowWatches::watch(std::vector<RowWatch::Watched> watched) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return *stopped_;
  std::erase_if(watches_, [](const auto& watch) { return watch.expired(); });
  auto made = std::make_shared<RowWatch>(std::move(watched), watched_rows_max);
  watches_.push_back(made);
  return made;
}

std::vector<std::shared_ptr<RowWatch>> RowWatches::alive() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<RowWatch>> alive;
  for (const auto& watch : watches_) {
    if (auto locked = watch.lock()) alive.push_back(std::move(locked));
  }
  return alive;
}

bool RowWatches::wanted() const { return !alive().empty(); }

bool RowWatches::wants(std::string_view model) const {
  const auto watches = alive();
  return std::any_of(watches.begin(), watches.end(),
                     [&](const auto& watch) { return watch->wants(model); });
}

void RowWatches::changed(std::string_view model, const std::vector<RowKey>& keys) {
  for (const auto& watch : alive()) watch->changed(model, keys);
}

void RowWatches::unseen() {
  for (const auto& watch : alive()) watch->unseen();
}

void RowWatches::folded() {
  for (const auto& watch : alive()) watch->folded();
}

void RowWatches::stop(const Error& reason) {
  const Error ended =
      error(ErrorCode::Unavailable, "the read models have stopped: " + reason.message);
  for (const auto& watch : alive()) watch->stop(ended);
  const std::lock_guard lock(mutex_);
  stopped_ = ended;
}

}  // namespace orderlog::projections
