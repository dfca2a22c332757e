// The orders of the benchmarks: no two orders of a customer are alike, or the duplicate check would
// hold the second (domain.md 4.17), and each is too small to need an approval (4.8): every one is
// placed and reserved.
#pragma once

#include <cstdint>
#include <string>

namespace orderlog::bench {

inline constexpr int customers = 1'000;
inline constexpr std::int64_t base_price_mantissa = 100;  // 1.00
inline constexpr std::int64_t stock_milli = 1'000'000'000'000;

struct MixedOrder {
  std::string id;
  int sku = 0;
  int customer = 0;
  std::int64_t units = 0;
};

// The order with that number, over `skus` SKUs. A customer's orders are alike again after units_max
// rounds, more than are remembered (engine/credit/recent_orders.h).
inline MixedOrder mixed_order(std::int64_t number, int skus) {
  constexpr std::int64_t stride = 7'919;  // a prime: neighbours share neither sku nor customer
  constexpr std::int64_t units_max = 1'100;
  const std::int64_t round = number / customers;
  return {"B-" + std::to_string(number), static_cast<int>((number * stride + round) % skus),
          static_cast<int>(number % customers), 1 + round % units_max};
}

// The body of its PlaceOrder, as JSON.
inline std::string order_body(const MixedOrder& order) {
  return R"({"order_id":")" + order.id + R"(","header":{"customer_id":"CUST-)" +
         std::to_string(order.customer) +
         R"(","currency":"USD","ship_to":{"street":"Main Street 1","city":"Town","country":"DE"}},"lines":[{"line":1,"product_id":"SKU-)" +
         std::to_string(order.sku) + R"(","quantity":{"milli":)" +
         std::to_string(order.units * 1'000) + "}}]}";
}

}  // namespace orderlog::bench
