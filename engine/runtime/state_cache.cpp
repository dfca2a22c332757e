#include "engine/runtime/state_cache.h"

#include <cstring>

namespace orderlog::runtime {
namespace {

// Native objects take about this many times their packed size; entries that were never packed count
// as this much.
constexpr std::size_t native_per_packed_byte = 3;
constexpr std::size_t fresh_bytes = 1024;
constexpr std::size_t entry_overhead_bytes = 256;

Error unreadable(const AggregateOps& ops, std::string_view id) {
  return error(ErrorCode::Corrupt, std::string("the state store holds unreadable bytes for ") +
                                       ops.name + " " + std::string(id) +
                                       "; remove the state folder to rebuild it from the log");
}

std::size_t native_bytes(const AggregateOps& ops, const AnyState& state, std::size_t packed_bytes) {
  return entry_overhead_bytes + native_per_packed_byte * packed_bytes +
         (ops.parts_bytes == nullptr ? 0 : ops.parts_bytes(state));
}

}  // namespace

StateCache::StateCache(PartitionId partition, StateStore& store, const engine::Policy& policy,
                       std::size_t bytes_max)
    : partition_(partition), store_(store), policy_(policy), bytes_max_(bytes_max) {}

StateCache::~StateCache() { round_.clear(); }

std::string_view StateCache::key_of(schema::AnyEvent kind, std::string_view id) {
  key_.assign(1, static_cast<char>(kind));
  key_.append(id);
  return key_;
}

Result<CachedAggregate*> StateCache::load(schema::AnyEvent kind, std::string_view id) {
  const auto found = entries_.find(key_of(kind, id));
  if (found != entries_.end()) {
    found->second->used = true;
    return found->second.get();
  }
  auto made = read(kind, id);
  if (!made) return made.error();
  auto* aggregate = made->get();
  bytes_ += aggregate->bytes;
  round_.push_front(*aggregate);
  entries_.emplace(std::string(key_of(kind, id)), std::move(made).value());
  return aggregate;
}

Result<std::unique_ptr<CachedAggregate>> StateCache::read(schema::AnyEvent kind,
                                                          std::string_view id) {
  auto aggregate = std::make_unique<CachedAggregate>();
  aggregate->kind = kind;
  aggregate->id = std::string(id);
  aggregate->bytes = entry_overhead_bytes + fresh_bytes;
  const auto& ops = ops_of(kind);
  auto stored = store_.get(state_key(partition_, static_cast<std::uint8_t>(kind), id));
  if (!stored) return stored.error();
  if (!*stored) {
    aggregate->state = ops.create();
    return aggregate;
  }
  const std::string& value = **stored;
  if (value.size() > sizeof(std::uint64_t)) {
    std::memcpy(&aggregate->version, value.data(), sizeof(std::uint64_t));
    aggregate->state = ops.unpack(std::string_view(value).substr(sizeof(std::uint64_t)));
  }
  if (!aggregate->state) return unreadable(ops, id);
  if (auto status = read_parts(*aggregate); !status) return status.error();
  aggregate->bytes = native_bytes(ops, *aggregate->state, value.size());
  aggregate->due = ops.next_deadline(*aggregate->state, policy_);
  aggregate->stored_due = aggregate->due;
  return aggregate;
}

Status StateCache::read_parts(CachedAggregate& aggregate) {
  const auto& ops = ops_of(aggregate.kind);
  if (ops.add_part == nullptr) return Status();
  bool readable = true;
  const auto [from, to] =
      part_range(partition_, static_cast<std::uint8_t>(aggregate.kind), aggregate.id);
  auto status = store_.scan(from, to, [&](std::string_view, std::string_view bytes) {
    readable = ops.add_part(*aggregate.state, bytes);
    return readable;
  });
  if (!status) return status;
  return readable ? Status() : Status(unreadable(ops, aggregate.id));
}

void StateCache::mark_dirty(CachedAggregate& aggregate) {
  if (aggregate.dirty) return;
  aggregate.dirty = true;
  dirty_.push_back(&aggregate);
}

void StateCache::save_dirty(StateBatch& batch, std::uint64_t snapshot) {
  for (auto* aggregate : dirty_) {
    const auto kind = static_cast<std::uint8_t>(aggregate->kind);
    const auto& ops = ops_of(aggregate->kind);
    ops.pack(builder_, *aggregate->state);
    std::string value(sizeof(std::uint64_t) + builder_.GetSize(), '\0');
    std::memcpy(value.data(), &aggregate->version, sizeof(std::uint64_t));
    std::memcpy(value.data() + sizeof(std::uint64_t), builder_.GetBufferPointer(),
                builder_.GetSize());
    bytes_ -= aggregate->bytes;
    aggregate->bytes = native_bytes(ops, *aggregate->state, value.size());
    bytes_ += aggregate->bytes;
    batch.emplace_back(state_key(partition_, kind, aggregate->id), std::move(value));
    if (ops.take_changed_parts != nullptr) save_parts(batch, *aggregate);
    if (aggregate->due != aggregate->stored_due) {
      if (aggregate->stored_due) {
        batch.emplace_back(timer_key(partition_, *aggregate->stored_due, kind, aggregate->id),
                           std::nullopt);
      }
      if (aggregate->due)
        batch.emplace_back(timer_key(partition_, *aggregate->due, kind, aggregate->id),
                           std::string());
      aggregate->stored_due = aggregate->due;
    }
    aggregate->dirty = false;
    aggregate->snapshot = snapshot;
  }
  dirty_.clear();
}

void StateCache::save_parts(StateBatch& batch, CachedAggregate& aggregate) {
  const auto kind = static_cast<std::uint8_t>(aggregate.kind);
  ops_of(aggregate.kind)
      .take_changed_parts(*aggregate.state, builder_,
                          [&](std::string_view key, std::optional<std::string_view> bytes) {
                            auto stored = bytes ? std::optional<std::string>(*bytes) : std::nullopt;
                            batch.emplace_back(part_key(partition_, kind, aggregate.id, key),
                                               std::move(stored));
                          });
}

void StateCache::trim(std::uint64_t written) {
  // Two rounds at most: in the second nobody is marked as used.
  for (std::size_t left = 2 * entries_.size(); bytes_ > bytes_max_ && left > 0; --left) {
    CachedAggregate& aggregate = round_.back();
    round_.pop_back();
    if (aggregate.used || aggregate.dirty || aggregate.snapshot > written) {
      aggregate.used = false;
      round_.push_front(aggregate);
      continue;
    }
    bytes_ -= aggregate.bytes;
    entries_.erase(entries_.find(key_of(aggregate.kind, aggregate.id)));
  }
}

}  // namespace orderlog::runtime
