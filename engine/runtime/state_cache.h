// The aggregates of one partition that are in memory: found by kind and id, read from the state
// store on a miss, dropped when the bound is reached, oldest first, whoever was used since it was
// last passed over being given another round (the CLOCK algorithm: F. J. Corbato, "A Paging
// Experiment with the Multics System", 1968). A use then touches no other entry's memory. Must
// hold: an entry with changes that are not in the store yet is never dropped. Engine's thread only.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/aggregate_ops.h"
#include "engine/runtime/state_store.h"

namespace orderlog::runtime {

struct CachedAggregate : boost::intrusive::list_base_hook<> {
  schema::AnyEvent kind{};
  std::string id;
  std::uint64_t version = 0;
  std::unique_ptr<AnyState> state;
  // When it wants its timer command; and what the store says of it.
  std::optional<TimestampUs> due;
  std::optional<TimestampUs> stored_due;
  bool dirty = false;
  // Since the entry was read or last passed over.
  bool used = false;
  // The snapshot that carries its last change; it may be dropped when that one is written.
  std::uint64_t snapshot = 0;
  std::size_t bytes = 0;
};

class StateCache {
 public:
  StateCache(PartitionId partition, StateStore& store, const engine::Policy& policy,
             std::size_t bytes_max);
  ~StateCache();

  // The aggregate, new and empty (version 0) when there is none. Valid until trim(). Errors:
  // Corrupt, Io.
  Result<CachedAggregate*> load(schema::AnyEvent kind, std::string_view id);
  void mark_dirty(CachedAggregate& aggregate);
  const std::vector<CachedAggregate*>& dirty() const { return dirty_; }

  // Adds every dirty aggregate and its timer to `batch`; they count as clean once `snapshot` is
  // written.
  void save_dirty(StateBatch& batch, std::uint64_t snapshot);
  // Every aggregate whose last change is not in the store yet.
  template <class Visit>
  void for_each_unsaved(std::uint64_t written, const Visit& visit) const {
    for (const auto& aggregate : round_) {
      if (aggregate.dirty || aggregate.snapshot > written) visit(aggregate);
    }
  }
  // Drops what is over the bound. `written`: the last snapshot that is in the store.
  void trim(std::uint64_t written);

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };

  std::string_view key_of(schema::AnyEvent kind, std::string_view id);
  Result<std::unique_ptr<CachedAggregate>> read(schema::AnyEvent kind, std::string_view id);
  Status read_parts(CachedAggregate& aggregate);
  void save_parts(StateBatch& batch, CachedAggregate& aggregate);

  PartitionId partition_;
  StateStore& store_;
  const engine::Policy& policy_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::string key_;
  flatbuffers::FlatBufferBuilder builder_;
  boost::unordered_flat_map<std::string, std::unique_ptr<CachedAggregate>, Hash, Equal> entries_;
  boost::intrusive::list<CachedAggregate> round_;  // back: the next to be looked at
  std::vector<CachedAggregate*> dirty_;
};

}  // namespace orderlog::runtime
