#include "projections/runner/row_snapshot.h"

namespace orderlog::projections {

SnapshotRow RowSnapshot::shown(std::string stored, TimestampUs as_of) const {
  SnapshotRow row{std::move(stored), {}};
  row.shown = report_.finish ? report_.finish(row.stored, as_of) : row.stored;
  return row;
}

Result<std::optional<SnapshotRow>> RowSnapshot::row(std::string_view key, TimestampUs as_of) const {
  auto stored = view_.row(report_.descriptor.row_table, key);
  if (!stored) return std::move(stored).error();
  if (!*stored) return std::optional<SnapshotRow>();
  return std::optional<SnapshotRow>(shown(std::move(**stored), as_of));
}

Status RowSnapshot::each(
    TimestampUs as_of,
    const std::function<bool(std::string_view key, const SnapshotRow& row)>& visit) const {
  return view_.scan(report_.descriptor.row_table, "",
                    [&](std::string_view key, std::string_view stored) {
                      return visit(key, shown(std::string(stored), as_of));
                    });
}

}  // namespace orderlog::projections
