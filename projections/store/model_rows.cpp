#include "projections/store/model_rows.h"

#include <algorithm>

#include "projections/store/index_entries.h"

namespace orderlog::projections {
namespace {

constexpr std::size_t cached_counters_max = 65'536;
constexpr std::size_t parked_reason_bytes_max = 500;

// Aggregates of different types may share an id.
std::string parked_key_of(const EventView& event) {
  return Key()
      .u8(static_cast<std::uint8_t>(event.envelope.payload_type()))
      .rest(event.aggregate_id)
      .take();
}

bool same_entry(const IndexEntry& a, const IndexEntry& b) {
  return a.index == b.index && a.group == b.group && a.sort == b.sort;
}

bool holds(const std::vector<IndexEntry>& entries, const IndexEntry& entry) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const IndexEntry& other) { return same_entry(entry, other); });
}

}  // namespace

ModelRows::ModelRows(const Database& database, const ModelDefinition& definition, LayoutId layout,
                     std::size_t parked_keys_max)
    : database_(database),
      definition_(definition),
      layout_(layout),
      parked_keys_max_(parked_keys_max),
      tables_(definition.tables) {
  std::uint8_t number = 0;
  for (auto& table : tables_.all()) table->connect(this, number++);
}

Result<std::unique_ptr<ModelRows>> ModelRows::open(const Database& database,
                                                   const ModelDefinition& definition,
                                                   LayoutId layout, std::size_t parked_keys_max) {
  std::unique_ptr<ModelRows> rows(new ModelRows(database, definition, layout, parked_keys_max));
  if (auto read = rows->read_parked(); !read) return std::move(read).error();
  return rows;
}

Result<std::optional<std::string>> ModelRows::row(std::uint8_t table, std::string_view key) {
  key_ = rows_of(layout_, table).rest(key).take();
  return database_.get(key_);
}

Status ModelRows::read_parked() {
  const std::string prefix = space_of(layout_, parked_space).take();
  const auto scan = database_.scan(nullptr, prefix, after_prefix(prefix));
  for (scan->seek_to_first(); scan->valid(); scan->next()) {
    const std::string bytes(scan->value());
    Parked& parked = parked_[std::string(scan->key().substr(prefix.size()))];
    flatbuffers::GetRoot<schema::ParkedRow>(bytes.data())->UnPackTo(&parked.row);
    parked_events_ += parked.row.events;
  }
  return scan->status();
}

Status ModelRows::fold(const EventView& event) {
  if (!failed_) return {};
  if (!parked_.empty() && add_to_parked(event)) return {};
  std::uint64_t before = 0;
  for (const auto& table : tables_.all()) before += table->changes();
  const Status folded = definition_.fold(event, tables_);
  for (const auto& table : tables_.all()) {
    if (!table->failure()) return table->failure();
  }
  if (folded) return {};
  std::uint64_t after = 0;
  for (const auto& table : tables_.all()) after += table->changes();
  if (after != before) {
    failed_ = error(ErrorCode::Internal,
                    "the fold changed rows and then refused the event: " + folded.error().message);
    return {};
  }
  park(event, folded.error());
  return {};
}

void ModelRows::park(const EventView& event, const Error& reason) {
  if (parked_.size() >= parked_keys_max_) {
    failed_ = error(ErrorCode::Overflow,
                    "more than " + std::to_string(parked_keys_max_) +
                        " keys would be parked; the last one because: " + reason.message);
    return;
  }
  Parked& parked = parked_[parked_key_of(event)];
  parked.row.model = definition_.name;
  parked.row.aggregate = schema::EnumNameAnyEvent(event.envelope.payload_type());
  parked.row.aggregate_id = std::string(event.aggregate_id);
  parked.row.partition = event.position.partition.value;
  parked.row.seq = event.position.seq.value;
  parked.row.reason = to_string(reason).substr(0, parked_reason_bytes_max);
  parked.row.recorded_at = event.recorded_at();
  (void)add_to_parked(event);
}

bool ModelRows::add_to_parked(const EventView& event) {
  const auto found = parked_.find(parked_key_of(event));
  if (found == parked_.end()) return false;
  ++found->second.row.events;
  ++parked_events_;
  if (!found->second.changed) {
    found->second.changed = true;
    changed_parked_.push_back(&*found);
  }
  return true;
}

Status ModelRows::collect(Batch& batch, std::vector<RowKey>* changed) {
  std::uint8_t number = 0;
  for (auto& table : tables_.all()) {
    table->for_each_change([&](const TableBase::RowChange& change) {
      collect_row(number, change, batch);
      if (changed) changed->push_back({number, std::string(change.key)});
      if (change.old_entries != change.new_entries) collect_entries(number, change, batch);
    });
    ++number;
  }
  if (auto counted = collect_counters(batch); !counted) return counted;
  collect_parked(batch);
  return {};
}

void ModelRows::collect_row(std::uint8_t table, const TableBase::RowChange& change, Batch& batch) {
  key_ = rows_of(layout_, table).rest(change.key).take();
  if (change.bytes) {
    batch.put(key_, *change.bytes);
  } else {
    batch.erase(key_);
  }
  ++rows_written_;
}

void ModelRows::collect_entries(std::uint8_t table, const TableBase::RowChange& change,
                                Batch& batch) {
  const auto before = parse_entries(change.old_entries);
  const auto after = parse_entries(change.new_entries);
  const auto& indexes = definition_.tables[table].indexes;
  const auto key_bytes = static_cast<std::uint16_t>(change.key.size());
  const auto key_of = [&](const IndexEntry& entry) {
    return entries_of(layout_, table, entry.index)
        .text(entry.group)
        .rest(entry.sort)
        .rest(change.key)
        .take();
  };
  for (const IndexEntry& entry : before) {
    if (holds(after, entry)) continue;
    count(table, entry.index, entry.group, -1);
    if (indexes[entry.index].kind == IndexKind::Entries) batch.erase(key_of(entry));
  }
  for (const IndexEntry& entry : after) {
    ORDERLOG_ENSURE(entry.index < indexes.size(), "the model writes an index it has not defined");
    if (holds(before, entry)) continue;
    count(table, entry.index, entry.group, +1);
    if (indexes[entry.index].kind == IndexKind::Entries) {
      batch.put(key_of(entry), bytes_of(key_bytes));
    } else {
      ORDERLOG_ENSURE(change.key.starts_with(entry.group),
                      "the group of a clustered index must begin the row's key");
    }
  }
}

void ModelRows::count(std::uint8_t table, std::uint8_t index, std::string_view group,
                      std::int64_t by) {
  key_ = counters_of(layout_, table, index).rest(group).take();
  auto found = counters_.find(key_);
  if (found == counters_.end()) found = counters_.try_emplace(key_).first;
  found->second.value += by;
  if (!found->second.changed) {
    found->second.changed = true;
    changed_counters_.push_back(&*found);
  }
}

Status ModelRows::collect_counters(Batch& batch) {
  for (auto* entry : changed_counters_) {
    auto& [key, counter] = *entry;
    if (!counter.loaded) {
      auto stored = database_.get(key);
      if (!stored) return std::move(stored).error();
      if (*stored) counter.value += int_from<std::int64_t>(**stored);
      counter.loaded = true;
    }
    ORDERLOG_ENSURE(counter.value >= 0, "an index counter of " + definition_.name + " is negative");
    if (counter.value == 0) {
      batch.erase(key);
    } else {
      batch.put(key, bytes_of(counter.value));
    }
  }
  return {};
}

void ModelRows::collect_parked(Batch& batch) {
  for (auto* entry : changed_parked_) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::ParkedRow::Pack(builder, &entry->second.row));
    batch.put(space_of(layout_, parked_space).rest(entry->first),
              {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
  }
}

void ModelRows::written() {
  for (auto& table : tables_.all()) table->written();
  for (auto* entry : changed_counters_) entry->second.changed = false;
  changed_counters_.clear();
  for (auto* entry : changed_parked_) entry->second.changed = false;
  changed_parked_.clear();
  if (counters_.size() > cached_counters_max) counters_.clear();
}

Error unknown_event(const EventView& event) {
  return error(ErrorCode::Unsupported,
               "an event of " + std::string(event.aggregate_id) +
                   " that this version does not know; a newer writer wrote it");
}

}  // namespace orderlog::projections
