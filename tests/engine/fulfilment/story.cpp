#include "tests/engine/fulfilment/story.h"

#include <algorithm>

namespace orderlog::engine::test {

namespace {

constexpr auto usd = schema::Currency::USD;

schema::DefineProductT product_command(const std::string& id, std::int64_t price_minor) {
  schema::DefineProductT command;
  command.product_id = id;
  command.profile = std::make_unique<schema::ProductProfileT>();
  command.profile->name = "Product " + id;
  command.profile->product_class = "goods";
  command.profile->unit_cost = UnitPrice(price_minor / 2, usd, 2);
  command.base_price = UnitPrice(price_minor, usd, 2);
  return command;
}

}  // namespace

Story::Story() {
  as("ada", schema::Role::Admin);
  give(product_command("P-1", 1'000)).expect_accepted();
  give(product_command("P-2", 250)).expect_accepted();
  add_customer("C-1", 10'000'000);
}

void Story::add_customer(const std::string& id, std::int64_t limit_minor) {
  as("ada", schema::Role::Admin);
  schema::RegisterCustomerT customer;
  customer.customer_id = id;
  customer.profile = std::make_unique<schema::CustomerProfileT>();
  customer.profile->name = "Customer " + id;
  customer.profile->currency = usd;
  customer.profile->region = "north";
  customer.profile->salesperson = "sam";
  customer.profile->time_zone = "America/New_York";
  customer.profile->address = std::make_unique<schema::AddressT>();
  customer.profile->address->street = "1 High Street";
  customer.profile->address->city = "Boston";
  customer.profile->address->country = "US";
  customer.profile->contact = std::make_unique<schema::ContactT>();
  customer.profile->contact->mail = "c@example.com";
  give(std::move(customer)).expect_accepted();
  schema::GradeCustomerT grade;
  grade.customer_id = id;
  grade.grade = schema::Grade::A;
  grade.reason = "known for long";
  as("cleo", schema::Role::CreditOfficer).give(std::move(grade)).expect_accepted();
  if (limit_minor == 0) return;
  schema::SetCreditLimitT limit;
  limit.customer_id = id;
  limit.limit = Money(limit_minor, usd);
  give(std::move(limit)).expect_accepted();
}

void Story::receive(const std::string& product, std::int64_t units, const std::string& location) {
  schema::ReceiveStockT command;
  command.stock_item_id = product + "@" + location;
  command.quantity = Quantity(units * milli_per_unit);
  command.document = "GR";
  as("will", schema::Role::Warehouse).give(std::move(command)).expect_accepted();
}

schema::PlaceOrderT Story::order_command(const Wanted& wanted) const {
  schema::PlaceOrderT command;
  command.order_id = wanted.order_id;
  command.header = std::make_unique<schema::OrderHeaderT>();
  auto& header = *command.header;
  header.customer_id = wanted.customer_id;
  header.channel = "web";
  header.backorder = wanted.backorder;
  header.partial_delivery = wanted.partial;
  header.external_reference = wanted.external_reference;
  if (wanted.requested) header.requested_date = *wanted.requested;
  if (wanted.prepayment_ppm > 0) {
    header.payment_terms = std::make_unique<schema::PaymentTermsT>();
    header.payment_terms->prepayment_ppm = wanted.prepayment_ppm;
  }
  if (wanted.freight_minor > 0) header.freight = Money(wanted.freight_minor, usd);
  for (const auto& line : wanted.lines) {
    auto request = std::make_unique<schema::OrderLineRequestT>();
    request->product_id = line.product;
    request->quantity = Quantity(line.units * milli_per_unit);
    request->discount_ppm = wanted.discount_ppm;
    command.lines.push_back(std::move(request));
  }
  return command;
}

void Story::place(const Wanted& wanted) {
  as("sam", schema::Role::Sales).give(order_command(wanted));
}

void Story::pick(const std::string& shipment) {
  as("will", schema::Role::Warehouse);
  schema::ReleaseShipmentT release;
  release.shipment_id = shipment;
  give(std::move(release)).expect_accepted();
  schema::StartPickingT start;
  start.shipment_id = shipment;
  give(std::move(start)).expect_accepted();
}

void Story::pack(const std::string& shipment) {
  pick(shipment);
  schema::PackShipmentT command;
  command.shipment_id = shipment;
  give(std::move(command)).expect_accepted();
}

void Story::dispatch(const std::string& shipment, std::optional<Day> eta) {
  pack(shipment);
  schema::DispatchShipmentT command;
  command.shipment_id = shipment;
  command.carrier = "swift";
  if (eta) command.eta = *eta;
  give(std::move(command)).expect_accepted();
}

void Story::deliver(const std::string& shipment) {
  schema::ConfirmDeliveryT command;
  command.shipment_id = shipment;
  as("will", schema::Role::Warehouse).give(std::move(command)).expect_accepted();
}

void Story::cancel(const std::string& order_id, const std::string& reason) {
  schema::CancelOrderT command;
  command.order_id = order_id;
  command.reason = reason;
  as("sam", schema::Role::Sales).give(std::move(command));
}

void Story::cancel_quantity(const std::string& order_id, std::uint32_t number, std::int64_t units) {
  schema::CancelLineQuantityT command;
  command.order_id = order_id;
  command.line = number;
  command.quantity = Quantity(units * milli_per_unit);
  command.reason = "fewer";
  as("sam", schema::Role::Sales).give(std::move(command));
}

void Story::pay(const std::string& payment, const std::string& invoice, std::int64_t minor) {
  schema::CapturePaymentT command;
  command.payment_id = payment;
  command.customer_id = "C-1";
  command.amount = Money(minor, usd);
  command.invoice_id = invoice;
  as("fay", schema::Role::Finance).give(std::move(command));
}

void Story::pay_in_advance(const std::string& payment, const std::string& order_id,
                           std::int64_t minor) {
  schema::CapturePaymentT command;
  command.payment_id = payment;
  command.customer_id = order(order_id).header->customer_id;
  command.amount = Money(minor, usd);
  command.order_id = order_id;
  as("fay", schema::Role::Finance).give(std::move(command));
}

const schema::OrderLineStateT& Story::line(const std::string& id, std::uint32_t number) const {
  static const schema::OrderLineStateT none{};
  for (const auto& line : order(id).lines) {
    if (line->terms->line == number) return *line;
  }
  ADD_FAILURE() << "no line " << number;
  return none;
}

bool Story::held(const std::string& id, schema::HoldReason reason) const {
  const auto& holds = order(id).holds;
  return std::find(holds.begin(), holds.end(), reason) != holds.end();
}

void Story::expect_sound() const {
  for (const auto& refused : internal_rejections()) ADD_FAILURE() << refused;
  EXPECT_EQ(discrepancy(), "");
  EXPECT_EQ(replay_difference(), "");
}

}  // namespace orderlog::engine::test
