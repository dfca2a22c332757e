// One layout while it is folded: the model's tables, its counters and its parked keys, and how
// their changes become part of a batch. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "projections/model.h"
#include "projections/store/database.h"
#include "projections/store/layout_keys.h"

namespace orderlog::projections {

// A row by the number of its table in the model's definition, and its key.
struct RowKey {
  std::uint8_t table = 0;
  std::string key;
};

class ModelRows final : private RowSource {
 public:
  // `definition` must outlive it. Errors: Corrupt, Io (parked keys are read).
  static Result<std::unique_ptr<ModelRows>> open(const Database& database,
                                                 const ModelDefinition& definition, LayoutId layout,
                                                 std::size_t parked_keys_max);

  // Folds the event, or parks its key. Errors: Io, Corrupt (the store cannot be read; nothing of
  // the batch may be written). A model that breaks its rules or parks too many keys fails: it
  // folds nothing from then on, see failed().
  Status fold(const EventView& event);

  // Appends what changed since the last call, and to `changed` which rows, if it is given. Errors:
  // Corrupt, Io. Afterwards the batch must be written, or this object thrown away.
  Status collect(Batch& batch, std::vector<RowKey>* changed = nullptr);
  // The batch was written.
  void written();

  const ModelDefinition& definition() const { return definition_; }
  LayoutId layout() const { return layout_; }
  const Status& failed() const { return failed_; }
  std::uint64_t parked_keys() const { return parked_.size(); }
  std::uint64_t parked_events() const { return parked_events_; }
  std::uint64_t rows_written() const { return rows_written_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Counter {
    std::int64_t value = 0;
    bool loaded = false;
    bool changed = false;
  };
  struct Parked {
    schema::ParkedRowT row;
    bool changed = false;
  };

  ModelRows(const Database& database, const ModelDefinition& definition, LayoutId layout,
            std::size_t parked_keys_max);

  Result<std::optional<std::string>> row(std::uint8_t table, std::string_view key) override;
  Status read_parked();
  void park(const EventView& event, const Error& reason);
  bool add_to_parked(const EventView& event);
  void collect_row(std::uint8_t table, const TableBase::RowChange& change, Batch& batch);
  void collect_entries(std::uint8_t table, const TableBase::RowChange& change, Batch& batch);
  Status collect_counters(Batch& batch);
  void collect_parked(Batch& batch);
  void count(std::uint8_t table, std::uint8_t index, std::string_view group, std::int64_t by);

  const Database& database_;
  const ModelDefinition& definition_;
  LayoutId layout_;
  std::size_t parked_keys_max_;
  Tables tables_;
  std::unordered_map<std::string, Counter, Hash, std::equal_to<>> counters_;
  std::vector<std::pair<const std::string, Counter>*> changed_counters_;
  std::unordered_map<std::string, Parked, Hash, std::equal_to<>> parked_;  // by parked_key_of
  std::vector<std::pair<const std::string, Parked>*> changed_parked_;
  std::uint64_t parked_events_ = 0;
  std::uint64_t rows_written_ = 0;
  std::string key_;    // scratch
  std::string entry_;  // scratch
  Status failed_;
};

}  // namespace orderlog::projections
