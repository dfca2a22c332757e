// The models that fold at the same pace, with their cursors and positions: the live ones, or those
// of one build. A step folds what is durable, up to a batch, and writes it whole. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "events/log/event_log.h"
#include "projections/runner/feed.h"
#include "projections/runner/row_watch.h"
#include "projections/runner/runner.h"
#include "projections/store/catalog.h"
#include "projections/store/model_rows.h"

namespace orderlog::projections {

using FeedEvents = std::vector<std::shared_ptr<const FeedEvent>>;

class Lane {
 public:
  // Reads its positions and checks that they belong to this log. Errors: Corrupt (the log ends
  // before them), Conflict (another log), Io.
  static Result<std::unique_ptr<Lane>> open(log::LogReader& log, Database& database, LaneId id,
                                            RowWatches& watches, const RunnerOptions& options);

  struct Member {
    schema::LayoutRowT layout;
    std::unique_ptr<ModelRows> rows;
  };
  void add(Member member);
  std::vector<Member>& members() { return members_; }
  const std::vector<Member>& members() const { return members_; }
  // Members were added or taken away.
  void members_changed();

  struct StepResult {
    std::uint64_t commits = 0;
    std::uint64_t events = 0;
    std::uint64_t keys_written = 0;
    std::uint64_t rows_written = 0;
    std::uint64_t unknown_events = 0;
    TimestampUs recorded_at = 0;  // of the last commit folded
  };
  // Folds up to a batch, no partition beyond `target` (commit indexes). Copies the events to
  // `feed` if given. Errors stop the runner: Corrupt (a gap, bytes that are no events), Io.
  Result<StepResult> step(const std::vector<log::CommitIndex>& target, FeedEvents* feed);

  LaneId id() const { return id_; }
  const std::vector<Progress>& progress() const { return progress_; }
  bool reached(const std::vector<log::CommitIndex>& target) const;
  // More than a batch is left to fold.
  bool is_late() const;
  // The lane's positions as those of another lane.
  void put_progress_as(Batch& batch, LaneId lane) const;
  void become(LaneId lane) { id_ = lane; }

 private:
  Lane(log::LogReader& log, Database& database, LaneId id, RowWatches& watches,
       const RunnerOptions& options)
      : log_(log), database_(database), id_(id), watches_(watches), options_(options) {}

  Status check_against_log() const;
  Status read_commits(const std::vector<log::CommitIndex>& target, FeedEvents* feed,
                      StepResult& result);
  Result<std::size_t> fold_commit(std::uint32_t partition, FeedEvents* feed, StepResult& result);
  Status fold_event(std::uint32_t partition, log::Bytes bytes, FeedEvents* feed,
                    StepResult& result);
  Status write(StepResult& result);
  void tell_watches(bool noted);

  log::LogReader& log_;
  Database& database_;
  LaneId id_;
  RowWatches& watches_;  // of the live rows
  const RunnerOptions& options_;
  std::vector<Progress> progress_;
  std::vector<std::unique_ptr<log::CommitCursor>> cursors_;
  std::vector<bool> moved_;  // by partition, since the last write
  std::vector<Member> members_;
  std::vector<std::vector<ModelRows*>> wanting_;  // by AnyEvent
  Batch batch_;
  std::vector<std::pair<std::string_view, std::vector<RowKey>>> changed_;  // by model
};

}  // namespace orderlog::projections
