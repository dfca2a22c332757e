// A hot sku and a big customer: a command must not cost more because a hundred thousand others came
// before it. Compares the median cost of a command early and late in the same run, which a linear
// cost would drive apart by a factor of a hundred; the bar is far above noise.
#include <algorithm>
#include <chrono>

#include "tests/engine/stock/commands.h"

namespace orderlog::engine::test {
namespace {

constexpr int few = 1'000;
constexpr int many = 100'000;
constexpr int sample = 501;
constexpr double growth_max = 15;

template <class Command>
double median_cost(Command command) {
  std::vector<double> costs;
  for (int i = 0; i < sample; ++i) {
    const auto before = std::chrono::steady_clock::now();
    command(i);
    costs.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }
  std::nth_element(costs.begin(), costs.begin() + sample / 2, costs.end());
  return costs[sample / 2];
}

TEST(Growth, OpenReservationsOfOneSku) {
  Runner<StockAggregate> item("widget@MAIN");
  item.run(receive(10 * many));
  int next = 0;
  const auto cycle = [&](int) {
    const std::string id = "r" + std::to_string(next++);
    item.run(reserve(id, 2));
    item.run(release(id, 1));
    item.run(pick(id, 1));
  };
  while (next < few) cycle(0);
  const double early = median_cost(cycle);
  while (next < many) cycle(0);
  EXPECT_EQ(item.state.ledger.size(), static_cast<std::size_t>(many));
  const double late = median_cost(cycle);
  EXPECT_LT(late, early * growth_max);
  EXPECT_EQ(find_discrepancy(item.state), std::nullopt);
}

TEST(Growth, OpenBackordersOfOneSku) {
  Runner<StockAggregate> item("widget@MAIN");
  item.authority = schema::Authority::System;
  int next = 0;
  const auto cycle = [&](int) {
    const int n = next++;
    item.run(backorder("b" + std::to_string(n), 2, n % 3, start_day + n % 50));
    item.run(receive(1));
    auto ask = for_item(schema::CheckAvailabilityT{});
    ask.order_id = "O-1";
    ask.quantity = Quantity(unit);
    item.run(ask);
  };
  while (next < few) cycle(0);
  const double early = median_cost(cycle);
  while (next < many) cycle(0);
  EXPECT_GT(item.state.ledger.queue().size(), static_cast<std::size_t>(many / 3));
  const double late = median_cost(cycle);
  EXPECT_LT(late, early * growth_max);
  EXPECT_EQ(find_discrepancy(item.state), std::nullopt);
}

TEST(Growth, OpenOrdersOfOneCustomer) {
  Runner<CreditAggregate> account("C-1");
  account.authority = schema::Authority::System;
  int next = 0;
  const auto cycle = [&](int) {
    const int n = next++;
    const std::string id = "O-" + std::to_string(n);
    schema::ReserveCreditT request;
    request.customer_id = "C-1";
    request.order_id = id;
    request.amount = schema::Money(100, schema::Currency::USD);
    request.line_fingerprint = static_cast<std::uint64_t>(n) + 1;
    request.ship_date = start_day + n % 90;
    request.prepaid = true;
    account.run(request);
    schema::ShiftExposureT shift;
    shift.customer_id = "C-1";
    shift.order_id = id;
    shift.from = schema::ExposureBucket::OpenOrder;
    shift.to = schema::ExposureBucket::OpenInvoice;
    shift.amount = schema::Money(40, schema::Currency::USD);
    shift.invoice_id = "I-" + std::to_string(n);
    shift.due_date = start_day + n % 60;
    account.run(shift);
  };
  while (next < few) cycle(0);
  const double early = median_cost(cycle);
  while (next < many) cycle(0);
  EXPECT_EQ(account.state.exposures.entries().size(), static_cast<std::size_t>(many));
  const double late = median_cost(cycle);
  EXPECT_LT(late, early * growth_max);
  EXPECT_EQ(find_discrepancy(account.state), std::nullopt);
}

}  // namespace
}  // namespace orderlog::engine::test
