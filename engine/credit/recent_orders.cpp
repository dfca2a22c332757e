#include "engine/credit/recent_orders.h"

#include <algorithm>

namespace orderlog::engine {

void RecentOrders::remember(std::string_view order_id, std::uint64_t fingerprint, TimestampUs at) {
  if (fingerprint == 0) return;
  auto order = by_order_.find(order_id);
  if (order == by_order_.end()) order = by_order_.try_emplace(std::string(order_id)).first;
  std::vector<Seen>& seen = order->second;
  const auto known = std::any_of(seen.begin(), seen.end(),
                                 [&](const Seen& one) { return one.fingerprint == fingerprint; });
  if (known) return;
  seen.push_back({fingerprint, at});
  ++count_of_[fingerprint];
  Aged aged{at, order->first, fingerprint};
  by_age_.insert(std::upper_bound(by_age_.begin(), by_age_.end(), aged), std::move(aged));
  changed_.push_back(order->first);
  // Against the newest, whichever came last: what is kept doesn't depend on the order of arrival.
  const auto too_old = [this] {
    return by_age_.back().at - by_age_.front().at > recent_order_seconds_max * us_per_second;
  };
  while (by_age_.size() > recent_orders_max || too_old()) drop_oldest();
}

void RecentOrders::forget(std::string_view order_id) {
  const auto found = by_order_.find(order_id);
  if (found == by_order_.end()) return;
  std::erase_if(by_age_, [&](const Aged& one) { return one.order_id == order_id; });
  for (const Seen& one : found->second) uncount(one.fingerprint);
  changed_.push_back(found->first);
  by_order_.erase(found);
}

void RecentOrders::drop_oldest() {
  const Aged oldest = std::move(by_age_.front());
  by_age_.pop_front();
  uncount(oldest.fingerprint);
  const auto order = by_order_.find(oldest.order_id);
  std::erase_if(order->second,
                [&](const Seen& one) { return one.fingerprint == oldest.fingerprint; });
  if (order->second.empty()) by_order_.erase(order);
  changed_.push_back(oldest.order_id);
}

void RecentOrders::uncount(std::uint64_t fingerprint) {
  const auto found = count_of_.find(fingerprint);
  if (--found->second == 0) count_of_.erase(found);
}

std::string_view RecentOrders::find_like(std::uint64_t fingerprint, TimestampUs at,
                                         std::int64_t window, std::string_view order_id) const {
  if (!count_of_.contains(fingerprint)) return {};
  const auto found = std::find_if(by_age_.rbegin(), by_age_.rend(), [&](const Aged& one) {
    return one.fingerprint == fingerprint && one.order_id != order_id && one.at <= at + window &&
           one.at >= at - window;
  });
  return found == by_age_.rend() ? std::string_view() : std::string_view(found->order_id);
}

const std::vector<RecentOrders::Seen>* RecentOrders::of(std::string_view order_id) const {
  const auto found = by_order_.find(order_id);
  return found == by_order_.end() ? nullptr : &found->second;
}

}  // namespace orderlog::engine
