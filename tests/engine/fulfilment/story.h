// A small trading company to tell stories about: two products, a good customer, and short ways to
// say what happens.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/fulfilment/company.h"

namespace orderlog::engine::test {

inline schema::ShippedQuantityT part(std::uint32_t line, std::int64_t units) {
  schema::ShippedQuantityT quantity;
  quantity.line = line;
  quantity.quantity = Quantity(units * milli_per_unit);
  return quantity;
}

struct WantedLine {
  std::string product{};
  std::int64_t units = 1;
};

// An order to be placed; the fields a story does not care about have sensible values.
struct Wanted {
  std::string order_id = "O-1";
  std::string customer_id = "C-1";
  std::vector<WantedLine> lines{{"P-1", 10}};
  schema::BackorderWish backorder = schema::BackorderWish::Ask;
  schema::PartialDelivery partial = schema::PartialDelivery::AsAvailable;
  std::string external_reference{};
  std::optional<Day> requested{};
  std::int32_t prepayment_ppm = 0;
  std::int64_t freight_minor = 0;
  std::int32_t discount_ppm = 0;
};

class Story : public Company {
 public:
  // P-1 costs 10.00 and P-2 2.50 USD; C-1 has a credit limit of 100,000.00 USD and pays net 30.
  Story();

  void add_customer(const std::string& id, std::int64_t limit_minor);
  void receive(const std::string& product, std::int64_t units,
               const std::string& location = "MAIN");
  schema::PlaceOrderT order_command(const Wanted& wanted) const;
  // As a salesperson.
  void place(const Wanted& wanted);
  // As the warehouse, up to and including the step.
  void pick(const std::string& shipment);
  void pack(const std::string& shipment);
  void dispatch(const std::string& shipment, std::optional<Day> eta = std::nullopt);
  void deliver(const std::string& shipment);
  void cancel(const std::string& order_id, const std::string& reason = "changed his mind");
  void cancel_quantity(const std::string& order_id, std::uint32_t line, std::int64_t units);
  void pay(const std::string& payment, const std::string& invoice, std::int64_t minor);
  void pay_in_advance(const std::string& payment, const std::string& order_id, std::int64_t minor);

  Day today() const { return utc_day(now()); }
  schema::OrderLifecycle lifecycle(const std::string& id) const { return order(id).lifecycle; }
  const schema::OrderLineStateT& line(const std::string& id, std::uint32_t number) const;
  bool held(const std::string& id, schema::HoldReason reason) const;
  std::int64_t units_of(std::int64_t milli) const { return milli / milli_per_unit; }
  // Nothing refused inside, books agree, replay gives the same.
  void expect_sound() const;
};

}  // namespace orderlog::engine::test
