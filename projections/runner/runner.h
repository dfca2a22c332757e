// Keeps the read models up to date: one thread tails all partitions, folds, and writes rows,
// indexes, counters and positions in one atomic batch; then it wakes who waits and feeds who
// listens. A batch is what became durable while the last one was written, or a moment longer when
// nobody waits for it (batch_interval_ms). Must hold:
// 1. a position is never ahead of its rows; 2. sequences are without gaps, else the runner stops,
// loudly; 3. readers never see a half-built model.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/hash.h"
#include "events/log/event_log.h"
#include "projections/model.h"
#include "projections/report.h"
#include "projections/runner/feed.h"

namespace orderlog::projections {

inline constexpr std::size_t batch_events_default = 32'768;
inline constexpr std::size_t batch_bytes_default = 16 * 1024 * 1024;
inline constexpr std::int64_t batch_ms_default = 200;
inline constexpr std::int64_t batch_interval_ms_default = 10;
inline constexpr std::size_t batches_at_once_default = 4;
inline constexpr std::size_t waiters_max_default = 10'000;
inline constexpr std::size_t parked_keys_max_default = 10'000;

struct RunnerOptions {
  std::string directory;  // DIR; the rows are in DIR/projections
  // One batch takes at most this much; a single larger commit goes alone.
  std::size_t batch_events_max = batch_events_default;
  std::size_t batch_bytes_max = batch_bytes_default;
  // And is folded for about so long, however little of a core it gets; writing it comes on top.
  // Readers and a stop wait for its end. For a thread of its own only.
  std::int64_t batch_ms_max = batch_ms_default;
  // The next begins no sooner than so long after this one began, unless somebody waits for a
  // position or more than a batch is left: a row that many events change is written once a batch.
  // 0: at once. For a thread of its own only.
  std::int64_t batch_interval_ms = batch_interval_ms_default;
  // With more than a batch to catch up with, so many are made one: what many events change is
  // written once, and readers are late anyway. Not while there is a feed: its queues are bounded.
  std::size_t batches_at_once_max = batches_at_once_default;
  std::size_t waiters_max = waiters_max_default;
  // For each model; one that would park more keys is stopped.
  std::size_t parked_keys_max = parked_keys_max_default;
  std::size_t memtable_bytes = 64 * 1024 * 1024;     // up to 3 of them
  std::size_t block_cache_bytes = 64 * 1024 * 1024;  // of uncompressed blocks
  // The runner's thread runs when no other wants its core, as long as that does not starve it
  // (idle_worker.h): decisions come before reports.
  bool idle_scheduling = true;
  // Whether others that run idle, too, need the core more: asked on the runner's thread after each
  // batch. Then the next one waits four times as long as this one took, a second at most.
  std::function<bool()> gives_way;
  // Whether the bytes of events are verified before they are folded. For logs that others write.
  bool verify_events = false;
  // Off: closing loses what was not flushed, as a kill does (tests).
  bool flush_on_close = true;
  // Off: nothing runs by itself, step() does (tests, the simulator).
  bool own_thread = true;
};

struct ModelStats {
  std::string name;
  std::uint32_t version = 0;     // of the rows that are served; 0: none yet
  std::uint32_t generation = 0;  // rises with every rebuild
  bool ready = false;
  bool rebuilding = false;          // a newer copy is being built
  std::uint64_t rebuild_done = 0;   // events folded into it
  std::uint64_t rebuild_total = 0;  // events it has to fold, as of now
  std::uint64_t parked_keys = 0;
  std::uint64_t parked_events = 0;
  bool failed = false;  // stopped: see error
  std::string error;
};

struct RunnerStats {
  std::vector<Sequence> applied;  // by partition
  std::uint64_t lag_events = 0;
  std::int64_t lag_us = 0;  // while there is a lag: the age of the last applied commit
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t rows_written = 0;
  std::uint64_t keys_written = 0;    // rows, index entries and counters
  std::uint64_t unknown_events = 0;  // of aggregates that this build doesn't know
  std::uint64_t batch_us_total = 0;
  std::uint64_t batch_us_max = 0;
  std::uint64_t waiters = 0;
  std::uint64_t subscriptions = 0;
  std::uint64_t subscriptions_dropped = 0;
  bool starved = false;  // others left it no time: it does not run idle until it has caught up
  bool stopped = false;  // by a gap, a log that lost data, or a failed disk: see error
  std::string error;
  std::vector<ModelStats> models;
};

class RowSnapshot;
class RowWatch;

// All functions: any thread, unless said otherwise.
class Runner {
 public:
  // Opens DIR/projections and starts. The log must outlive the runner. Models of one name and
  // different versions: the highest is what is to be served. Errors: InvalidArgument (options,
  // models), Locked, Conflict (rows of another log: delete DIR/projections to rebuild), Corrupt
  // (the log ends before what was folded: it has lost data), Io.
  static Result<std::unique_ptr<Runner>> open(log::LogReader& log, RunnerOptions options,
                                              std::vector<ModelDefinition> models);
  virtual ~Runner() = default;

  // ---- queries
  virtual const std::vector<ReportDescriptor>& reports() const = 0;
  // Errors: NotFound (no such report), InvalidArgument (parameters, cursor, limit), Unavailable
  // (still being built, or its model has failed), Corrupt, Io.
  virtual Result<ReportPage> report(const ReportRequest& request) const = 0;
  // One row by its key; nothing when there is none. Errors: as report.
  virtual Result<std::optional<std::string>> row(std::string_view report, std::string_view key,
                                                 TimestampUs as_of) const = 0;

  // ---- positions
  virtual std::vector<Sequence> applied() const = 0;
  // Calls back once: success when the rows of the position are readable, at once if they are;
  // Timeout at the deadline; Unavailable when there are too many waiters or the runner stops. The
  // callback runs in the caller's or the runner's thread and must be short.
  virtual void when_applied(Position position, std::chrono::steady_clock::time_point deadline,
                            std::function<void(const Status&)> callback) = 0;
  // The same, blocking. Errors: as above.
  virtual Status wait_for(Position position, std::chrono::milliseconds timeout) = 0;
  // Blocks until every model is ready and nothing is being rebuilt. Errors: Timeout, Unavailable.
  virtual Status wait_ready(std::chrono::milliseconds timeout) = 0;

  // ---- live feed. Errors: Unavailable (feed_subscriptions_max, stopped).
  virtual Result<std::unique_ptr<Subscription>> subscribe(FeedOptions options) = 0;

  // ---- rows, for those that copy them elsewhere (row_watch.h, row_snapshot.h); of reports that
  // have single rows. Errors: NotFound, InvalidArgument, Unavailable (stopped, being built).
  virtual Result<std::shared_ptr<RowWatch>> watch_rows(std::span<const std::string> reports) = 0;
  virtual Result<std::unique_ptr<RowSnapshot>> row_snapshot(std::string_view report) const = 0;

  // ---- operation
  // Starts to build the model anew beside the one that is served. Errors: NotFound (a model's or a
  // report's name), Conflict (already being rebuilt), Unavailable (stopped).
  virtual Status rebuild(std::string_view name) = 0;
  // A hash of all rows of the model that is served: the same after any replay of the same events.
  // Reads everything. Errors: NotFound, Unavailable (not built yet), Io.
  virtual Result<Hash256> state_hash(std::string_view model) const = 0;
  // Parked keys of all models, as rows "ParkedRow"; also the report "parked_events".
  virtual RunnerStats stats() const = 0;
  // Makes all rows durable; otherwise they are rebuilt from the log after a crash. Errors: Io.
  virtual Status flush() = 0;
  // With own_thread off: folds one batch. True when there was something to do. One thread.
  virtual Result<bool> step() = 0;
};

}  // namespace orderlog::projections
