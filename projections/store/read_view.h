// Reading one layout as of one moment: single rows, lists over an index by keyset, and totals from
// counters, so that the cost of a page doesn't depend on the number of rows. Any thread, one at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/schema/read_models_generated.h"
#include "projections/report.h"
#include "projections/store/database.h"
#include "projections/store/layout_keys.h"

namespace orderlog::projections {

// A list over all groups merges them: at most so many.
inline constexpr std::size_t merged_groups_max = 64;

class ReadView {
 public:
  struct Page {
    std::vector<std::string> rows;
    // Sort key and row key of the last row, where the next page goes on; empty: no more rows.
    std::string last;
    std::optional<std::uint64_t> total;
  };

  // `layout` (with its tables) must outlive the view.
  ReadView(const Database& database, std::shared_ptr<const Snapshot> snapshot,
           const schema::LayoutRowT& layout)
      : database_(database), snapshot_(std::move(snapshot)), layout_(layout) {}

  // Errors of all: Unavailable (this layout, made by another version, has no such table or index),
  // Corrupt, Io.
  Result<std::optional<std::string>> row(std::string_view table, std::string_view key) const;

  // Up to `limit` rows after `last` (empty: from the start).
  Result<Page> list(const IndexQuery& query, std::string_view last, std::uint32_t limit) const;

  // Every row whose key begins with `prefix`, in key order, until the visitor says false.
  Status scan(std::string_view table, std::string_view prefix,
              const std::function<bool(std::string_view key, std::string_view row)>& visit) const;

  // The parked keys and their rows, up to parked_keys_max of them.
  Status scan_parked(
      const std::function<bool(std::string_view key, std::string_view row)>& visit) const;

  const schema::LayoutRowT& layout() const { return layout_; }

 private:
  struct Place {
    std::uint8_t table = 0;
    std::uint8_t index = 0;
    bool clustered = false;
  };

  Status scan_space(const std::string& base, std::string_view prefix,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const;
  Result<std::uint8_t> table_number(std::string_view table) const;
  Result<Place> place_of(std::string_view table, std::string_view index) const;
  Result<Page> list_clustered(const Place& place, const IndexQuery& query, std::string_view last,
                              std::uint32_t limit) const;
  Result<Page> list_entries(const Place& place, const IndexQuery& query, std::string_view last,
                            std::uint32_t limit) const;
  Result<std::vector<std::string>> groups_of(const Place& place) const;
  Result<std::optional<std::uint64_t>> total_of(const Place& place, const IndexQuery& query) const;
  Result<std::uint64_t> sum_counters(std::string_view from, std::string_view until) const;
  LayoutId id() const { return LayoutId{layout_.layout}; }

  const Database& database_;
  std::shared_ptr<const Snapshot> snapshot_;
  const schema::LayoutRowT& layout_;
};

}  // namespace orderlog::projections
