#include "projections/runner/build_lanes.h"

#include <algorithm>
#include <map>

namespace orderlog::projections {
namespace {

std::vector<log::CommitIndex> durable_commits(const log::LogReader& log) {
  std::vector<log::CommitIndex> ends;
  for (std::uint32_t p = 0; p < log.partition_count(); ++p) {
    ends.push_back(log.durable_end(PartitionId(p)).last_commit);
  }
  return ends;
}

std::uint64_t events_folded(const Lane& lane) {
  std::uint64_t events = 0;
  for (const Progress& progress : lane.progress()) events += progress.seq.value;
  return events;
}

}  // namespace

Status BuildLanes::open() {
  auto partitions = read_partition_count(database_);
  if (!partitions) return std::move(partitions).error();
  if (*partitions != 0 && *partitions != log_.partition_count()) {
    return error(ErrorCode::Conflict, "the read models were built from a log of " +
                                          std::to_string(*partitions) +
                                          " partitions; delete them to build them anew");
  }
  auto stored = read_layouts(database_);
  if (!stored) return std::move(stored).error();
  const LayoutPlan plan = plan_layouts(*stored, models_);
  Batch batch;
  put_partition_count(batch, log_.partition_count());
  for (const auto& layout : plan.dropped) erase_layout(batch, LayoutId{layout.layout});
  for (const auto& layout : plan.created) {
    // Numbers are used again: nothing of an earlier layout or lane may be left.
    erase_layout(batch, LayoutId{layout.row.layout});
    erase_progress(batch, layout.row.lane);
    put_layout(batch, layout.row);
  }
  if (auto written = database_.write(batch); !written) return written;
  return open_layouts(plan);
}

Status BuildLanes::open_layouts(const LayoutPlan& plan) {
  auto live = Lane::open(log_, database_, live_lane, watches_, options_);
  if (!live) return std::move(live).error();
  live_ = std::move(*live);
  for (const PlannedLayout& layout : plan.served) {
    served_.serve(layout.row);
    if (auto taken = take_in(*live_, layout); !taken) return taken;
  }
  for (const auto* planned : {&plan.resumed, &plan.created}) {
    for (const PlannedLayout& layout : *planned) {
      auto lane = lane_of(layout.row.lane);
      if (!lane) return std::move(lane).error();
      if (auto taken = take_in(**lane, layout); !taken) return taken;
    }
  }
  return {};
}

Result<Lane*> BuildLanes::lane_of(LaneId id) {
  for (const auto& lane : builds_) {
    if (lane->id() == id) return lane.get();
  }
  auto opened = Lane::open(log_, database_, id, watches_, options_);
  if (!opened) return std::move(opened).error();
  builds_.push_back(std::move(*opened));
  return builds_.back().get();
}

Status BuildLanes::take_in(Lane& lane, const PlannedLayout& layout) {
  Lane::Member member{layout.row, nullptr};
  if (layout.definition) {
    auto rows = ModelRows::open(database_, *layout.definition, LayoutId{layout.row.layout},
                                options_.parked_keys_max);
    if (!rows) return std::move(rows).error();
    member.rows = std::move(*rows);
  }
  lane.add(std::move(member));
  return {};
}

bool BuildLanes::live_folds() const {
  return std::any_of(live_->members().begin(), live_->members().end(),
                     [](const Lane::Member& member) { return member.rows != nullptr; });
}

std::vector<log::CommitIndex> BuildLanes::build_target() const {
  if (!live_folds()) return durable_commits(log_);
  std::vector<log::CommitIndex> target;
  for (const Progress& progress : live_->progress()) target.push_back(progress.commit);
  return target;
}

Result<Lane::StepResult> BuildLanes::step_live(FeedEvents* feed) {
  if (!live_folds()) return Lane::StepResult{};
  const auto ends = durable_commits(log_);
  for (std::size_t p = 0; p < ends.size(); ++p) {
    if (ends[p] < live_->progress()[p].commit) {
      return error(ErrorCode::Corrupt, "partition " + std::to_string(p) +
                                           " of the log ends before what was folded already: the "
                                           "log has lost data");
    }
  }
  auto result = live_->step(ends, feed);
  if (!result) return result;
  for (const Lane::Member& member : live_->members()) {
    if (member.rows && !member.rows->failed()) served_.serve(member.layout);
  }
  return result;
}

Result<std::uint64_t> BuildLanes::step_builds() {
  std::uint64_t commits = 0;
  for (auto& lane : builds_) {
    auto result = lane->step(build_target(), nullptr);
    if (!result) return std::move(result).error();
    commits += result->commits;
  }
  return commits;
}

Status BuildLanes::finish_builds() {
  for (std::size_t i = 0; i < builds_.size();) {
    if (!builds_[i]->reached(build_target())) {
      ++i;
      continue;
    }
    auto build = std::move(builds_[i]);
    builds_.erase(builds_.begin() + static_cast<std::ptrdiff_t>(i));
    if (auto taken = take_over(std::move(build)); !taken) return taken;
  }
  return {};
}

// A copy that failed doesn't replace one that answers.
std::vector<schema::LayoutRowT> BuildLanes::give_up_failed(Lane& build) {
  std::vector<schema::LayoutRowT> given_up;
  std::erase_if(build.members(), [&](const Lane::Member& fresh) {
    const bool answered =
        std::any_of(live_->members().begin(), live_->members().end(), [&](const Lane::Member& old) {
          return old.layout.model == fresh.layout.model && old.layout.failure.empty();
        });
    if (fresh.layout.failure.empty() || !answered) return false;
    failed_rebuilds_[fresh.layout.model] = fresh.layout.failure;
    given_up.push_back(fresh.layout);
    return true;
  });
  return given_up;
}

std::vector<schema::LayoutRowT> BuildLanes::take_replaced(const Lane& build) {
  std::vector<schema::LayoutRowT> replaced;
  for (const Lane::Member& fresh : build.members()) {
    failed_rebuilds_.erase(fresh.layout.model);
    std::erase_if(live_->members(), [&](const Lane::Member& old) {
      if (old.layout.model != fresh.layout.model) return false;
      replaced.push_back(old.layout);
      return true;
    });
  }
  return replaced;
}

Status BuildLanes::take_over(std::unique_ptr<Lane> build) {
  const bool lone = !live_folds();
  auto unwanted = give_up_failed(*build);
  for (auto& old : take_replaced(*build)) unwanted.push_back(std::move(old));
  Batch batch;
  erase_progress(batch, build->id());
  if (lone) build->put_progress_as(batch, live_lane);
  for (Lane::Member& fresh : build->members()) {
    fresh.layout.lane = live_lane;
    put_layout(batch, fresh.layout);
  }
  if (auto written = database_.write(batch); !written) return written;
  for (const Lane::Member& fresh : build->members()) served_.serve(fresh.layout);
  watches_.unseen();

  // Only now: readers that began before the exchange have a snapshot with the old rows.
  Batch cleaning;
  for (const auto& old : unwanted) erase_layout(cleaning, LayoutId{old.layout});
  if (!unwanted.empty()) {
    if (auto written = database_.write(cleaning); !written) return written;
  }
  if (lone) {
    for (Lane::Member& old : live_->members()) build->members().push_back(std::move(old));
    build->become(live_lane);
    live_ = std::move(build);
  } else {
    for (Lane::Member& fresh : build->members()) live_->members().push_back(std::move(fresh));
  }
  live_->members_changed();
  return {};
}

Status BuildLanes::start_rebuild(std::string_view model) {
  const ModelDefinition* definition = nullptr;
  for (const ModelDefinition& candidate : models_) {
    if (candidate.name != model) continue;
    if (!definition || definition->version < candidate.version) definition = &candidate;
  }
  if (!definition) return {};
  std::vector<schema::LayoutRowT> layouts;
  LaneId lane = live_lane + 1;
  for (const Lane::Member& member : live_->members()) layouts.push_back(member.layout);
  for (const auto& build : builds_) {
    lane = std::max(lane, build->id() + 1);
    for (const Lane::Member& member : build->members()) {
      if (member.layout.model == model) return {};
      layouts.push_back(member.layout);
    }
  }
  const PlannedLayout planned{new_layout(layouts, *definition, lane), definition};
  Batch batch;
  erase_layout(batch, LayoutId{planned.row.layout});
  erase_progress(batch, lane);
  put_layout(batch, planned.row);
  if (auto written = database_.write(batch); !written) return written;
  auto opened = lane_of(lane);
  if (!opened) return std::move(opened).error();
  return take_in(**opened, planned);
}

std::vector<ModelStats> BuildLanes::model_stats() const {
  std::map<std::string, ModelStats> models;
  for (const ModelDefinition& definition : models_) {
    models[definition.name].name = definition.name;
  }
  for (const Lane::Member& member : live_->members()) {
    ModelStats& stats = models[member.layout.model];
    stats.version = member.layout.version;
    stats.generation = member.layout.generation;
    stats.failed = !member.layout.failure.empty();
    stats.error = member.layout.failure;
    stats.ready = !stats.failed;
    const auto failed_rebuild = failed_rebuilds_.find(member.layout.model);
    if (failed_rebuild != failed_rebuilds_.end()) {
      stats.error = "the rebuild failed: " + failed_rebuild->second;
    }
    if (member.rows) {
      stats.parked_keys = member.rows->parked_keys();
      stats.parked_events = member.rows->parked_events();
    }
  }
  for (const auto& build : builds_) {
    std::uint64_t total = 0;
    for (std::uint32_t p = 0; p < log_.partition_count(); ++p) {
      total += log_.durable_end(PartitionId(p)).last_seq.value;
    }
    for (const Lane::Member& member : build->members()) {
      ModelStats& stats = models[member.layout.model];
      stats.rebuilding = true;
      stats.rebuild_done = events_folded(*build);
      stats.rebuild_total = total;
    }
  }
  std::vector<ModelStats> result;
  for (auto& [name, stats] : models) result.push_back(std::move(stats));
  return result;
}

}  // namespace orderlog::projections
