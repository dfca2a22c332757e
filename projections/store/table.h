// A model's rows while a batch is folded: read once, changed in memory, written once at its end.
// What to write (rows packed, index entries that differ, counters moved) is worked out by
// table.cpp without knowing the row type. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/base/ensure.h"
#include "events/base/result.h"
#include "events/schema/read_models_generated.h"
#include "projections/store/key.h"
#include "projections/store/row_cache.h"

namespace orderlog::projections {

// How an index is listed. Entries: its own entries, in the order (group, sort key, row key).
// Clustered: the rows themselves, in key order; the group is the beginning of the row's key.
enum class IndexKind : std::uint8_t { Entries, Clustered };

struct IndexDefinition {
  std::string name;
  IndexKind kind = IndexKind::Entries;
};

class TableBase;

struct TableDefinition {
  std::string name;  // of the row's table in read_models.fbs
  std::vector<IndexDefinition> indexes;
  // Rows kept in memory between batches; 0: none.
  std::size_t cached_rows_max = 0;
  const void* row_type = nullptr;
  std::unique_ptr<TableBase> (*make)(const TableDefinition&) = nullptr;
  void (*indexes_of)() = nullptr;  // void (*)(const RowT&, IndexWriter&), see define_table
  // For rows whose extent depends on how events were batched: the row as its items, for the state
  // hash. Empty: the row is one item.
  std::vector<std::string> (*items_of)(const std::string& row) = nullptr;
};

template <class RowT>
const void* row_type_of() {
  static const char tag = 0;
  return &tag;
}

// The rows of one table, by key (key.h). References live until the end of the fold's call.
template <class RowT>
class Table final : public TableBase {
 public:
  using Row = typename RowT::TableType;
  using IndexesOf = void (*)(const RowT&, IndexWriter&);

  explicit Table(const TableDefinition& definition)
      : TableBase(definition), indexes_of_(reinterpret_cast<IndexesOf>(definition.indexes_of)) {}

  // The row to read; nullptr when there is none.
  const RowT* find(std::string_view key) { return row_in(locate(key)); }
  // The row to change; nullptr when there is none.
  RowT* change(std::string_view key) {
    Slot& slot = locate(key);
    if (!slot.exists) return nullptr;
    mark_changed(slot);
    return row_in(slot);
  }
  // The row to change, new when there is none.
  RowT& put(std::string_view key) { return put(locate(key)); }
  // A place that is looked at now and changed later, in the same fold.
  Slot& reach(std::string_view key) { return locate(key); }
  // The same where there can't be a row from before this batch: none is looked for.
  Slot& reach_new(std::string_view key) { return locate_new(key); }
  // Places that are always looked at together: `keys()` gives the same ones whenever `name` is the
  // same, and is asked once while their rows are in memory.
  template <class Keys>
  const std::vector<Slot*>& reach_all(std::string_view name, Keys&& keys) {
    return locate_all(name, std::forward<Keys>(keys));
  }
  static const RowT* row_at(const Slot& slot) {
    return slot.exists ? static_cast<const RowT*>(slot.row.get()) : nullptr;
  }
  RowT& put(Slot& slot) {
    if (!slot.exists) create(slot);
    mark_changed(slot);
    return *row_in(slot);
  }
  void erase(Slot& slot) {
    if (!slot.exists) return;
    mark_changed(slot);
    slot.exists = false;
    slot.row.reset();
  }
  // For rows that only grow: one row for each group and batch, so that nothing is read to append.
  // The first call of a batch makes the row under group + suffix, which must be new (a position).
  RowT& batch_row(std::string_view group, std::string_view suffix) {
    Slot& slot = locate_batch_row(group, suffix);
    if (!slot.exists) create(slot);
    mark_changed(slot);
    return *row_in(slot);
  }
  void erase(std::string_view key) { erase(locate(key)); }

 private:
  static RowT* row_in(Slot& slot) {
    return slot.exists ? static_cast<RowT*>(slot.row.get()) : nullptr;
  }
  static void create(Slot& slot) {
    slot.row = ErasedRow(new RowT, [](void* row) { delete static_cast<RowT*>(row); });
    slot.exists = true;
  }
  void unpack(Slot& slot, const std::uint8_t* bytes) const override {
    create(slot);
    flatbuffers::GetRoot<Row>(bytes)->UnPackTo(row_in(slot));
  }
  void pack(const Slot& slot, flatbuffers::FlatBufferBuilder& builder) const override {
    builder.Finish(Row::Pack(builder, static_cast<const RowT*>(slot.row.get())));
  }
  void index(const Slot& slot, IndexWriter& writer) const override {
    if (indexes_of_) indexes_of_(*static_cast<const RowT*>(slot.row.get()), writer);
  }

  IndexesOf indexes_of_;
};

// A table of the model: name of its row in the schema, its indexes, and which entries a row has.
template <class RowT>
TableDefinition define_table(std::string name, std::vector<IndexDefinition> indexes = {},
                             void (*indexes_of)(const RowT&, IndexWriter&) = nullptr,
                             std::size_t cached_rows_max = 0) {
  TableDefinition definition;
  definition.name = std::move(name);
  definition.indexes = std::move(indexes);
  definition.cached_rows_max = cached_rows_max;
  definition.row_type = row_type_of<RowT>();
  definition.make = [](const TableDefinition& d) -> std::unique_ptr<TableBase> {
    return std::make_unique<Table<RowT>>(d);
  };
  definition.indexes_of = reinterpret_cast<void (*)()>(indexes_of);
  return definition;
}

// The tables of one model, for its fold.
class Tables {
 public:
  explicit Tables(const std::vector<TableDefinition>& definitions);

  template <class RowT>
  Table<RowT>& of() {
    for (auto& table : tables_) {
      if (table->row_type() == row_type_of<RowT>()) return static_cast<Table<RowT>&>(*table);
    }
    ORDERLOG_ENSURE(false, "the model has no such table");
  }
  std::vector<std::unique_ptr<TableBase>>& all() { return tables_; }

 private:
  std::vector<std::unique_ptr<TableBase>> tables_;
};

}  // namespace orderlog::projections
