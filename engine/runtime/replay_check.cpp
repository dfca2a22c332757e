#include "engine/runtime/replay_check.h"

#include "engine/runtime/overlay_state_store.h"
#include "engine/runtime/partition.h"

namespace orderlog::runtime {
namespace {

// Where the store keeps what aggregates are: heads, and parts.
constexpr char state_sections[] = {'S', 'P'};

// Replays into `store` whatever of the log it does not have yet.
Result<std::uint64_t> bring_up(log::LogReader& log, StateStore& store, const engine::Policy& policy,
                               const EngineLimits& limits, const Clock& clock, PartitionId id) {
  Partition partition({id, log.partition_count(), policy, limits, store, clock});
  if (auto status = partition.restore(log); !status) return status.error();
  if (partition.unsaved() > 0) {
    if (auto status = store.write(partition.snapshot()); !status) return status.error();
  }
  return partition.replayed_events();
}

std::string describe(PartitionId partition, std::string_view key) {
  const auto kind = static_cast<schema::AnyEvent>(static_cast<std::uint8_t>(key[5]));
  std::string_view id = key.substr(6);
  if (key[4] == 'P') {
    const std::size_t length = static_cast<std::size_t>(static_cast<std::uint8_t>(id[0])) << 8 |
                               static_cast<std::uint8_t>(id[1]);
    id = id.substr(2, length);
  }
  return "partition " + std::to_string(partition.value) + ": " + ops_of(kind).name + " " +
         std::string(id);
}

// The first aggregate that is not the same in both stores.
Result<std::optional<std::string>> first_difference(StateStore& live, StateStore& replayed,
                                                    PartitionId partition, char section) {
  const auto [from, to] = section_range(partition, section);
  std::optional<std::string> difference;
  std::optional<Error> failed;
  auto status = live.scan(from, to, [&](std::string_view key, std::string_view value) {
    auto other = replayed.get(key);
    if (!other) {
      failed = other.error();
    } else if (!*other) {
      difference = describe(partition, key) + " is not in the replayed state";
    } else if (**other != value) {
      difference = describe(partition, key) + " differs from the replayed state";
    }
    return !failed && !difference;
  });
  if (!status) return status.error();
  if (failed) return *failed;
  if (difference) return difference;
  status = replayed.scan(from, to, [&](std::string_view key, std::string_view) {
    auto other = live.get(key);
    if (other && !*other) difference = describe(partition, key) + " is missing in the live state";
    return !difference;
  });
  if (!status) return status.error();
  return difference;
}

}  // namespace

Result<Hash256> state_hash(StateStore& store, PartitionId partition) {
  Sha256 hash;
  for (const char section : state_sections) {
    const auto [from, to] = section_range(partition, section);
    auto status = store.scan(from, to, [&](std::string_view key, std::string_view value) {
      const std::uint64_t sizes[2] = {key.size(), value.size()};
      hash.update(std::string_view(reinterpret_cast<const char*>(sizes), sizeof(sizes)));
      hash.update(key);
      hash.update(value);
      return true;
    });
    if (!status) return status.error();
  }
  return hash.finish();
}

Result<Replay> replay_from_zero(log::LogReader& log, StateStore& scratch,
                                const engine::Policy& policy, const EngineLimits& limits,
                                const Clock& clock) {
  Replay replay;
  for (std::uint32_t p = 0; p < log.partition_count(); ++p) {
    const PartitionId id(p);
    auto replayed = bring_up(log, scratch, policy, limits, clock, id);
    if (!replayed) return replayed.error();
    replay.events += *replayed;
    const auto [from, to] = section_range(id, 'S');
    auto status = scratch.scan(from, to, [&](std::string_view, std::string_view) {
      ++replay.aggregates;
      return true;
    });
    if (!status) return status.error();
    auto hash = state_hash(scratch, id);
    if (!hash) return hash.error();
    replay.state_hash.push_back(*hash);
  }
  return replay;
}

Result<ReplayCheck> check_replay(log::LogReader& log, StateStore& live, StateStore& scratch,
                                 const engine::Policy& policy, const EngineLimits& limits,
                                 const Clock& clock) {
  auto replayed = replay_from_zero(log, scratch, policy, limits, clock);
  if (!replayed) return replayed.error();
  ReplayCheck check{std::move(*replayed), {}};
  for (std::uint32_t p = 0; p < log.partition_count(); ++p) {
    const PartitionId id(p);
    OverlayStateStore ahead(live);
    if (auto done = bring_up(log, ahead, policy, limits, clock, id); !done) return done.error();
    for (const char section : state_sections) {
      auto difference = first_difference(ahead, scratch, id, section);
      if (!difference) return difference.error();
      if (*difference) check.differences.push_back(**difference);
    }
  }
  return check;
}

}  // namespace orderlog::runtime
