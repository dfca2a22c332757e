// The part of a table that does not know its row type: slots of rows, what was changed since the
// last batch, and the index entries that a stored row has.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/base/result.h"
#include "events/schema/read_models_generated.h"
#include "projections/store/key.h"

namespace orderlog::projections {

struct TableDefinition;

// Collects the index entries of one row. Groups and sort keys are bytes (Key). An index may have
// several entries of one row.
class IndexWriter {
 public:
  void add(std::uint8_t index, std::string_view group, std::string_view sort = {});
  void add(std::uint8_t index, std::string_view group, std::int64_t sort);

  // All entries, each { u8 index, u16 group bytes, u16 sort bytes, group, sort }, native endian.
  const std::string& entries() const { return entries_; }
  void clear() { entries_.clear(); }

 private:
  std::string entries_;
};

// Where stored rows and counters come from; the store, or a map in tests.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual Result<std::optional<std::string>> row(std::uint8_t table, std::string_view key) = 0;
};

using ErasedRow = std::unique_ptr<void, void (*)(void*)>;

struct Slot {
  ErasedRow row{nullptr, nullptr};
  bool exists = false;   // as seen by the fold
  bool stored = false;   // as of the last batch
  bool changed = false;  // since the last batch
  std::string stored_entries;
  std::uint64_t used_in = 0;  // number of the last batch that touched it
  std::string key;
};

class TableBase {
 public:
  explicit TableBase(const TableDefinition& definition);
  virtual ~TableBase() = default;
  TableBase(const TableBase&) = delete;
  TableBase& operator=(const TableBase&) = delete;

  const TableDefinition& definition() const { return definition_; }
  const void* row_type() const;
  void connect(RowSource* source, std::uint8_t number);

  // A read that failed since the last call; what was folded after it must not be written.
  const Status& failure() const { return failure_; }
  // Changes since reset_change_count, so that a fold that changes and then refuses is found out.
  std::uint64_t changes() const { return changes_; }

  // For each changed row, in the order of the keys: its key, its new bytes (nothing: erased) and
  // the entries to delete and to add.
  struct RowChange {
    std::string_view key;
    std::optional<std::string_view> bytes;
    bool was_stored;
    std::string_view old_entries;
    std::string_view new_entries;
  };
  void for_each_change(const std::function<void(const RowChange&)>& visit);
  // The changes have been written: forget which rows they were, and rows that are too many.
  void written();
  // The changes will not be written: forget everything.
  void discard();

 protected:
  Slot& locate(std::string_view key);
  Slot& locate_new(std::string_view key) { return slot_of(key); }
  Slot& locate_batch_row(std::string_view group, std::string_view suffix);
  // The slots of those keys, under a name of the caller's that says which keys they are: looked up
  // once while their rows are in memory.
  template <class Keys>
  const std::vector<Slot*>& locate_all(std::string_view name, Keys&& keys) {
    const auto found = located_.find(name);
    if (found != located_.end()) {
      for (Slot* slot : found->second) slot->used_in = batch_;
      return found->second;
    }
    std::vector<Slot*> slots;
    for (const auto& key : keys()) slots.push_back(&locate(key));
    return located_.emplace(std::string(name), std::move(slots)).first->second;
  }
  void mark_changed(Slot& slot);

  virtual void unpack(Slot& slot, const std::uint8_t* bytes) const = 0;
  virtual void pack(const Slot& slot, flatbuffers::FlatBufferBuilder& builder) const = 0;
  virtual void index(const Slot& slot, IndexWriter& writer) const = 0;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Slot& slot_of(std::string_view key);
  void load(Slot& slot);

  const TableDefinition& definition_;
  RowSource* source_ = nullptr;
  std::uint8_t number_ = 0;
  // By the slot's own key.
  boost::unordered_flat_map<std::string_view, std::unique_ptr<Slot>, Hash> slots_;
  std::unordered_map<std::string, Slot*, Hash, std::equal_to<>> batch_rows_;            // by group
  std::unordered_map<std::string, std::vector<Slot*>, Hash, std::equal_to<>> located_;  // by name
  std::vector<Slot*> changed_;
  IndexWriter writer_;
  flatbuffers::FlatBufferBuilder builder_;
  std::uint64_t batch_ = 1;
  std::uint64_t changes_ = 0;
  Status failure_;
};

}  // namespace orderlog::projections
