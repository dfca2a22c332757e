// The aggregates of one partition that are in memory: found by kind and id, read from the state
// store on a miss, dropped when the bound is reached, oldest first, whoever was used since it was
// last passed over being given another round (the CLOCK algorithm: F. J. Corbato, "A Paging
// Experiment with the Multics System", 1968). A use then touches no other entry's memory. What is
// in use all the time, as the stock of a sku with many open reservations, may take more than that:
// dropped and read back with every order, it would cost a thousand times what the order does. Must
// hold: an entry with changes that are not in the store yet is never dropped. Engine's thread only.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runtime/cached_aggregate.h"

namespace orderlog::runtime {

struct CacheBounds {
  std::size_t bytes_max = 0;      // above: what was not used lately goes
  std::size_t hot_bytes_max = 0;  // above: whatever was not used since it was passed over
};

class StateCache {
 public:
  StateCache(PartitionId partition, StateStore& store, const engine::Policy& policy,
             CacheBounds bounds);
  ~StateCache();

  // The aggregate, new and empty (version 0) when there is none. Valid until trim(). Errors:
  // Corrupt, Io.
  Result<CachedAggregate*> load(schema::AnyEvent kind, std::string_view id) {
    return load(kind, id, [&] { return reader_.read(kind, id); });
  }
  // The same; `read()` gives what the store has of one that is not in memory.
  template <class Read>
  Result<CachedAggregate*> load(schema::AnyEvent kind, std::string_view id, const Read& read) {
    const Name name(kind, id);
    if (auto* found = find(name)) return found;
    auto made = read();
    if (!made) return made.error();
    return &keep(name, std::move(made).value());
  }
  // The same for one that the store cannot have: its first event is being replayed.
  CachedAggregate& load_new(schema::AnyEvent kind, std::string_view id);
  const AggregateReader& reader() const { return reader_; }
  // Before and after every change of the aggregate.
  void before_change(CachedAggregate& aggregate) {
    if (aggregate.dirty && aggregate.snapshot != next_snapshot_) pack(aggregate);
  }
  void mark_dirty(CachedAggregate& aggregate);
  // Changed since the last snapshot began.
  std::size_t dirty() const { return dirty_.size(); }

  // A snapshot has all aggregates as they are when it begins. They are packed little by little, so
  // that nobody waits long for it; one that is to change meanwhile is packed before. One snapshot
  // at a time.
  void begin_snapshot();
  // Packs up to so many. True: that was all, and take_snapshot() gives it, timers included.
  bool pack_snapshot(std::size_t aggregates_max);
  StateBatch take_snapshot() { return std::exchange(packed_, {}); }
  // The snapshot under way is in the store.
  void snapshot_written() { written_snapshot_ = next_snapshot_ - 1; }
  // Every aggregate whose last change is not in the store yet.
  template <class Visit>
  void for_each_unsaved(const Visit& visit) const {
    for (const auto& aggregate : round_) {
      if (is_unsaved(aggregate)) visit(aggregate);
    }
  }
  // Drops what is over the bounds: all of it, or some with each call while the second one holds.
  void trim();

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  // With its hash, so that growing the table reads no aggregate.
  struct Entry {
    std::size_t hash;
    std::unique_ptr<CachedAggregate> aggregate;
  };
  struct Name {
    Name(schema::AnyEvent of, std::string_view named);
    std::size_t hash;
    schema::AnyEvent kind;
    std::string_view id;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Entry& entry) const { return entry.hash; }
    std::size_t operator()(const Name& name) const { return name.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const { return a.aggregate == b.aggregate; }
    bool operator()(const Name& name, const Entry& entry) const {
      return name.hash == entry.hash && name.kind == entry.aggregate->kind &&
             name.id == entry.aggregate->id;
    }
    bool operator()(const Entry& entry, const Name& name) const { return (*this)(name, entry); }
  };

  CachedAggregate* find(const Name& name);
  CachedAggregate& keep(const Name& name, std::unique_ptr<CachedAggregate> made);
  bool is_unsaved(const CachedAggregate& aggregate) const {
    return aggregate.dirty || aggregate.snapshot > written_snapshot_;
  }
  bool is_used(const CachedAggregate& aggregate) const;
  void pack(CachedAggregate& aggregate);
  void pack_parts(CachedAggregate& aggregate);

  PartitionId partition_;
  AggregateReader reader_;
  CacheBounds bounds_;
  std::size_t bytes_ = 0;
  flatbuffers::FlatBufferBuilder builder_;
  boost::unordered_flat_set<Entry, Hash, Equal> entries_;
  boost::intrusive::list<CachedAggregate> round_;  // back: the next to be looked at
  std::vector<CachedAggregate*> dirty_;
  std::uint64_t next_snapshot_ = 1;
  std::uint64_t written_snapshot_ = 0;
  std::vector<CachedAggregate*> to_pack_;  // of the snapshot under way; some are packed already
  StateBatch packed_;
};

}  // namespace orderlog::runtime
