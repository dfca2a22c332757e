// An order under test with the master data and events that most tests start from.
#pragma once

#include "engine/order/status.h"
#include "tests/engine/scenario.h"

namespace orderlog::engine::test {

inline constexpr auto usd = schema::Currency::USD;

inline void add_product(TestReference& reference, const std::string& id, std::int64_t price_minor) {
  auto& product = reference.products[id];
  product.status = schema::ProductStatus::Active;
  product.profile = std::make_unique<schema::ProductProfileT>();
  product.profile->unit_cost = UnitPrice(price_minor / 2, usd, 2);
  auto rule = std::make_unique<schema::PriceRuleT>();
  rule->rule_id = "base";
  rule->level = schema::PriceLevel::Base;
  rule->unit_price = UnitPrice(price_minor, usd, 2);
  product.prices.push_back(std::move(rule));
}

inline void add_customer(TestReference& reference, const std::string& id) {
  auto& customer = reference.customers[id];
  customer.status = schema::CustomerStatus::Active;
  customer.grade = schema::Grade::A;
  customer.profile = std::make_unique<schema::CustomerProfileT>();
  customer.profile->currency = usd;
  customer.profile->time_zone = "Europe/Berlin";
  customer.profile->salesperson = "sam";
  customer.profile->address = std::make_unique<schema::AddressT>();
  customer.profile->address->city = "Bonn";
  customer.profile->address->country = "DE";
}

class OrderScenario : public Scenario<OrderAggregate> {
 public:
  OrderScenario() : Scenario("O-1") {
    add_product(reference, "P-1", 1'000);
    add_product(reference, "P-2", 250);
    add_customer(reference, "C-1");
    as("sam", schema::Role::Sales);
  }

  static std::unique_ptr<schema::OrderLineRequestT> request(std::uint32_t line, std::string product,
                                                            std::int64_t units) {
    auto wanted = std::make_unique<schema::OrderLineRequestT>();
    wanted->line = line;
    wanted->product_id = std::move(product);
    wanted->quantity = Quantity(units * milli_per_unit);
    return wanted;
  }
  static std::unique_ptr<schema::OrderHeaderT> header() {
    auto made = std::make_unique<schema::OrderHeaderT>();
    made->customer_id = "C-1";
    return made;
  }
  // One line of ten P-1.
  static schema::PlaceOrderT place_command() {
    schema::PlaceOrderT command;
    command.order_id = "O-1";
    command.header = header();
    command.lines.push_back(request(1, "P-1", 10));
    return command;
  }

  OrderScenario& engine_says() {
    as_system();
    return *this;
  }
  OrderScenario& submitted() {
    when(place_command());
    then_ignore();
    return *this;
  }
  OrderScenario& credit_granted() {
    engine_says();
    schema::RecordCreditOutcomeT credit;
    credit.order_id = "O-1";
    credit.granted = true;
    credit.grade = schema::Grade::A;
    when(credit);
    then_ignore();
    return *this;
  }
  OrderScenario& stock_available() {
    engine_says();
    schema::RecordAvailabilityT stock;
    stock.order_id = "O-1";
    stock.line = 1;
    stock.available = Quantity(1'000'000);
    when(stock);
    then_ignore();
    return *this;
  }
  OrderScenario& released() { return submitted().credit_granted().stock_available(); }
  OrderScenario& reserved(std::int64_t milli, std::int64_t backordered = 0) {
    engine_says();
    schema::RecordReservationT told;
    told.order_id = "O-1";
    told.line = 1;
    told.reserved_delta = milli;
    when(told);
    then_ignore();
    if (backordered == 0) return *this;
    told.reserved_delta = 0;
    told.backordered_delta = backordered;
    when(told);
    then_ignore();
    return *this;
  }
  OrderScenario& dispatched(const std::string& shipment, std::int64_t milli) {
    engine_says();
    schema::RecordShippedT shipped;
    shipped.order_id = "O-1";
    shipped.shipment_id = shipment;
    shipped.lines.push_back(quantity(1, milli));
    shipped.shipped_on = utc_day(now());
    when(std::move(shipped));
    then_ignore();
    return *this;
  }
  OrderScenario& delivered(const std::string& shipment, std::int64_t milli) {
    engine_says();
    schema::RecordDeliveredT told;
    told.order_id = "O-1";
    told.shipment_id = shipment;
    told.lines.push_back(quantity(1, milli));
    told.delivered_on = utc_day(now());
    when(std::move(told));
    then_ignore();
    return *this;
  }
  static std::unique_ptr<schema::ShippedQuantityT> quantity(std::uint32_t line,
                                                            std::int64_t milli) {
    auto part = std::make_unique<schema::ShippedQuantityT>();
    part->line = line;
    part->quantity = Quantity(milli);
    return part;
  }
  OrderScenario& person(schema::Role role = schema::Role::Sales) {
    as("sam", role);
    return *this;
  }

  ~OrderScenario() { EXPECT_EQ(order::check_invariants(state()), ""); }
};

inline schema::AmendOrderT amend_command(std::int64_t units) {
  schema::AmendOrderT command;
  command.order_id = "O-1";
  command.set.push_back(OrderScenario::request(1, "P-1", units));
  return command;
}

}  // namespace orderlog::engine::test
