// An aggregate in memory, and how it is read from the state store.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
  // Its last change is not packed yet.
  bool dirty = false;
  // Since the entry was read or last passed over.
  bool used = false;
  // The snapshot that came after its last use.
  std::uint64_t used_before = 0;
  // The snapshot that its last change belongs to; it may be dropped when that one is written.
  std::uint64_t snapshot = 0;
  std::size_t bytes = 0;
};

// About what such a state takes in memory.
std::size_t native_bytes(const AggregateOps& ops, const AnyState& state, std::size_t packed_bytes);

// Version 0, without a state yet.
std::unique_ptr<CachedAggregate> new_aggregate(schema::AnyEvent kind, std::string_view id);

// Any thread.
class AggregateReader {
 public:
  AggregateReader(PartitionId partition, StateStore& store, const engine::Policy& policy)
      : partition_(partition), store_(store), policy_(policy) {}

  // What the store has, parts included; a new one when there is none. Errors: Corrupt, Io.
  Result<std::unique_ptr<CachedAggregate>> read(schema::AnyEvent kind, std::string_view id) const;

 private:
  Status read_parts(CachedAggregate& aggregate) const;

  PartitionId partition_;
  StateStore& store_;
  const engine::Policy& policy_;
};

}  // namespace orderlog::runtime
