// The orders that a customer asked credit for lately, by what they are made of: how a second one
// like it is found (domain.md 4.17). Must hold: no more than recent_orders_max, none older than
// recent_order_seconds_max against the newest. To remember an order, find or forget it costs
// O(log n) when it was seen once, to find that none is like it O(1); else O(n), as to find one.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "events/base/time.h"

namespace orderlog::engine {

// The policy's window is shorter. Kept by evolve, which knows no policy.
inline constexpr std::size_t recent_orders_max = 1'000;
inline constexpr std::int64_t recent_order_seconds_max = 24 * 3600;

// A value; used by one thread at a time.
class RecentOrders {
 public:
  // Memory that an order takes, its id and its part of the index included.
  static constexpr std::size_t order_bytes = 192;

  // An order that was seen with this fingerprint before keeps its time.
  void remember(std::string_view order_id, std::uint64_t fingerprint, TimestampUs at);
  void forget(std::string_view order_id);
  // Another order like it, at most `window` (microseconds) before or after `at`, the latest first;
  // empty when there is none. Valid until the next change.
  std::string_view find_like(std::uint64_t fingerprint, TimestampUs at, std::int64_t window,
                             std::string_view order_id) const;

  // Calls visit(fingerprint, at) on what was seen of the order, the newest first.
  template <class Visit>
  void for_each_of(std::string_view order_id, Visit&& visit) const {
    const auto [first, last] = range_of(order_id);
    for (auto one = last; one != first;) {
      --one;
      if (one->order_id == order_id) visit(one->fingerprint, one->at);
    }
  }
  std::size_t size() const { return by_age_.size(); }
  // Calls visit(order_id, fingerprint, at) on all, oldest first.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Aged& one : by_age_) visit(one.order_id, one.fingerprint, one.at);
  }
  // The orders that changed since the last call, some more than once.
  std::vector<std::string> take_changed() { return std::exchange(changed_, {}); }

 private:
  struct Aged {
    TimestampUs at = 0;
    std::string order_id;
    std::uint64_t fingerprint = 0;
  };
  using Age = std::tuple<TimestampUs, std::string_view, std::uint64_t>;
  struct ByAge {
    using is_transparent = void;
    static Age age_of(const Aged& one) { return {one.at, one.order_id, one.fingerprint}; }
    static Age age_of(const Age& age) { return age; }
    template <class One, class Other>
    bool operator()(const One& one, const Other& other) const {
      return age_of(one) < age_of(other);
    }
  };
  using Orders = std::set<Aged, ByAge>;
  struct Seen {
    std::uint32_t times = 0;
    TimestampUs first_at = 0;  // or earlier, when the first was dropped
  };
  static std::uint64_t hash_of(std::string_view order_id) {
    return std::hash<std::string_view>{}(order_id);
  }
  // All that was seen of the order lies in [first, second).
  std::pair<Orders::const_iterator, Orders::const_iterator> range_of(
      std::string_view order_id) const;
  void drop_oldest();
  void count(const Aged& one);
  void uncount(const Aged& one);

  Orders by_age_;
  // How many there are with a fingerprint, and since when with a hash of their order's id: most
  // questions are about neither. Nothing ever depends on the order in them.
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> like_;
  boost::unordered_flat_map<std::uint64_t, Seen> of_order_;
  std::vector<std::string> changed_;
};

}  // namespace orderlog::engine
