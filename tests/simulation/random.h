// All chance of a simulation, from its seed: the same everywhere, so a seed is a whole history.
// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
#pragma once

#include <cstdint>
#include <vector>

namespace orderlog::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // 0 to n − 1; n above 0. The bias is below n ÷ 2^64.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  // Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool chance(std::uint32_t per_million) { return below(1'000'000) < per_million; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  // A stream of its own, which later draws from this one do not disturb.
  Random split() { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace orderlog::sim
