// What a seed draws: which features and faults a run has, and with what odds. Each run has its own
// mix (Groce et al.: "Swarm Testing", ISSTA 2012), so that a feature that hides another's bugs is
// sometimes missing.
#pragma once

#include <cstdint>
#include <string>

#include "engine/runtime/engine.h"
#include "tests/simulation/random.h"
#include "tests/simulation/sim_kafka.h"

namespace orderlog::sim {

struct Profile {
  bool kafka = false;
  std::uint32_t partitions = 1;
  std::uint32_t nodes = 1;
  // Operations the clients want, and how many at once.
  std::uint32_t operations = 0;
  std::uint32_t clients = 1;
  std::uint32_t products = 1;
  std::uint32_t customers = 1;
  // A business second for each so many virtual microseconds.
  std::int64_t clock_pace = 1;
  bool projections = false;  // read models on a real RocksDB
  bool data_clock = false;   // business time as the commands tell it, in each process
  // Orders of years ago that an importer sends beside the load.
  std::uint32_t history_orders = 0;
  // An unclean election takes the end of the topic from a partition: to be noticed, by all.
  bool truncation = false;

  // Odds in a million, each time one could happen; a tick is 5 ms.
  std::uint32_t crash_per_tick = 0;
  std::uint32_t pause_per_tick = 0;
  std::uint32_t failed_sync = 0;
  std::uint32_t refused_append = 0;
  std::uint32_t failed_store_write = 0;
  std::uint32_t wiped_disk = 0;  // of the crashes: the store comes back empty
  std::uint32_t rebalance_per_tick = 0;
  std::uint32_t duplicate = 0;    // of the requests: sent again at once
  std::uint32_t late_repeat = 0;  // sent again long after the answer
  std::uint32_t reused_id = 0;    // sent again with another body
  std::uint32_t inbox = 0;        // of the operations: through the inbox topic
  std::uint32_t inbox_late = 0;   // of those: later than what was sent after them
  std::uint32_t import_anew = 0;  // after each imported command: the importer begins again
  std::uint32_t clock_jump_per_tick = 0;
  std::int64_t sync_us_max = 1'000;
  std::int64_t client_timeout_us = 1'000'000;
  KafkaFaults brokers;
  runtime::EngineLimits limits;
};

// Without faults: what remains when they stop.
Profile calm(const Profile& profile);
Profile draw_profile(Random& random);
// What was added since: drawn from a stream of its own, so that a seed stays what it was without.
void draw_more(Random random, Profile& profile);
std::string to_string(const Profile& profile);

}  // namespace orderlog::sim
