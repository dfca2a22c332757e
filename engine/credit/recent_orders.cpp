#include "engine/credit/recent_orders.h"

#include <algorithm>

namespace orderlog::engine {

std::pair<RecentOrders::Orders::const_iterator, RecentOrders::Orders::const_iterator>
RecentOrders::range_of(std::string_view order_id) const {
  const auto seen = of_order_.find(hash_of(order_id));
  if (seen == of_order_.end()) return {by_age_.end(), by_age_.end()};
  const auto first = by_age_.lower_bound(Age(seen->second.first_at, order_id, 0));
  auto last = first;
  for (std::uint32_t left = seen->second.times; last != by_age_.end() && left > 0; ++last) {
    if (last->order_id == order_id) --left;
  }
  return {first, last};
}

void RecentOrders::remember(std::string_view order_id, std::uint64_t fingerprint, TimestampUs at) {
  if (fingerprint == 0) return;
  const auto [first, last] = range_of(order_id);
  const auto is_it = [&](const Aged& one) {
    return one.fingerprint == fingerprint && one.order_id == order_id;
  };
  if (std::any_of(first, last, is_it)) return;
  // The newest comes last, so that no search is needed.
  count(*by_age_.insert(by_age_.end(), Aged{at, std::string(order_id), fingerprint}));
  changed_.emplace_back(order_id);
  // Against the newest, whichever came last: what is kept doesn't depend on the order of arrival.
  const auto too_old = [this] {
    return by_age_.rbegin()->at - by_age_.begin()->at > recent_order_seconds_max * us_per_second;
  };
  while (by_age_.size() > recent_orders_max || too_old()) drop_oldest();
}

void RecentOrders::forget(std::string_view order_id) {
  const auto [first, last] = range_of(order_id);
  bool forgotten = false;
  for (auto one = first; one != last;) {
    if (one->order_id != order_id) {
      ++one;
      continue;
    }
    uncount(*one);
    one = by_age_.erase(one);
    forgotten = true;
  }
  if (forgotten) changed_.emplace_back(order_id);
}

void RecentOrders::drop_oldest() {
  auto oldest = by_age_.extract(by_age_.begin());
  uncount(oldest.value());
  changed_.push_back(std::move(oldest.value().order_id));
}

void RecentOrders::count(const Aged& one) {
  ++like_[one.fingerprint];
  Seen& seen = of_order_[hash_of(one.order_id)];
  if (seen.times++ == 0 || one.at < seen.first_at) seen.first_at = one.at;
}

void RecentOrders::uncount(const Aged& one) {
  const auto like = like_.find(one.fingerprint);
  if (--like->second == 0) like_.erase(like);
  const auto seen = of_order_.find(hash_of(one.order_id));
  if (--seen->second.times == 0) of_order_.erase(seen);
}

std::string_view RecentOrders::find_like(std::uint64_t fingerprint, TimestampUs at,
                                         std::int64_t window, std::string_view order_id) const {
  if (!like_.contains(fingerprint)) return {};
  const auto found = std::find_if(by_age_.rbegin(), by_age_.rend(), [&](const Aged& one) {
    return one.fingerprint == fingerprint && one.order_id != order_id && one.at <= at + window &&
           one.at >= at - window;
  });
  return found == by_age_.rend() ? std::string_view() : std::string_view(found->order_id);
}

}  // namespace orderlog::engine
