#include "tests/simulation/profile.h"

namespace orderlog::sim {
namespace {

constexpr std::uint32_t half = 500'000;

// On in half of the runs, then with odds up to `most`.
std::uint32_t odds(Random& random, std::uint32_t most) {
  const bool on = random.chance(half);
  const auto drawn = static_cast<std::uint32_t>(random.between(1, most));
  return on ? drawn : 0;
}

}  // namespace

Profile draw_profile(Random& random) {
  Profile p;
  p.kafka = random.chance(half);
  p.partitions = static_cast<std::uint32_t>(random.between(1, 3));
  p.nodes = p.kafka ? static_cast<std::uint32_t>(random.between(1, 3)) : 1;
  p.operations = static_cast<std::uint32_t>(random.between(20, 200));
  p.clients = static_cast<std::uint32_t>(random.between(1, 16));
  p.products = static_cast<std::uint32_t>(random.between(1, 3));
  p.customers = static_cast<std::uint32_t>(random.between(1, 4));
  constexpr std::int64_t paces[] = {1, 1'000, 100'000};
  p.clock_pace = paces[random.below(3)];
  p.projections = random.chance(125'000);

  // To open the rows anew takes longer than all else.
  p.crash_per_tick = odds(random, p.projections ? 2'000 : 20'000);
  p.pause_per_tick = odds(random, 20'000);
  p.failed_sync = odds(random, 10'000);
  p.refused_append = odds(random, 50'000);
  p.failed_store_write = odds(random, 20'000);
  p.wiped_disk = odds(random, 200'000);
  p.rebalance_per_tick = odds(random, 30'000);
  p.duplicate = odds(random, 200'000);
  p.late_repeat = odds(random, 200'000);
  p.reused_id = odds(random, 50'000);
  p.inbox = p.kafka ? odds(random, 500'000) : 0;
  p.clock_jump_per_tick = odds(random, 10'000);
  p.sync_us_max = random.between(50, 5'000);
  p.client_timeout_us = random.between(50'000, 1'000'000);
  p.brokers.latency_us_max = random.between(100, 20'000);
  p.brokers.replica_lag_us_max = random.between(1'000, 100'000);
  p.brokers.lost_per_million = odds(random, 30'000);
  p.brokers.delayed_per_million = odds(random, 30'000);

  p.limits.appends_in_flight_max = static_cast<std::size_t>(random.between(1, 4));
  p.limits.commit_bytes_target = static_cast<std::size_t>(random.between(1'000, 64'000));
  p.limits.snapshot_aggregates = static_cast<std::size_t>(random.between(1, 200));
  p.limits.snapshot_interval_us = random.between(1'000, 1'000'000);
  p.limits.state_cache_bytes = static_cast<std::size_t>(random.between(1, 256)) * 4'096;
  p.limits.timers_per_round = static_cast<std::size_t>(random.between(1, 64));
  p.limits.timer_window_us = random.between(1, 48) * us_per_hour;
  if (random.chance(half / 5))
    p.limits.commands_in_flight_max = static_cast<std::size_t>(random.between(1, 8));
  return p;
}

void draw_more(Random random, Profile& p) {
  constexpr std::uint32_t seldom = 150'000;
  p.data_clock = random.chance(seldom);
  const bool imports = random.chance(seldom);
  const auto orders = static_cast<std::uint32_t>(random.between(1, 20));
  if (imports) p.history_orders = orders;
  p.import_anew = odds(random, 20'000);
  p.inbox_late = odds(random, 500'000);
  p.truncation = p.kafka && random.chance(seldom);
  // Else those that lost their copy could not know of it.
  if (p.truncation) p.wiped_disk = 0;
  p.limits.snapshot_aggregates_per_turn = static_cast<std::size_t>(random.between(1, 50));
  p.limits.hot_state_bytes_max =
      p.limits.state_cache_bytes * static_cast<std::size_t>(random.between(1, 3));
}

Profile calm(const Profile& profile) {
  Profile p = profile;
  p.crash_per_tick = p.pause_per_tick = p.failed_sync = p.refused_append = p.failed_store_write =
      p.rebalance_per_tick = p.clock_jump_per_tick = p.import_anew = 0;
  p.brokers.lost_per_million = p.brokers.delayed_per_million = 0;
  return p;
}

std::string to_string(const Profile& p) {
  const auto number = [](const char* name, std::uint64_t value) {
    return std::string(" ") + name + "=" + std::to_string(value);
  };
  return (p.kafka ? std::string("kafka") : std::string("embedded")) +
         number("partitions", p.partitions) + number("nodes", p.nodes) +
         number("operations", p.operations) + number("clients", p.clients) +
         number("pace", static_cast<std::uint64_t>(p.clock_pace)) +
         number("crash", p.crash_per_tick) + number("pause", p.pause_per_tick) +
         number("failed_sync", p.failed_sync) + number("wiped", p.wiped_disk) +
         number("rebalance", p.rebalance_per_tick) + number("duplicate", p.duplicate) +
         number("lost", p.brokers.lost_per_million) +
         number("delayed", p.brokers.delayed_per_million) + number("inbox", p.inbox) +
         number("jumps", p.clock_jump_per_tick) + number("history", p.history_orders) +
         (p.projections ? " projections" : "") + (p.data_clock ? " data-clock" : "") +
         (p.truncation ? " truncation" : "");
}

}  // namespace orderlog::sim
