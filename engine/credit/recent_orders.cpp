#include "engine/credit/recent_orders.h"

#include <algorithm>

namespace orderlog::engine {

void RecentOrders::remember(std::string_view order_id, std::uint64_t fingerprint, TimestampUs at) {
  if (fingerprint == 0) return;
  const std::string id(order_id);
  std::vector<Seen>& seen = by_order_[id];
  const auto known = std::any_of(seen.begin(), seen.end(),
                                 [&](const Seen& one) { return one.fingerprint == fingerprint; });
  if (known) return;
  seen.push_back({fingerprint, at});
  by_age_.emplace(at, id, fingerprint);
  by_fingerprint_.emplace(fingerprint, at, id);
  changed_.push_back(id);
  // Against the newest, whichever came last: what is kept doesn't depend on the order of arrival.
  const auto too_old = [this] {
    return std::get<0>(*by_age_.rbegin()) - std::get<0>(*by_age_.begin()) >
           recent_order_seconds_max * us_per_second;
  };
  while (by_age_.size() > recent_orders_max || too_old()) drop_oldest();
}

void RecentOrders::forget(std::string_view order_id) {
  const auto found = by_order_.find(order_id);
  if (found == by_order_.end()) return;
  for (const Seen& one : found->second) {
    by_age_.erase({one.at, found->first, one.fingerprint});
    by_fingerprint_.erase({one.fingerprint, one.at, found->first});
  }
  changed_.push_back(found->first);
  by_order_.erase(found);
}

void RecentOrders::drop_oldest() {
  const auto [at, id, fingerprint] = *by_age_.begin();
  by_age_.erase(by_age_.begin());
  by_fingerprint_.erase({fingerprint, at, id});
  const auto order = by_order_.find(id);
  std::erase_if(order->second, [&](const Seen& one) { return one.fingerprint == fingerprint; });
  if (order->second.empty()) by_order_.erase(order);
  changed_.push_back(id);
}

std::string_view RecentOrders::find_like(std::uint64_t fingerprint, TimestampUs at,
                                         std::int64_t window, std::string_view order_id) const {
  const auto begin = by_fingerprint_.lower_bound({fingerprint, at - window, std::string()});
  auto it = by_fingerprint_.upper_bound({fingerprint, at + window + 1, std::string()});
  while (it != begin) {
    --it;
    if (std::get<2>(*it) != order_id) return std::get<2>(*it);
  }
  return {};
}

const std::vector<RecentOrders::Seen>* RecentOrders::of(std::string_view order_id) const {
  const auto found = by_order_.find(order_id);
  return found == by_order_.end() ? nullptr : &found->second;
}

}  // namespace orderlog::engine
