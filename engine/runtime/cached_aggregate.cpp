#include "engine/runtime/cached_aggregate.h"

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

}  // namespace

std::size_t native_bytes(const AggregateOps& ops, const AnyState& state, std::size_t packed_bytes) {
  return entry_overhead_bytes + native_per_packed_byte * packed_bytes +
         (ops.parts_bytes == nullptr ? 0 : ops.parts_bytes(state));
}

std::unique_ptr<CachedAggregate> new_aggregate(schema::AnyEvent kind, std::string_view id) {
  auto aggregate = std::make_unique<CachedAggregate>();
  aggregate->kind = kind;
  aggregate->id = std::string(id);
  aggregate->bytes = entry_overhead_bytes + fresh_bytes;
  return aggregate;
}

Result<std::unique_ptr<CachedAggregate>> AggregateReader::read(schema::AnyEvent kind,
                                                               std::string_view id) const {
  auto aggregate = new_aggregate(kind, id);
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

Status AggregateReader::read_parts(CachedAggregate& aggregate) const {
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

}  // namespace orderlog::runtime
