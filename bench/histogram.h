// Counts of values in log-linear buckets: three significant digits from 0 to 2^64 in a few thousand
// counters, so that a latency is recorded in nanoseconds however long the run. Must hold: every
// percentile is within value_error of the exact one (tests/bench). One thread.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orderlog::bench {

class Histogram {
 public:
  static constexpr double value_error = 1.0 / 2'048;  // of the value

  void record(std::uint64_t value) {
    const std::size_t bucket = bucket_of(value);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++count_;
    greatest_ = std::max(greatest_, value);
  }

  void add(const Histogram& other) {
    if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
    for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    greatest_ = std::max(greatest_, other.greatest_);
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t greatest() const { return greatest_; }  // exact

  // The least value that a share `rank` (0 to 1) of all values does not exceed: nearest rank. 0
  // when there are none.
  std::uint64_t at(double rank) const {
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(rank * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= wanted) return std::min(middle_of(bucket), greatest_);
    }
    return greatest_;
  }

 private:
  // Below 2^11 a bucket for each value; then 2^10 of them for each doubling.
  static constexpr int exact_bits = 11;
  static constexpr std::size_t exact = std::size_t{1} << exact_bits;
  static constexpr std::size_t half = exact / 2;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < exact) return static_cast<std::size_t>(value);
    const auto shift = static_cast<std::size_t>(std::bit_width(value) - exact_bits);
    return exact + (shift - 1) * half + (static_cast<std::size_t>(value >> shift) - half);
  }
  static std::uint64_t middle_of(std::size_t bucket) {
    if (bucket < exact) return bucket;
    const std::size_t shift = (bucket - exact) / half + 1;
    const std::uint64_t least = (bucket - exact) % half + half;
    return (least << shift) + (std::uint64_t{1} << (shift - 1));
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t greatest_ = 0;
};

}  // namespace orderlog::bench
