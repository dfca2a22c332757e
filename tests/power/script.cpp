#include "tests/power/script.h"

#include <string>
#include <utility>

#include "tests/engine/runtime/engine_fixture.h"

namespace orderlog::power {
namespace {

using runtime::test::Command;

constexpr auto usd = schema::Currency::USD;
constexpr std::int64_t step_us = 1'500'000;  // longer than a snapshot's interval

class Writer {
 public:
  template <class CommandT>
  void give(schema::Role role, CommandT&& command) {
    const std::string key = "power-" + std::to_string(steps_.size());
    Command packed(std::forward<CommandT>(command), key);
    packed.role(role).at(now_);
    add({Step::Kind::Command, now_, packed.bytes(), uuid_of_key("test", key)});
  }
  void flush_state() { add({Step::Kind::FlushState, now_, {}, {}}); }
  void restart() { add({Step::Kind::Restart, now_, {}, {}}); }

  void product(const std::string& id, std::int64_t price_minor, std::int64_t units) {
    schema::DefineProductT define;
    define.product_id = id;
    define.profile = std::make_unique<schema::ProductProfileT>();
    define.profile->name = "Product " + id;
    define.profile->product_class = "goods";
    define.base_price = UnitPrice(price_minor, usd, 2);
    give(schema::Role::Admin, std::move(define));
    receive(id, units);
  }
  void receive(const std::string& product, std::int64_t units) {
    schema::ReceiveStockT command;
    command.stock_item_id = product + "@MAIN";
    command.quantity = Quantity(units * milli_per_unit);
    give(schema::Role::Warehouse, std::move(command));
  }
  void customer(const std::string& id, std::int64_t limit_minor) {
    schema::RegisterCustomerT customer;
    customer.customer_id = id;
    customer.profile = std::make_unique<schema::CustomerProfileT>();
    customer.profile->name = "Customer " + id;
    customer.profile->currency = usd;
    customer.profile->time_zone = "UTC";
    customer.profile->address = std::make_unique<schema::AddressT>();
    customer.profile->address->street = "High Street 1";
    customer.profile->address->city = "Boston";
    customer.profile->address->country = "US";
    give(schema::Role::Admin, std::move(customer));
    schema::GradeCustomerT grade;
    grade.customer_id = id;
    grade.grade = schema::Grade::A;
    give(schema::Role::CreditOfficer, std::move(grade));
    schema::SetCreditLimitT limit;
    limit.customer_id = id;
    limit.limit = Money(limit_minor, usd);
    give(schema::Role::CreditOfficer, std::move(limit));
  }
  void place(const std::string& id, const std::string& customer,
             const std::vector<std::pair<std::string, std::int64_t>>& lines) {
    schema::PlaceOrderT place;
    place.order_id = id;
    place.header = std::make_unique<schema::OrderHeaderT>();
    place.header->customer_id = customer;
    place.header->channel = "web";
    for (const auto& [product, units] : lines) {
      auto line = std::make_unique<schema::OrderLineRequestT>();
      line->product_id = product;
      line->quantity = Quantity(units * milli_per_unit);
      place.lines.push_back(std::move(line));
    }
    give(schema::Role::Sales, std::move(place));
  }
  template <class CommandT>
  void shipment(const std::string& id) {
    CommandT command;
    command.shipment_id = id;
    give(schema::Role::Warehouse, std::move(command));
  }
  void dispatch(const std::string& id) {
    shipment<schema::ReleaseShipmentT>(id);
    shipment<schema::StartPickingT>(id);
    shipment<schema::PackShipmentT>(id);
    shipment<schema::DispatchShipmentT>(id);
  }
  void pay(const std::string& payment, const std::string& customer, const std::string& invoice,
           std::int64_t minor) {
    schema::CapturePaymentT command;
    command.payment_id = payment;
    command.customer_id = customer;
    command.invoice_id = invoice;
    command.amount = Money(minor, usd);
    give(schema::Role::Finance, std::move(command));
  }
  void cancel(const std::string& order) {
    schema::CancelOrderT command;
    command.order_id = order;
    command.reason = "changed her mind";
    give(schema::Role::Sales, std::move(command));
  }
  void amend(const std::string& order, std::uint32_t number, const std::string& product,
             std::int64_t units) {
    schema::AmendOrderT command;
    command.order_id = order;
    auto line = std::make_unique<schema::OrderLineRequestT>();
    line->line = number;
    line->product_id = product;
    line->quantity = Quantity(units * milli_per_unit);
    command.set.push_back(std::move(line));
    give(schema::Role::Director, std::move(command));
  }
  void hold(const std::string& order) {
    schema::PlaceHoldT command;
    command.order_id = order;
    command.reason = schema::HoldReason::Manual;
    give(schema::Role::Director, std::move(command));
  }
  void release(const std::string& order) {
    schema::ReleaseHoldT command;
    command.order_id = order;
    command.reason = schema::HoldReason::Manual;
    give(schema::Role::Director, std::move(command));
  }

  std::vector<Step> take() { return std::move(steps_); }

 private:
  void add(Step step) {
    steps_.push_back(std::move(step));
    now_ += step_us;
  }

  TimestampUs now_ = runtime::test::test_start_us;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> make_script() {
  Writer script;
  script.product("P-1", 1'000, 40);
  script.product("P-2", 250, 5);
  script.product("P-3", 4'000, 1);
  script.customer("C-1", 10'000'000);
  script.customer("C-2", 60'000);
  script.place("O-1", "C-1", {{"P-1", 10}, {"P-2", 4}});
  script.place("O-2", "C-2", {{"P-1", 3}});
  script.flush_state();
  script.place("O-3", "C-2", {{"P-3", 20}});  // above the limit
  script.place("O-4", "C-1", {{"P-2", 6}});   // not all in stock
  script.dispatch("O-1-S1");
  script.shipment<schema::PackShipmentT>("O-1-S1");  // refused
  script.receive("P-2", 10);
  script.flush_state();
  script.hold("O-2");
  script.amend("O-2", 1, "P-1", 5);
  script.release("O-2");
  script.shipment<schema::ConfirmDeliveryT>("O-1-S1");
  script.pay("PAY-1", "C-1", "O-1-I1", 11'000);
  script.restart();
  script.place("O-5", "C-2", {{"P-1", 2}, {"P-2", 1}, {"P-3", 1}});
  script.cancel("O-3");
  script.dispatch("O-2-S1");
  script.flush_state();
  script.place("O-6", "C-1", {{"P-1", 6}});
  script.cancel("O-6");
  script.place("O-7", "C-1", {{"P-2", 40}});
  script.amend("O-7", 1, "P-2", 2);
  script.pay("PAY-2", "C-2", "O-2-I1", 2'000);
  script.flush_state();
  script.dispatch("O-5-S1");
  script.shipment<schema::ConfirmDeliveryT>("O-2-S1");
  script.cancel("O-1");  // refused
  script.pay("PAY-3", "C-1", "O-9-I1", 100);
  script.place("O-8", "C-1", {{"P-1", 9}});
  script.restart();
  return script.take();
}

}  // namespace orderlog::power
