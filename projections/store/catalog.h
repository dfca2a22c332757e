// What the store holds besides rows: which layouts there are, and how far each lane has folded.
// Lane 0 is live: the models that follow the log together. Every other lane is a build in
// progress, which becomes live when it has caught up.
#pragma once

#include <cstdint>
#include <vector>

#include "events/log/event_log.h"
#include "events/schema/read_models_generated.h"
#include "projections/store/database.h"
#include "projections/store/layout_keys.h"

namespace orderlog::projections {

using LaneId = std::uint32_t;
constexpr LaneId live_lane = 0;

// How far a lane has folded one partition. All zero: nothing yet.
struct Progress {
  log::CommitIndex commit;
  Sequence seq;
  Hash256 hash{};  // of that commit, so that another log is recognised

  friend bool operator==(const Progress&, const Progress&) = default;
};

// All layouts, in order of their number. Errors: Corrupt, Io.
Result<std::vector<schema::LayoutRowT>> read_layouts(const Database& database);
void put_layout(Batch& batch, const schema::LayoutRowT& layout);
// The layout's entry and all its rows.
void erase_layout(Batch& batch, LayoutId layout);

Result<std::vector<Progress>> read_progress(const Database& database, LaneId lane,
                                            std::uint32_t partitions,
                                            const Snapshot* snapshot = nullptr);
void put_progress(Batch& batch, LaneId lane, std::uint32_t partition, const Progress& progress);
void erase_progress(Batch& batch, LaneId lane);

// 0 when the store is new.
Result<std::uint32_t> read_partition_count(const Database& database);
void put_partition_count(Batch& batch, std::uint32_t count);

}  // namespace orderlog::projections
