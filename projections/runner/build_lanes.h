// The live lane and the builds beside it: how a build starts, and how it takes the place of what it
// replaces, in one atomic batch, when it has caught up. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/runner/lane.h"
#include "projections/runner/layout_plan.h"
#include "projections/runner/served_models.h"

namespace orderlog::projections {

class BuildLanes {
 public:
  // All must outlive it.
  BuildLanes(log::LogReader& log, Database& database, const std::vector<ModelDefinition>& models,
             ServedModels& served, RowWatches& watches, const RunnerOptions& options)
      : log_(log),
        database_(database),
        models_(models),
        served_(served),
        watches_(watches),
        options_(options) {}

  // Reads the catalog, starts what is missing, drops what nobody wants. Errors: as Runner::open.
  Status open();

  Lane& live() { return *live_; }
  const Lane& live() const { return *live_; }

  // One batch of the live lane.
  Result<Lane::StepResult> step_live(FeedEvents* feed);
  // One batch of every build. Returns how many commits were folded.
  Result<std::uint64_t> step_builds();
  // Lets builds that have caught up take over.
  Status finish_builds();
  // Nothing happens when the model is being built already.
  Status start_rebuild(std::string_view model);

  std::vector<ModelStats> model_stats() const;

 private:
  Status open_layouts(const LayoutPlan& plan);
  Result<Lane*> lane_of(LaneId id);
  Status take_in(Lane& lane, const PlannedLayout& layout);
  // How far builds may go: as far as the live models, or to the log's end while there are none.
  std::vector<log::CommitIndex> build_target() const;
  Status take_over(std::unique_ptr<Lane> build);
  std::vector<schema::LayoutRowT> give_up_failed(Lane& build);
  std::vector<schema::LayoutRowT> take_replaced(const Lane& build);
  bool live_folds() const;

  log::LogReader& log_;
  Database& database_;
  const std::vector<ModelDefinition>& models_;
  ServedModels& served_;
  RowWatches& watches_;
  const RunnerOptions& options_;
  std::unique_ptr<Lane> live_;
  std::vector<std::unique_ptr<Lane>> builds_;
  std::map<std::string, std::string> failed_rebuilds_;  // by model: why
};

}  // namespace orderlog::projections
