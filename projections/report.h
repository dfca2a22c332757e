// Reports: what clients may ask of the read models. A description holds all that an HTTP front and
// its OpenAPI document need, so that no report is a special case there. Rows are FlatBuffers of the
// named table in read_models.fbs; the front turns them into JSON by reflection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog::projections {

inline constexpr std::uint32_t report_rows_max = 500;      // rows a page
inline constexpr std::uint32_t report_rows_default = 100;  // when the request says 0
inline constexpr std::size_t report_parameter_bytes_max = 512;

enum class ListOrder : std::uint8_t { Default, Ascending, Descending };

using Parameters = std::map<std::string, std::string, std::less<>>;

struct ReportRequest {
  std::string report;
  // By name of a filter; a name that the report doesn't have is refused.
  Parameters parameters;
  // Empty for the first page, else next_cursor of the page before, with the same parameters.
  std::string cursor;
  std::uint32_t limit = 0;  // rows, up to report_rows_max
  ListOrder order = ListOrder::Default;
  // The "now" of ages and of lateness that still grows; from the edge's clock.
  TimestampUs as_of = 0;
};

struct ReportPage {
  std::vector<std::string> rows;  // FlatBuffers of the report's row table
  std::string next_cursor;        // empty: this was the last page
  // Of all pages together; absent where no counter stands for the parameters given.
  std::optional<std::uint64_t> total;
};

enum class FilterKind : std::uint8_t { Text, Choice, Date };

struct FilterDescriptor {
  std::string name;
  FilterKind kind = FilterKind::Text;
  std::string description{};
  std::vector<std::string> choices{};  // for Choice
  bool required = false;
  std::string fallback{};  // taken when the parameter isn't given; may be empty
};

struct ReportDescriptor {
  std::string name;
  std::string description;
  std::string model;      // what rebuild() takes
  std::string row_table;  // "OrderStatusRow" in read_models.fbs
  // Any subset may be given unless `exclusive`: then at most one of them.
  std::vector<FilterDescriptor> filters;
  bool exclusive = false;
  // What the key of a row of `row_table` is called ("order_id"), when row() may ask for one; empty:
  // it may not.
  std::string key;
};

class ReadView;

// What of an index a request wants.
struct IndexQuery {
  std::string table;
  std::string index;
  // Absent: all groups, merged by sort key; for indexes with few groups.
  std::optional<std::string> group{};
  // Bounds on the sort key (clustered: on what follows the group); empty: open. [from, until)
  std::string from{};
  std::string until{};
  // Index whose counters give the total of a bounded list: its groups are group + sort prefix.
  std::string counted_by{};
  bool descending = false;
};

// A report that is a list over an index has `plan`; one that is computed has `compute`, which
// answers one page and honours cursor and limit. Parameters are checked against the filters
// before. `finish` fills the columns that depend on the time of the question, in the row's bytes.
struct ReportDefinition {
  ReportDescriptor descriptor;
  Result<IndexQuery> (*plan)(const Parameters& parameters) = nullptr;
  Result<ReportPage> (*compute)(const ReadView& view, const ReportRequest& request) = nullptr;
  std::string (*finish)(std::string row, TimestampUs as_of) = nullptr;
};

}  // namespace orderlog::projections
