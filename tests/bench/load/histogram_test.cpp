// The benchmarks' percentiles against exact ones.
#include "bench/histogram.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace orderlog::bench {
namespace {

std::uint64_t exact_at(std::vector<std::uint64_t> values, double rank) {
  std::sort(values.begin(), values.end());
  const auto wanted =
      static_cast<std::size_t>(std::ceil(rank * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(wanted, 1) - 1];
}

// Of every size: a plain generator hardly ever leaves the small or the huge ones.
rc::Gen<std::uint64_t> any_magnitude() {
  return rc::gen::apply([](std::uint64_t bits, int shift) { return bits >> shift; },
                        rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>()),
                        rc::gen::inRange(0, 64));
}

TEST(Histogram, HasThreeDigitsOfEveryPercentile) {
  const bool holds = rc::check([] {
    const auto values =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(any_magnitude()));
    const double rank = *rc::gen::elementOf(std::vector<double>{0, 0.01, 0.5, 0.9, 0.99, 0.999, 1});
    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, values.size() + 1);
    Histogram histogram;
    Histogram rest;
    for (std::size_t i = 0; i < values.size(); ++i) (i < cut ? histogram : rest).record(values[i]);
    histogram.add(rest);
    const std::uint64_t exact = exact_at(values, rank);
    const std::uint64_t found = histogram.at(rank);
    const std::uint64_t apart = found > exact ? found - exact : exact - found;
    RC_ASSERT(static_cast<double>(apart) <= static_cast<double>(exact) * Histogram::value_error);
    RC_ASSERT(histogram.count() == values.size());
    RC_ASSERT(histogram.greatest() == *std::max_element(values.begin(), values.end()));
  });
  EXPECT_TRUE(holds);
}

TEST(Histogram, IsExactWhereABucketHasOneValue) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 2'000; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at(0.5), 1'000u);
  EXPECT_EQ(histogram.at(0.99), 1'980u);
  EXPECT_EQ(histogram.at(0.999), 1'998u);
}

TEST(Histogram, WithoutValuesIsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.at(0.99), 0u);
  EXPECT_EQ(histogram.greatest(), 0u);
}

}  // namespace
}  // namespace orderlog::bench
