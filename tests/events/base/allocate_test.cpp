// Spreading an amount: Σ parts = whole, always (domain.md 4.2, P11).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

#include "events/base/money.h"

namespace orderlog {
namespace {

using Weights = std::vector<std::int64_t>;

std::vector<std::int64_t> spread(std::int64_t minor, const Weights& weights) {
  std::vector<std::int64_t> parts;
  const auto allocated = allocate(Money(minor, Currency::EUR), weights);
  for (const Money& part : allocated.value()) {
    EXPECT_EQ(part.currency(), Currency::EUR);
    parts.push_back(part.minor());
  }
  return parts;
}

TEST(Allocate, GivesTheRestToTheLargestRemainders) {
  EXPECT_EQ(spread(100, {1, 1, 1}), (Weights{34, 33, 33}));
  EXPECT_EQ(spread(200, {1, 1, 1}), (Weights{67, 67, 66}));
  EXPECT_EQ(spread(-100, {1, 1, 1}), (Weights{-34, -33, -33}));
  EXPECT_EQ(spread(10, {50, 24, 26}), (Weights{5, 2, 3}));
  EXPECT_EQ(spread(1, {1, 2}), (Weights{0, 1}));
  EXPECT_EQ(spread(5, {0, 1, 0}), (Weights{0, 5, 0}));
}

TEST(Allocate, HandlesTheWholeRange) {
  constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t min = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(spread(min, {7}), (Weights{min}));
  EXPECT_EQ(spread(max, {max, max}), (Weights{max / 2 + 1, max / 2}));
}

TEST(Allocate, OfNothingNeedsNoWeights) {
  EXPECT_EQ(spread(0, {}), Weights{});
  EXPECT_EQ(spread(0, {0, 0}), (Weights{0, 0}));
}

TEST(Allocate, RefusesWhatCannotBeSpread) {
  const Money total(10, Currency::EUR);
  EXPECT_EQ(allocate(total, Weights{}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(allocate(total, Weights{0, 0}).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(allocate(total, Weights{2, -1}).error().code, ErrorCode::InvalidArgument);
  EXPECT_FALSE(allocate(Money(0, Currency::EUR), Weights{-1}));
}

RC_GTEST_PROP(Allocate, PartsSumToTheWholeAndLieNextToTheirShare, (std::int64_t minor)) {
  const auto weights = *rc::gen::suchThat(
      rc::gen::container<Weights>(
          rc::gen::weightedOneOf<std::int64_t>({{1, rc::gen::just<std::int64_t>(0)},
                                                {4, rc::gen::inRange<std::int64_t>(0, 1'000)},
                                                {1, rc::gen::nonNegative<std::int64_t>()}})),
      [](const Weights& w) { return std::ranges::any_of(w, [](auto x) { return x > 0; }); });
  __int128 weight_sum = 0;
  for (std::int64_t weight : weights) weight_sum += weight;
  const auto parts = spread(minor, weights);
  RC_ASSERT(parts.size() == weights.size());
  __int128 sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    sum += parts[i];
    if (weights[i] == 0) RC_ASSERT(parts[i] == 0);
    // Its exact share is total × weight ÷ Σ weights; the part is less than one minor unit off. The
    // shares are compared in long double only to bound, hence the tolerance for large totals.
    const long double share = static_cast<long double>(minor) *
                              static_cast<long double>(weights[i]) /
                              static_cast<long double>(weight_sum);
    const long double tolerance = 1 + std::abs(share) * 1e-17L;
    RC_ASSERT(std::abs(static_cast<long double>(parts[i]) - share) <= tolerance);
  }
  RC_ASSERT(sum == minor);
}

RC_GTEST_PROP(Allocate, MirrorsForTheNegativeTotal, ()) {
  const auto minor = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
  auto weights = *rc::gen::container<Weights>(rc::gen::inRange<std::int64_t>(0, 50));
  weights.push_back(1);
  auto mirrored = spread(-minor, weights);
  for (std::int64_t& part : mirrored) part = -part;
  RC_ASSERT(mirrored == spread(minor, weights));
}

}  // namespace
}  // namespace orderlog
