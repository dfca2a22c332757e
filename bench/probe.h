// What the disk can do by itself, measured in the same run as everything else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace orderlog::bench {

double seconds_now();

struct SyncTimes {
  std::uint64_t p50_us = 0;
  std::uint64_t p99_us = 0;
};
// Appends of 512 bytes to a growing file, each followed by fdatasync.
SyncTimes probe_fdatasync(const std::string& directory, int times = 500);
// Seconds to append blocks of these sizes to a growing file with fdatasync after each.
double append_and_sync(const std::string& directory, const std::vector<std::size_t>& sizes);

// One pair of an ABAB run: a benchmark's two rates.
struct Pair {
  double numerator = 0;
  double denominator = 0;
};
// {"id":…} as one line of JSON: medians of both sides, median and spread of the pairs' ratios.
// `further`: more fields, such as ,"name":1
void print_result(const std::string& id, const std::string& what, const std::string& unit,
                  std::optional<double> goal, const std::vector<Pair>& pairs, const SyncTimes& sync,
                  const std::string& further = {});

}  // namespace orderlog::bench
