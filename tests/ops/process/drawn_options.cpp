#include "tests/ops/process/drawn_options.h"

#include <fstream>
#include <string>
#include <vector>

namespace orderlog::test {
namespace {

// The smallest that the configuration takes, what is usual, and what is more than enough.
struct Setting {
  std::string name;
  std::vector<std::string> values;
};
struct Section {
  std::string name;
  std::vector<Setting> settings;
};

const std::vector<std::string> megabytes{"1048576", "4194304", "67108864"};

const std::vector<Section> sections{
    {"server", {{"tick_ms", {"1", "20", "200"}}, {"idle_spin_us", {"0", "50"}}}},
    {"log",
     {{"memtable_bytes", megabytes},
      {"block_cache_bytes", megabytes},
      {"queue_bytes_max", megabytes},
      {"group_bytes_max", {"4096", "65536", "262144", "4194304"}},
      {"gather_us_max", {"0", "1000", "20000"}}}},
    {"state", {{"memtable_bytes", megabytes}, {"block_cache_bytes", megabytes}}},
    {"projections",
     {{"memtable_bytes", megabytes},
      {"block_cache_bytes", megabytes},
      {"batch_interval_ms", {"0", "10", "200"}},
      {"idle_scheduling", {"true", "false"}}}},
    {"engine",
     {{"commands_in_flight_max", {"2", "64", "65536"}},
      {"commit_bytes_target", {"4096", "262144", "4194304"}},
      {"appends_in_flight_max", {"1", "4", "64"}},
      {"snapshot_aggregates", {"1", "16", "16384"}},
      {"snapshot_interval_us", {"1000", "50000", "1000000", "60000000"}},
      {"unsaved_aggregates_max", {"1000", "200000"}},
      {"state_cache_bytes", {"1048576", "536870912"}},
      {"hot_state_bytes_max", {"1048576", "2097152", "4294967296"}},
      {"timer_window_us", {"1000000", "86400000000"}},
      {"timers_per_round", {"1", "256"}}}},
    {"http",
     {{"connections_max", {"16", "1024"}},
      {"requests_pipelined_max", {"1", "256"}},
      {"commands_per_turn_max", {"2", "256"}},
      {"output_bytes_paused", {"4096", "1048576"}},
      {"query_threads", {"1", "3"}},
      {"query_queue_max", {"8", "256"}}}}};

}  // namespace

void write_drawn_options(const std::filesystem::path& file, std::mt19937_64& random) {
  std::ofstream out(file);
  for (const auto& section : sections) {
    out << '[' << section.name << "]\n";
    for (const auto& setting : section.settings)
      out << setting.name << " = " << setting.values[random() % setting.values.size()] << '\n';
  }
}

}  // namespace orderlog::test
