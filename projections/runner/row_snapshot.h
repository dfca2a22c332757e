// The rows of one report as of one moment, for those that copy them elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/ids.h"
#include "projections/report.h"
#include "projections/store/read_view.h"

namespace orderlog::projections {

// A row as it lies in its model, to see whether it is another one than before, and as the report
// shows it.
struct SnapshotRow {
  std::string stored;
  std::string shown;
};

// One thread. Must not outlive its runner.
class RowSnapshot {
 public:
  RowSnapshot(const ReportDefinition& report, std::shared_ptr<const schema::LayoutRowT> layout,
              ReadView view, std::vector<Sequence> position)
      : report_(report),
        layout_(std::move(layout)),
        view_(std::move(view)),
        position_(std::move(position)) {}

  // What the rows stand for, by partition.
  const std::vector<Sequence>& position() const { return position_; }
  // Nothing: there is no such row. Errors: as Runner::row.
  Result<std::optional<SnapshotRow>> row(std::string_view key, TimestampUs as_of) const;
  // All, in the order of their keys, until the visitor says false. Errors: as Runner::row.
  Status each(TimestampUs as_of,
              const std::function<bool(std::string_view key, const SnapshotRow& row)>& visit) const;

 private:
  SnapshotRow shown(std::string stored, TimestampUs as_of) const;

  const ReportDefinition& report_;
  std::shared_ptr<const schema::LayoutRowT> layout_;  // what the view reads by
  ReadView view_;
  std::vector<Sequence> position_;
};

}  // namespace orderlog::projections
