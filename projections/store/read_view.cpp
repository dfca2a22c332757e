#include "projections/store/read_view.h"

#include <algorithm>

#include "events/base/ensure.h"

namespace orderlog::projections {
namespace {

// One group's entries in list order. An entry's key is prefix + position, where position = sort
// key + row key; its value is the length of the row key.
class EntryWalk {
 public:
  EntryWalk(const Database& database, const Snapshot* snapshot, std::string prefix,
            const IndexQuery& query)
      : prefix_(std::move(prefix)), descending_(query.descending) {
    const std::string from = prefix_ + query.from;
    const std::string until = query.until.empty() ? after_prefix(prefix_) : prefix_ + query.until;
    scan_ = database.scan(snapshot, from, until);
  }

  void start(std::string_view last) {
    if (last.empty()) {
      descending_ ? scan_->seek_to_last() : scan_->seek_to_first();
      return;
    }
    const std::string key = prefix_ + std::string(last);
    if (descending_) {
      scan_->seek_for_prev(key);
      if (scan_->valid() && scan_->key() >= key) scan_->prev();
    } else {
      scan_->seek(key);
      if (scan_->valid() && scan_->key() == key) scan_->next();
    }
  }
  void advance() { descending_ ? scan_->prev() : scan_->next(); }
  bool valid() const { return scan_->valid(); }
  std::string_view position() const { return scan_->key().substr(prefix_.size()); }
  std::string_view row_key() const {
    const auto key_bytes = int_from<std::uint16_t>(scan_->value());
    return scan_->key().substr(scan_->key().size() - key_bytes);
  }
  std::string_view value() const { return scan_->value(); }
  Status status() const { return scan_->status(); }

 private:
  std::string prefix_;
  bool descending_;
  std::unique_ptr<Scan> scan_;
};

Error missing(std::string_view what) {
  return error(ErrorCode::Unavailable,
               "the rows that are served were built by another version, "
               "without " +
                   std::string(what) + "; wait for the rebuild");
}

EntryWalk* next_of(std::vector<EntryWalk>& walks, bool descending) {
  EntryWalk* best = nullptr;
  for (EntryWalk& walk : walks) {
    if (!walk.valid()) continue;
    if (!best ||
        (descending ? walk.position() > best->position() : walk.position() < best->position())) {
      best = &walk;
    }
  }
  return best;
}

}  // namespace

Result<std::uint8_t> ReadView::table_number(std::string_view table) const {
  for (std::size_t i = 0; i < layout_.tables.size(); ++i) {
    if (layout_.tables[i]->name == table) return static_cast<std::uint8_t>(i);
  }
  return missing(table);
}

Result<ReadView::Place> ReadView::place_of(std::string_view table, std::string_view index) const {
  const auto number = table_number(table);
  if (!number) return number.error();
  const auto& indexes = layout_.tables[*number]->indexes;
  const auto found = std::find(indexes.begin(), indexes.end(), index);
  if (found == indexes.end()) return missing(index);
  const auto at = static_cast<std::size_t>(found - indexes.begin());
  return Place{*number, static_cast<std::uint8_t>(at), layout_.tables[*number]->clustered[at] != 0};
}

Result<std::optional<std::string>> ReadView::row(std::string_view table,
                                                 std::string_view key) const {
  const auto number = table_number(table);
  if (!number) return number.error();
  return database_.get(rows_of(id(), *number).rest(key), snapshot_.get());
}

Status ReadView::scan(std::string_view table, std::string_view prefix,
                      const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const auto number = table_number(table);
  if (!number) return number.error();
  return scan_space(rows_of(id(), *number).take(), prefix, visit);
}

Status ReadView::scan_parked(
    const std::function<bool(std::string_view, std::string_view)>& visit) const {
  return scan_space(space_of(id(), parked_space).take(), "", visit);
}

Status ReadView::scan_space(
    const std::string& base, std::string_view prefix,
    const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const std::string from = base + std::string(prefix);
  const auto scan = database_.scan(snapshot_.get(), from, after_prefix(from));
  for (scan->seek_to_first(); scan->valid(); scan->next()) {
    if (!visit(scan->key().substr(base.size()), scan->value())) return {};
  }
  return scan->status();
}

Result<ReadView::Page> ReadView::list(const IndexQuery& query, std::string_view last,
                                      std::uint32_t limit) const {
  const auto place = place_of(query.table, query.index);
  if (!place) return place.error();
  auto page = place->clustered ? list_clustered(*place, query, last, limit)
                               : list_entries(*place, query, last, limit);
  if (!page) return page;
  auto total = total_of(*place, query);
  if (!total) return std::move(total).error();
  page->total = *total;
  return page;
}

Result<ReadView::Page> ReadView::list_clustered(const Place& place, const IndexQuery& query,
                                                std::string_view last, std::uint32_t limit) const {
  const std::string prefix = rows_of(id(), place.table).rest(query.group.value_or("")).take();
  EntryWalk walk(database_, snapshot_.get(), prefix, query);
  Page page;
  std::string position;
  for (walk.start(last); walk.valid(); walk.advance()) {
    if (page.rows.size() == limit) {
      page.last = position;
      break;
    }
    page.rows.emplace_back(walk.value());
    position = walk.position();
  }
  if (auto status = walk.status(); !status) return std::move(status).error();
  return page;
}

Result<ReadView::Page> ReadView::list_entries(const Place& place, const IndexQuery& query,
                                              std::string_view last, std::uint32_t limit) const {
  std::vector<std::string> groups;
  if (query.group) {
    groups.push_back(*query.group);
  } else {
    auto all = groups_of(place);
    if (!all) return std::move(all).error();
    groups = std::move(*all);
  }
  std::vector<EntryWalk> walks;
  for (const std::string& group : groups) {
    walks.emplace_back(database_, snapshot_.get(),
                       entries_of(id(), place.table, place.index).text(group).take(), query);
    walks.back().start(last);
  }
  Page page;
  std::string position;
  while (EntryWalk* walk = next_of(walks, query.descending)) {
    if (page.rows.size() == limit) {
      page.last = position;
      break;
    }
    auto row = database_.get(rows_of(id(), place.table).rest(walk->row_key()), snapshot_.get());
    if (!row) return std::move(row).error();
    if (!*row) return error(ErrorCode::Corrupt, "an index names a row that is not there");
    page.rows.push_back(std::move(**row));
    position = walk->position();
    walk->advance();
  }
  for (const EntryWalk& walk : walks) {
    if (auto status = walk.status(); !status) return std::move(status).error();
  }
  return page;
}

Result<std::vector<std::string>> ReadView::groups_of(const Place& place) const {
  std::vector<std::string> groups;
  const std::string prefix = counters_of(id(), place.table, place.index).take();
  const auto scan = database_.scan(snapshot_.get(), prefix, after_prefix(prefix));
  for (scan->seek_to_first(); scan->valid(); scan->next()) {
    ORDERLOG_ENSURE(groups.size() < merged_groups_max, "too many groups to list them all");
    groups.emplace_back(scan->key().substr(prefix.size()));
  }
  if (auto status = scan->status(); !status) return std::move(status).error();
  return groups;
}

Result<std::optional<std::uint64_t>> ReadView::total_of(const Place& place,
                                                        const IndexQuery& query) const {
  const bool bounded = !query.from.empty() || !query.until.empty();
  Place counted = place;
  if (bounded) {
    if (query.counted_by.empty()) return std::optional<std::uint64_t>();
    const auto found = place_of(query.table, query.counted_by);
    if (!found) return found.error();
    counted = *found;
  }
  const std::string base = counters_of(id(), counted.table, counted.index).take();
  Result<std::uint64_t> sum = std::uint64_t{0};
  if (bounded) {
    const std::string group = base + query.group.value_or("");
    sum = sum_counters(group + query.from,
                       query.until.empty() ? after_prefix(group) : group + query.until);
  } else if (query.group) {
    const std::string group = base + *query.group;
    sum = sum_counters(group, group + '\0');
  } else {
    sum = sum_counters(base, after_prefix(base));
  }
  if (!sum) return std::move(sum).error();
  return std::optional<std::uint64_t>(*sum);
}

Result<std::uint64_t> ReadView::sum_counters(std::string_view from, std::string_view until) const {
  std::uint64_t sum = 0;
  const auto scan = database_.scan(snapshot_.get(), from, until);
  for (scan->seek_to_first(); scan->valid(); scan->next()) {
    sum += int_from<std::uint64_t>(scan->value());
  }
  if (auto status = scan->status(); !status) return std::move(status).error();
  return sum;
}

}  // namespace orderlog::projections
