#include "bench/probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "bench/histogram.h"

namespace orderlog::bench {
namespace {

constexpr std::size_t probe_bytes = 512;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void write_all(int file, const std::vector<char>& bytes, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const auto wrote = write(file, bytes.data() + done, size - done);
    if (wrote <= 0) std::abort();
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

SyncTimes probe_fdatasync(const std::string& directory, int times) {
  const std::string path = directory + "/probe";
  const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
  const std::vector<char> block(probe_bytes, 'x');
  Histogram taken_ns;
  for (int i = 0; i < times; ++i) {
    const double begin = seconds_now();
    write_all(file, block, probe_bytes);
    if (fdatasync(file) != 0) std::abort();
    taken_ns.record(static_cast<std::uint64_t>((seconds_now() - begin) * 1e9));
  }
  close(file);
  unlink(path.c_str());
  return {taken_ns.at(0.5) / 1'000, taken_ns.at(0.99) / 1'000};
}

double append_and_sync(const std::string& directory, const std::vector<std::size_t>& sizes) {
  const std::string path = directory + "/raw";
  const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
  const std::vector<char> block(sizes.empty() ? 0 : *std::max_element(sizes.begin(), sizes.end()),
                                'x');
  const double begin = seconds_now();
  for (const auto size : sizes) {
    write_all(file, block, size);
    if (fdatasync(file) != 0) std::abort();
  }
  const double taken = seconds_now() - begin;
  close(file);
  unlink(path.c_str());
  return taken;
}

void print_result(const std::string& id, const std::string& what, const std::string& unit,
                  std::optional<double> goal, const std::vector<Pair>& pairs, const SyncTimes& sync,
                  const std::string& further) {
  std::vector<double> numerators, denominators, ratios;
  for (const auto& pair : pairs) {
    numerators.push_back(pair.numerator);
    denominators.push_back(pair.denominator);
    ratios.push_back(pair.numerator / pair.denominator);
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf(
      R"({"id":"%s","what":"%s","numerator":%.1f,"denominator":%.1f,"unit":"%s","ratio":%.3f,"goal":%s,"spread":[%.3f,%.3f],)"
      R"("fdatasync_p50_us":%llu,"fdatasync_p99_us":%llu%s})"
      "\n",
      id.c_str(), what.c_str(), median(numerators), median(denominators), unit.c_str(),
      median(ratios), goal ? std::to_string(*goal).c_str() : "null", *least, *most,
      static_cast<unsigned long long>(sync.p50_us), static_cast<unsigned long long>(sync.p99_us),
      further.c_str());
  std::fflush(stdout);
}

}  // namespace orderlog::bench
