#include "projections/models/otif.h"

#include <array>

#include "projections/models/delivery_items.h"
#include "projections/models/fields.h"

namespace orderlog::projections {
namespace {

using schema::OtifDimension;
using Row = schema::OtifDailyRowT;

constexpr std::size_t cached_cells_max = 16'384;
constexpr std::int64_t ppm_whole = 1'000'000;

enum Index : std::uint8_t { by_dimension, by_day };

// Key: dimension, day, value.
Key group_key(OtifDimension dimension) { return enum_group(dimension); }

std::string& value_in(Row& row, OtifDimension dimension, std::string& unused) {
  if (dimension == OtifDimension::customer) return row.customer_id;
  if (dimension == OtifDimension::site) return row.site;
  if (dimension == OtifDimension::carrier) return row.carrier;
  return unused;
}

void indexes_of(const Row& row, IndexWriter& out) {
  Key group = group_key(row.dimension);
  out.add(by_dimension, group);
  out.add(by_day, group.i32(row.day));
}

OtifCounts counts_of(const schema::DelayListItemT& item) {
  OtifCounts counts;
  const bool complete = is_complete(item);
  counts.due = 1;
  counts.open = complete ? 0 : 1;
  counts.milli_due = item.quantity.milli();
  counts.milli_on_time = std::min(item.delivered_on_time.milli(), counts.milli_due);
  if (complete && item.actual_date && item.delivered.milli() > 0) {
    counts.on_time = *item.actual_date <= *item.expected_date;
    counts.early = *item.actual_date < *item.expected_date;
    counts.in_full = item.delivered.milli() >= item.quantity.milli();
    counts.otif = counts.milli_on_time >= counts.milli_due;
  }
  return counts;
}

bool add_checked(std::int64_t& to, std::int64_t value, int sign) {
  return sign > 0 ? !__builtin_add_overflow(to, value, &to)
                  : !__builtin_sub_overflow(to, value, &to);
}

bool add_counts(OtifCounts& to, const OtifCounts& counts, int sign) {
  return add_checked(to.due, counts.due, sign) && add_checked(to.open, counts.open, sign) &&
         add_checked(to.on_time, counts.on_time, sign) &&
         add_checked(to.in_full, counts.in_full, sign) && add_checked(to.otif, counts.otif, sign) &&
         add_checked(to.early, counts.early, sign) &&
         add_checked(to.milli_due, counts.milli_due, sign) &&
         add_checked(to.milli_on_time, counts.milli_on_time, sign);
}

// Adds to the cell of the same place, or appends one.
bool merge(std::vector<OtifCell>& cells, const OtifCell& cell, int sign) {
  for (OtifCell& known : cells) {
    if (known.day == cell.day && known.dimension == cell.dimension && known.value == cell.value) {
      return add_counts(known.counts, cell.counts, sign);
    }
  }
  cells.push_back({cell.day, cell.dimension, cell.value, {}});
  return add_counts(cells.back().counts, cell.counts, sign);
}

OtifCounts kept_in(const Row* row) {
  if (!row) return {};
  return {row->lines_due,
          row->lines_open,
          row->on_time,
          row->in_full,
          row->otif,
          row->early,
          row->quantity_due.milli(),
          row->quantity_on_time.milli()};
}

flatbuffers::Optional<std::int32_t> rate(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return flatbuffers::nullopt;
  return static_cast<std::int32_t>(static_cast<__int128>(part) * ppm_whole / whole);
}

void store(Row& row, const OtifCell& place, const OtifCounts& sums) {
  std::string unused;
  row.day = place.day;
  row.dimension = place.dimension;
  value_in(row, place.dimension, unused) = place.value;
  row.lines_due = sums.due;
  row.lines_open = sums.open;
  row.on_time = sums.on_time;
  row.in_full = sums.in_full;
  row.otif = sums.otif;
  row.early = sums.early;
  row.quantity_due = Quantity(sums.milli_due);
  row.quantity_on_time = Quantity(sums.milli_on_time);
  row.on_time_ppm = rate(sums.on_time, sums.due);
  row.in_full_ppm = rate(sums.in_full, sums.due);
  row.otif_ppm = rate(sums.otif, sums.due);
  row.otif_quantity_ppm = rate(sums.milli_on_time, sums.milli_due);
}

Result<IndexQuery> plan(const Parameters& parameters) {
  const auto by = *enum_of<OtifDimension>(parameters.at("by"), schema::EnumNamesOtifDimension());
  IndexQuery query;
  query.table = "OtifDailyRow";
  query.index = "dimension";
  query.counted_by = "day";
  query.group = group_key(by).take();
  if (const auto from = parameters.find("from"); from != parameters.end()) {
    query.from = Key().i32(*day_from_text(from->second)).take();
  }
  if (const auto to = parameters.find("to"); to != parameters.end()) {
    query.until = Key().i32(*day_from_text(to->second) + 1).take();
  }
  return query;
}

}  // namespace

std::vector<OtifCell> otif_cells(const schema::DelayListRowT& order) {
  std::vector<OtifCell> cells;
  if (!order.approved) return cells;
  for (const auto& item : order.items) {
    if (!item->expected_date || item->quantity.milli() <= 0) continue;
    const OtifCounts counts = counts_of(*item);
    const Day day = *item->expected_date;
    const std::array<OtifCell, 4> parts{
        OtifCell{day, OtifDimension::none, {}, counts},
        OtifCell{day, OtifDimension::customer, order.customer_id, counts},
        OtifCell{day, OtifDimension::site, item->site, counts},
        OtifCell{day, OtifDimension::carrier, item->carrier, counts}};
    // The lines of one order can't overflow: their quantities are bounded by the order's own sums.
    for (const OtifCell& part : parts) (void)merge(cells, part, +1);
  }
  return cells;
}

Status patch_otif(const std::vector<OtifCell>& before, const std::vector<OtifCell>& after,
                  Tables& tables) {
  std::vector<OtifCell> differences = after;
  bool fits = true;
  for (const OtifCell& cell : before) fits = merge(differences, cell, -1) && fits;
  std::erase_if(differences, [](const OtifCell& cell) { return cell.counts == OtifCounts{}; });
  auto& table = tables.of<Row>();
  std::vector<std::pair<Slot*, OtifCounts>> sums;
  for (const OtifCell& cell : differences) {
    Slot& slot = table.reach(group_key(cell.dimension).i32(cell.day).rest(cell.value));
    OtifCounts sum = kept_in(Table<Row>::row_at(slot));
    fits = add_counts(sum, cell.counts, +1) && fits;
    sums.emplace_back(&slot, sum);
  }
  if (!fits) return error(ErrorCode::Overflow, "the sums of a day do not fit");
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto& [slot, sum] = sums[i];
    if (sum == OtifCounts{}) {
      table.erase(*slot);
    } else {
      store(table.put(*slot), differences[i], sum);
    }
  }
  return {};
}

TableDefinition otif_table() {
  return define_table<Row>("OtifDailyRow",
                           {{"dimension", IndexKind::Clustered}, {"day", IndexKind::Clustered}},
                           indexes_of, cached_cells_max);
}

ReportDefinition otif_report() {
  ReportDefinition report;
  report.descriptor.name = "otif_daily";
  report.descriptor.description =
      "Lines due on each promised date, on time and in full. A rate is absent when nothing was "
      "due.";
  report.descriptor.row_table = "OtifDailyRow";
  std::vector<std::string> by = choices_of(schema::EnumNamesOtifDimension());
  by.insert(by.begin(), "none");
  report.descriptor.filters = {
      {"by", FilterKind::Choice, "One row for each day and value of this dimension.", by, false,
       "none"},
      {"from", FilterKind::Date, "The first promised date."},
      {"to", FilterKind::Date, "The last promised date."}};
  report.plan = plan;
  return report;
}

}  // namespace orderlog::projections
