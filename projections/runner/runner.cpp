// Opening: what of the store fits this build goes on, the rest is built anew beside it. One thread
// at a time then steps the live lane and the builds in turn; only it touches lanes.
#include "projections/runner/runner.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>

#include "events/base/clock.h"
#include "projections/runner/build_lanes.h"
#include "projections/runner/feed_hub.h"
#include "projections/runner/idle_worker.h"
#include "projections/runner/row_snapshot.h"
#include "projections/runner/row_watch.h"
#include "projections/runner/served_models.h"
#include "projections/runner/waiters.h"

namespace orderlog::projections {
namespace {

constexpr std::chrono::milliseconds stats_refresh_interval(100);
constexpr std::uint32_t idle_wait_ms_max = 20;  // how late a rebuild or a stop may be noticed
// After a batch, while others need the core more: of short batches a fifth of the time is folded.
constexpr int pause_per_batch = 4;
constexpr std::chrono::seconds pause_max(1);

class RunnerThread final : public Runner {
 public:
  RunnerThread(log::LogReader& log, RunnerOptions options, std::vector<ModelDefinition> models,
               std::unique_ptr<Database> database)
      : log_(log),
        options_(std::move(options)),
        models_(std::move(models)),
        database_(std::move(database)),
        served_(*database_, models_),
        lanes_(log_, *database_, models_, served_, watches_, options_),
        waiters_(log_.partition_count(), options_.waiters_max) {}

  ~RunnerThread() override {
    const Error closing = error(ErrorCode::Unavailable, "shutting down");
    waiters_.stop(closing);  // and so the pause between batches
    worker_.reset();
    feed_.stop(closing);
    watches_.stop(closing);
  }

  Status start() {
    if (auto opened = lanes_.open(); !opened) return opened;
    if (auto finished = lanes_.finish_builds(); !finished) return finished;
    publish_positions();
    refresh_stats();
    if (options_.own_thread) {
      worker_.emplace(options_.idle_scheduling, [this](IdleWorker& worker) { run(worker); });
    }
    return {};
  }

  const std::vector<ReportDescriptor>& reports() const override { return served_.reports(); }
  Result<ReportPage> report(const ReportRequest& request) const override {
    return served_.report(request);
  }
  Result<std::optional<std::string>> row(std::string_view report, std::string_view key,
                                         TimestampUs as_of) const override {
    return served_.row(report, key, as_of);
  }
  Result<Hash256> state_hash(std::string_view model) const override {
    return served_.state_hash(model);
  }
  std::vector<Sequence> applied() const override { return waiters_.applied(); }
  void when_applied(Position position, std::chrono::steady_clock::time_point deadline,
                    std::function<void(const Status&)> callback) override {
    waiters_.add(position, deadline, std::move(callback));
  }
  Result<std::unique_ptr<Subscription>> subscribe(FeedOptions options) override {
    return feed_.subscribe(std::move(options));
  }
  Result<std::unique_ptr<RowSnapshot>> row_snapshot(std::string_view report) const override {
    return served_.row_snapshot(report);
  }
  Status flush() override { return database_->flush(); }

  Result<std::shared_ptr<RowWatch>> watch_rows(std::span<const std::string> reports) override;

  Status wait_for(Position position, std::chrono::milliseconds timeout) override;
  Status wait_ready(std::chrono::milliseconds timeout) override;
  Status rebuild(std::string_view name) override;
  RunnerStats stats() const override;
  Result<bool> step() override;

 private:
  void run(IdleWorker& worker);
  Result<bool> work();
  Status start_rebuilds();
  Result<std::uint64_t> step_live();
  void stop(const Error& reason);
  void publish_positions();
  void refresh_stats();

  log::LogReader& log_;
  const RunnerOptions options_;
  const std::vector<ModelDefinition> models_;
  std::unique_ptr<Database> database_;
  ServedModels served_;
  RowWatches watches_;
  BuildLanes lanes_;
  Waiters waiters_;
  FeedHub feed_;
  WallClock clock_;
  std::chrono::steady_clock::time_point stats_refreshed_{};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  RunnerStats stats_;
  std::set<std::string> wanted_rebuilds_;
  TimestampUs applied_recorded_at_ = 0;
  std::optional<IdleWorker> worker_;  // last: its threads use all of the above
};

void RunnerThread::run(IdleWorker& worker) {
  const auto interval = std::chrono::milliseconds(options_.batch_interval_ms);
  while (!worker.should_stop()) {
    const auto began = std::chrono::steady_clock::now();
    const std::uint64_t seen = log_.wait_durable(0, 0);
    auto worked = step();
    if (!worked) return;
    const auto took = std::chrono::steady_clock::now() - began;
    if (*worked && options_.gives_way && options_.gives_way()) {
      worker.pause(
          std::min<std::chrono::steady_clock::duration>(pause_per_batch * took, pause_max));
      continue;
    }
    const bool late = lanes_.live().is_late() || took >= interval;
    if (*worked && late) continue;
    worker.rests();
    if (*worked) {
      waiters_.await_anybody(began + interval);
      continue;
    }
    auto wait_ms = std::chrono::milliseconds(idle_wait_ms_max);
    if (const auto deadline = waiters_.next_deadline()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          *deadline - std::chrono::steady_clock::now());
      wait_ms = std::clamp(left, std::chrono::milliseconds(1), wait_ms);
    }
    (void)log_.wait_durable(seen, static_cast<std::uint32_t>(wait_ms.count()));
  }
}

Result<bool> RunnerThread::step() {
  {
    const std::lock_guard lock(mutex_);
    if (stats_.stopped) return error(ErrorCode::Unavailable, stats_.error);
  }
  auto worked = work();
  waiters_.expire(std::chrono::steady_clock::now());
  if (!worked) stop(worked.error());
  return worked;
}

Result<bool> RunnerThread::work() {
  if (auto started = start_rebuilds(); !started) return std::move(started).error();
  auto live = step_live();
  if (!live) return std::move(live).error();
  auto built = lanes_.step_builds();
  if (!built) return std::move(built).error();
  if (auto finished = lanes_.finish_builds(); !finished) return std::move(finished).error();
  if (*built > 0) publish_positions();
  const bool worked = *live + *built > 0;
  // Under load the models' state need not be told with every batch.
  const auto now = std::chrono::steady_clock::now();
  if (!worked || *built > 0 || now - stats_refreshed_ > stats_refresh_interval) {
    stats_refreshed_ = now;
    refresh_stats();
  }
  return worked;
}

Status RunnerThread::start_rebuilds() {
  std::set<std::string> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_rebuilds_;
  }
  for (const std::string& name : wanted) {
    if (auto started = lanes_.start_rebuild(name); !started) return started;
    // Told before it is no longer wanted: whoever waits must not find neither.
    refresh_stats();
    const std::lock_guard lock(mutex_);
    wanted_rebuilds_.erase(name);
  }
  return {};
}

Result<std::uint64_t> RunnerThread::step_live() {
  const auto began = std::chrono::steady_clock::now();
  FeedEvents events;
  const bool wanted = feed_.wanted();
  auto stepped = lanes_.step_live(wanted ? &events : nullptr);
  if (!stepped) return std::move(stepped).error();
  if (stepped->commits == 0) return std::uint64_t{0};
  publish_positions();
  watches_.folded();
  if (wanted) {
    feed_.publish(events);
  } else {
    feed_.passed_by();
  }
  const auto took =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - began)
                                     .count());
  const std::lock_guard lock(mutex_);
  ++stats_.batches;
  stats_.events += stepped->events;
  stats_.rows_written += stepped->rows_written;
  stats_.keys_written += stepped->keys_written;
  stats_.unknown_events += stepped->unknown_events;
  stats_.batch_us_total += took;
  stats_.batch_us_max = std::max(stats_.batch_us_max, took);
  applied_recorded_at_ = stepped->recorded_at;
  return stepped->commits;
}

void RunnerThread::stop(const Error& reason) {
  {
    const std::lock_guard lock(mutex_);
    stats_.stopped = true;
    stats_.error = to_string(reason);
  }
  waiters_.stop(reason);
  feed_.stop(reason);
  watches_.stop(reason);
  changed_.notify_all();
}

void RunnerThread::publish_positions() {
  std::vector<Sequence> applied;
  for (const Progress& progress : lanes_.live().progress()) applied.push_back(progress.seq);
  waiters_.advance(applied);
}

void RunnerThread::refresh_stats() {
  auto models = lanes_.model_stats();
  {
    const std::lock_guard lock(mutex_);
    stats_.models = std::move(models);
  }
  changed_.notify_all();
}

Result<std::shared_ptr<RowWatch>> RunnerThread::watch_rows(std::span<const std::string> reports) {
  std::vector<RowWatch::Watched> watched;
  for (const std::string& report : reports) {
    auto found = served_.watched(report);
    if (!found) return found.error();
    watched.push_back(std::move(*found));
  }
  return watches_.watch(std::move(watched));
}

Status RunnerThread::wait_for(Position position, std::chrono::milliseconds timeout) {
  struct Outcome {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Status> status;
  };
  const auto outcome = std::make_shared<Outcome>();
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  when_applied(position, deadline, [outcome](const Status& status) {
    const std::lock_guard lock(outcome->mutex);
    outcome->status = status;
    outcome->done.notify_all();
  });
  std::unique_lock lock(outcome->mutex);
  // Without a thread of its own nobody expires the waiter but this.
  if (outcome->done.wait_until(lock, deadline + std::chrono::seconds(options_.own_thread ? 5 : 0),
                               [&] { return outcome->status.has_value(); })) {
    return *outcome->status;
  }
  return error(ErrorCode::Timeout, "the read models have not reached the position in time");
}

Status RunnerThread::wait_ready(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] {
    return stats_.stopped ||
           (wanted_rebuilds_.empty() &&
            std::all_of(stats_.models.begin(), stats_.models.end(),
                        [](const ModelStats& m) { return m.ready && !m.rebuilding; }));
  };
  if (!changed_.wait_for(lock, timeout, ready)) {
    return error(ErrorCode::Timeout, "the read models are still being built");
  }
  if (stats_.stopped) return error(ErrorCode::Unavailable, stats_.error);
  return {};
}

Status RunnerThread::rebuild(std::string_view name) {
  const ModelDefinition* model = served_.model_of(name);
  if (!model) return error(ErrorCode::NotFound, "there is no read model " + quote_input(name));
  const std::lock_guard lock(mutex_);
  if (stats_.stopped) return error(ErrorCode::Unavailable, stats_.error);
  for (const ModelStats& stats : stats_.models) {
    if (stats.name == model->name && stats.rebuilding) {
      return error(ErrorCode::Conflict, model->name + " is being rebuilt already");
    }
  }
  if (!wanted_rebuilds_.insert(model->name).second) {
    return error(ErrorCode::Conflict, model->name + " is about to be rebuilt already");
  }
  return {};
}

RunnerStats RunnerThread::stats() const {
  RunnerStats stats;
  TimestampUs recorded_at = 0;
  {
    const std::lock_guard lock(mutex_);
    stats = stats_;
    recorded_at = applied_recorded_at_;
  }
  stats.applied = waiters_.applied();
  for (std::uint32_t p = 0; p < stats.applied.size(); ++p) {
    const std::uint64_t end = log_.durable_end(PartitionId(p)).last_seq.value;
    stats.lag_events += end - std::min(end, stats.applied[p].value);
  }
  if (stats.lag_events > 0 && recorded_at > 0) {
    stats.lag_us = std::max<std::int64_t>(0, clock_.now() - recorded_at);
  }
  stats.waiters = waiters_.size();
  stats.subscriptions = feed_.subscriptions();
  stats.subscriptions_dropped = feed_.dropped();
  stats.starved = worker_ && worker_->starved();
  return stats;
}

}  // namespace

Result<std::unique_ptr<Runner>> Runner::open(log::LogReader& log, RunnerOptions options,
                                             std::vector<ModelDefinition> models) {
  if (options.directory.empty()) {
    return error(ErrorCode::InvalidArgument, "the read models need a directory");
  }
  if (options.batch_interval_ms < 0) {
    return error(ErrorCode::InvalidArgument, "batch_interval_ms must not be negative");
  }
  if (options.batch_events_max == 0 || options.batch_bytes_max == 0 ||
      options.batches_at_once_max == 0) {
    return error(ErrorCode::InvalidArgument, "the bounds of a batch must be positive");
  }
  if (auto checked = check_models(models); !checked) return std::move(checked).error();
  DatabaseOptions store;
  store.path = options.directory + "/projections";
  store.memtable_bytes = options.memtable_bytes;
  store.block_cache_bytes = options.block_cache_bytes;
  store.flush_on_close = options.flush_on_close;
  auto database = Database::open(store);
  if (!database) return std::move(database).error();
  auto runner = std::make_unique<RunnerThread>(log, std::move(options), std::move(models),
                                               std::move(*database));
  if (auto started = runner->start(); !started) return std::move(started).error();
  return std::unique_ptr<Runner>(std::move(runner));
}

}  // namespace orderlog::projections
