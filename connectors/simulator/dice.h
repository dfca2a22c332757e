// Seeded chance that is the same on every machine: SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", 2014). The standard library's distributions differ between
// implementations.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orderlog::simulator {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // least … most, both possible.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool percent(int chance) { return between(0, 99) < chance; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(from.size()) - 1))];
  }

 private:
  std::uint64_t state_;
};

// A stream of chance of its own for each thing that happens, so that the order in which answers
// arrive changes nothing.
inline Dice dice_for(std::uint64_t seed, const std::string& what) {
  std::uint64_t mixed = seed;
  for (const char c : what) mixed = Dice(mixed ^ static_cast<std::uint8_t>(c)).next();
  return Dice(mixed);
}

}  // namespace orderlog::simulator
