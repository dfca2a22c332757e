#include "engine/runtime/state_cache.h"

#include <cstring>

#include "events/base/ensure.h"

namespace orderlog::runtime {
namespace {

// What was used while one of so many snapshots was the next is in use. Under full load an aggregate
// is changed by one snapshot in two or three; without load there is one a second.
constexpr std::uint64_t lately_snapshots = 4;
constexpr std::size_t looks_per_trim = 256;
// A look at what stays is for nothing: where so many stay, those that may go come later.
constexpr std::size_t kept_per_trim = 32;
// So that aggregates of different kinds with the same id have different hashes.
constexpr std::size_t kind_salt = 0x9e3779b97f4a7c15ULL;

}  // namespace

StateCache::StateCache(PartitionId partition, StateStore& store, const engine::Policy& policy,
                       CacheBounds bounds)
    : partition_(partition), reader_(partition, store, policy), bounds_(bounds) {}

StateCache::~StateCache() { round_.clear(); }

StateCache::Name::Name(schema::AnyEvent of, std::string_view named)
    : hash(std::hash<std::string_view>{}(named) ^ kind_salt * static_cast<std::size_t>(of)),
      kind(of),
      id(named) {}

CachedAggregate* StateCache::find(const Name& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return nullptr;
  CachedAggregate& aggregate = *found->aggregate;
  aggregate.used = true;
  aggregate.used_before = next_snapshot_;
  return &aggregate;
}

CachedAggregate& StateCache::keep(const Name& name, std::unique_ptr<CachedAggregate> made) {
  CachedAggregate& aggregate = *made;
  aggregate.used_before = next_snapshot_;
  bytes_ += aggregate.bytes;
  round_.push_front(aggregate);
  entries_.insert(Entry{name.hash, std::move(made)});
  return aggregate;
}

CachedAggregate& StateCache::load_new(schema::AnyEvent kind, std::string_view id) {
  const Name name(kind, id);
  if (auto* found = find(name)) return *found;
  auto made = new_aggregate(kind, id);
  made->state = ops_of(kind).create();
  return keep(name, std::move(made));
}

void StateCache::mark_dirty(CachedAggregate& aggregate) {
  if (aggregate.dirty) {
    ORDERLOG_ENSURE(aggregate.snapshot == next_snapshot_,
                    "changed before an earlier snapshot had packed it");
    return;
  }
  aggregate.dirty = true;
  aggregate.snapshot = next_snapshot_;
  dirty_.push_back(&aggregate);
}

void StateCache::begin_snapshot() {
  ORDERLOG_ENSURE(to_pack_.empty() && packed_.empty(), "a snapshot amid another one");
  to_pack_.swap(dirty_);
  ++next_snapshot_;
}

bool StateCache::pack_snapshot(std::size_t aggregates_max) {
  for (; aggregates_max > 0 && !to_pack_.empty(); --aggregates_max) {
    before_change(*to_pack_.back());
    to_pack_.pop_back();
  }
  return to_pack_.empty();
}

void StateCache::pack(CachedAggregate& aggregate) {
  const auto kind = static_cast<std::uint8_t>(aggregate.kind);
  const auto& ops = ops_of(aggregate.kind);
  ops.pack(builder_, *aggregate.state);
  std::string value(sizeof(std::uint64_t) + builder_.GetSize(), '\0');
  std::memcpy(value.data(), &aggregate.version, sizeof(std::uint64_t));
  std::memcpy(value.data() + sizeof(std::uint64_t), builder_.GetBufferPointer(),
              builder_.GetSize());
  bytes_ -= aggregate.bytes;
  aggregate.bytes = native_bytes(ops, *aggregate.state, value.size());
  bytes_ += aggregate.bytes;
  packed_.emplace_back(state_key(partition_, kind, aggregate.id), std::move(value));
  if (ops.take_changed_parts != nullptr) pack_parts(aggregate);
  if (aggregate.due != aggregate.stored_due) {
    if (aggregate.stored_due) {
      packed_.emplace_back(timer_key(partition_, *aggregate.stored_due, kind, aggregate.id),
                           std::nullopt);
    }
    if (aggregate.due) {
      packed_.emplace_back(timer_key(partition_, *aggregate.due, kind, aggregate.id),
                           std::string());
    }
    aggregate.stored_due = aggregate.due;
  }
  aggregate.dirty = false;
}

void StateCache::pack_parts(CachedAggregate& aggregate) {
  const auto kind = static_cast<std::uint8_t>(aggregate.kind);
  ops_of(aggregate.kind)
      .take_changed_parts(*aggregate.state, builder_,
                          [&](std::string_view key, std::optional<std::string_view> bytes) {
                            auto stored = bytes ? std::optional<std::string>(*bytes) : std::nullopt;
                            packed_.emplace_back(part_key(partition_, kind, aggregate.id, key),
                                                 std::move(stored));
                          });
}

bool StateCache::is_used(const CachedAggregate& aggregate) const {
  return aggregate.used || (bytes_ <= bounds_.hot_bytes_max &&
                            aggregate.used_before + lately_snapshots > next_snapshot_);
}

void StateCache::trim() {
  std::size_t looks = 0;
  std::size_t kept = 0;
  // Two rounds at most: in the second nobody is marked as used.
  while (bytes_ > bounds_.bytes_max && looks < 2 * entries_.size()) {
    const bool enough = looks >= looks_per_trim || kept >= kept_per_trim;
    if (enough && bytes_ <= bounds_.hot_bytes_max) return;
    ++looks;
    CachedAggregate& aggregate = round_.back();
    round_.pop_back();
    if (is_used(aggregate) || is_unsaved(aggregate)) {
      aggregate.used = false;
      round_.push_front(aggregate);
      ++kept;
      continue;
    }
    bytes_ -= aggregate.bytes;
    entries_.erase(entries_.find(Name(aggregate.kind, aggregate.id)));
  }
}

}  // namespace orderlog::runtime
