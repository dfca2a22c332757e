#include "engine/credit/recent_orders.h"

#include <algorithm>

namespace orderlog::engine {

namespace {

void take_one(boost::unordered_flat_map<std::uint64_t, std::uint32_t>& counts, std::uint64_t key) {
  const auto found = counts.find(key);
  if (--found->second == 0) counts.erase(found);
}

}  // namespace

void RecentOrders::remember(std::string_view order_id, std::uint64_t fingerprint, TimestampUs at) {
  if (fingerprint == 0) return;
  const auto is_it = [&](const Aged& one) {
    return one.fingerprint == fingerprint && one.order_id == order_id;
  };
  if (like_.contains(fingerprint) && of_order_.contains(hash_of(order_id)) &&
      std::any_of(by_age_.begin(), by_age_.end(), is_it)) {
    return;
  }
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
  if (!of_order_.contains(hash_of(order_id))) return;
  const auto forgotten = std::erase_if(by_age_, [&](const Aged& one) {
    if (one.order_id != order_id) return false;
    uncount(one);
    return true;
  });
  if (forgotten > 0) changed_.emplace_back(order_id);
}

void RecentOrders::drop_oldest() {
  auto oldest = by_age_.extract(by_age_.begin());
  uncount(oldest.value());
  changed_.push_back(std::move(oldest.value().order_id));
}

void RecentOrders::count(const Aged& one) {
  ++like_[one.fingerprint];
  ++of_order_[hash_of(one.order_id)];
}

void RecentOrders::uncount(const Aged& one) {
  take_one(like_, one.fingerprint);
  take_one(of_order_, hash_of(one.order_id));
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
