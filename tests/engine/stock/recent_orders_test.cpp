// Recent orders against a plain list of what was seen.
#include "engine/credit/recent_orders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

namespace orderlog::engine {
namespace {

using One = std::tuple<TimestampUs, std::string, std::uint64_t>;  // when, order, fingerprint

constexpr TimestampUs begin_us = 1'750'000'000'000'000;

class PlainList {
 public:
  void remember(const std::string& order_id, std::uint64_t fingerprint, TimestampUs at) {
    const auto seen = [&](const One& one) {
      return std::get<1>(one) == order_id && std::get<2>(one) == fingerprint;
    };
    if (std::any_of(all.begin(), all.end(), seen)) return;
    all.emplace_back(at, order_id, fingerprint);
    std::sort(all.begin(), all.end());
    const auto too_old = [this] {
      return std::get<0>(all.back()) - std::get<0>(all.front()) >
             recent_order_seconds_max * us_per_second;
    };
    while (too_old()) all.erase(all.begin());
  }
  void forget(const std::string& order_id) {
    std::erase_if(all, [&](const One& one) { return std::get<1>(one) == order_id; });
  }
  std::vector<One> newest_first_of(const std::string& order_id) const {
    std::vector<One> found;
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
      if (std::get<1>(*one) == order_id) found.push_back(*one);
    }
    return found;
  }

  std::vector<One> all;  // oldest first
};

TEST(RecentOrders, AreThoseOfAPlainList) {
  std::mt19937_64 random(7);
  const auto up_to = [&](std::uint64_t max) {
    return std::uniform_int_distribution<std::uint64_t>(0, max)(random);
  };
  RecentOrders orders;
  PlainList plain;
  std::size_t longest = 0;
  for (int step = 0; step < 20'000; ++step) {
    const std::string order_id = "O-" + std::to_string(up_to(30));
    if (up_to(3) == 0) {
      orders.forget(order_id);
      plain.forget(order_id);
    } else {
      // Of a few days, mostly forward: some are dropped for their age, some arrive late.
      const auto at = begin_us + static_cast<TimestampUs>(
                                     (static_cast<std::uint64_t>(step) * 60 + up_to(7'200)) *
                                     static_cast<std::uint64_t>(us_per_second));
      const auto fingerprint = up_to(4) + 1;
      orders.remember(order_id, fingerprint, at);
      plain.remember(order_id, fingerprint, at);
    }
    std::vector<One> all;
    orders.for_each([&](const std::string& id, std::uint64_t fingerprint, TimestampUs at) {
      all.emplace_back(at, id, fingerprint);
    });
    ASSERT_EQ(all, plain.all) << "step " << step;
    std::vector<One> of_one;
    orders.for_each_of(order_id, [&](std::uint64_t fingerprint, TimestampUs at) {
      of_one.emplace_back(at, order_id, fingerprint);
    });
    ASSERT_EQ(of_one, plain.newest_first_of(order_id)) << "step " << step;
    longest = std::max(longest, of_one.size());
  }
  EXPECT_GT(longest, 2u) << "orders were seen more than once";
}

TEST(RecentOrders, TellWhichOrdersChanged) {
  RecentOrders orders;
  orders.remember("O-1", 1, begin_us);
  orders.remember("O-1", 1, begin_us + 5);
  orders.forget("O-2");
  EXPECT_EQ(orders.take_changed(), std::vector<std::string>{"O-1"});
  orders.forget("O-1");
  EXPECT_EQ(orders.take_changed(), std::vector<std::string>{"O-1"});
  EXPECT_EQ(orders.size(), 0u);
}

}  // namespace
}  // namespace orderlog::engine
