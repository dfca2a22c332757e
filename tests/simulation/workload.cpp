#include "tests/simulation/workload.h"

#include "engine/outgoing.h"
#include "events/base/hash.h"

namespace orderlog::sim {
namespace {

constexpr auto usd = schema::Currency::USD;
constexpr std::int64_t history_days = 365;
constexpr const char* history_prefix = "OLD-";

std::vector<std::uint8_t> packed(const schema::CommandEnvelopeT& envelope) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CommandEnvelope::Pack(builder, &envelope));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace

template <class CommandT>
Operation Workload::pack(CommandT command, schema::Role role, TimestampUs at,
                         schema::Authority authority) {
  const std::string key = "operation-" + std::to_string(++made_);
  engine::Outgoing out;
  out.send(std::move(command));
  schema::CommandEnvelopeT envelope;
  envelope.payload = std::move(out.commands().front());
  envelope.command_id = uuid_of_key("simulation", key);
  envelope.correlation_id = envelope.command_id;
  envelope.causation_id = envelope.command_id;
  envelope.actor = "client";
  envelope.role = role;
  envelope.authority = authority;
  envelope.occurred_at = at;
  envelope.fingerprint = 1;
  Operation operation;
  operation.id = envelope.command_id;
  operation.bytes = packed(envelope);
  envelope.fingerprint = 2;
  operation.altered = packed(envelope);
  const auto& read = *flatbuffers::GetRoot<schema::CommandEnvelope>(operation.bytes.data());
  operation.aggregate = std::string(runtime::ops_of(runtime::kind_of(read.payload_type())).name) +
                        " " + std::string(runtime::aggregate_id_of(read));
  return operation;
}

std::vector<Operation> Workload::setup(TimestampUs at) {
  std::vector<Operation> all;
  for (std::uint32_t i = 0; i < profile_.products; ++i) {
    schema::DefineProductT define;
    define.product_id = "P-" + std::to_string(i);
    define.profile = std::make_unique<schema::ProductProfileT>();
    define.profile->name = "Product";
    define.profile->product_class = "goods";
    define.base_price = UnitPrice(1'000 + 250 * i, usd, 2);
    all.push_back(pack(std::move(define), schema::Role::Admin, at));
    schema::ReceiveStockT receive;
    receive.stock_item_id = "P-" + std::to_string(i) + "@MAIN";
    receive.quantity = Quantity(random_.between(0, 30) * milli_per_unit + 1'000);
    all.push_back(pack(std::move(receive), schema::Role::Warehouse, at));
  }
  for (std::uint32_t i = 0; i < profile_.customers; ++i) {
    schema::RegisterCustomerT customer;
    customer.customer_id = "C-" + std::to_string(i);
    customer.profile = std::make_unique<schema::CustomerProfileT>();
    customer.profile->name = "Customer";
    customer.profile->currency = usd;
    customer.profile->time_zone = i % 2 == 0 ? "UTC" : "America/New_York";
    customer.profile->address = std::make_unique<schema::AddressT>();
    customer.profile->address->street = "High Street 1";
    customer.profile->address->city = "Boston";
    customer.profile->address->country = "US";
    all.push_back(pack(std::move(customer), schema::Role::Admin, at));
    schema::GradeCustomerT grade;
    grade.customer_id = "C-" + std::to_string(i);
    grade.grade = schema::Grade::A;
    all.push_back(pack(std::move(grade), schema::Role::CreditOfficer, at));
    schema::SetCreditLimitT limit;
    limit.customer_id = "C-" + std::to_string(i);
    limit.limit = Money(random_.between(50'000, 2'000'000), usd);
    all.push_back(pack(std::move(limit), schema::Role::CreditOfficer, at));
  }
  return all;
}

std::vector<Operation> Workload::history(TimestampUs until) {
  std::vector<Operation> all;
  const auto tell = [&]<class CommandT>(CommandT command, TimestampUs at) {
    all.push_back(pack(std::move(command), schema::Role::None, at, schema::Authority::Import));
  };
  TimestampUs at = until - 2 * history_days * us_per_day;
  schema::DefineProductT define;
  define.product_id = "P-old";
  define.profile = std::make_unique<schema::ProductProfileT>();
  define.profile->name = "Product";
  define.profile->product_class = "goods";
  define.base_price = UnitPrice(900, usd, 2);
  tell(std::move(define), at);
  schema::ReceiveStockT receive;
  receive.stock_item_id = "P-old@MAIN";
  receive.quantity = Quantity(static_cast<std::int64_t>(profile_.history_orders) * milli_per_unit);
  tell(std::move(receive), at);
  for (std::uint32_t i = 0; i < profile_.history_orders; ++i) {
    at += random_.between(0, history_days * us_per_day / profile_.history_orders);
    const std::string order = history_prefix + std::to_string(i);
    const std::string buyer = customer();
    schema::PlaceOrderT place;
    place.order_id = order;
    place.header = std::make_unique<schema::OrderHeaderT>();
    place.header->customer_id = buyer;
    auto line = std::make_unique<schema::OrderLineRequestT>();
    line->line = 1;
    line->product_id = "P-old";
    line->location = "MAIN";
    line->quantity = Quantity(milli_per_unit);
    place.lines.push_back(std::move(line));
    tell(std::move(place), at);
    if (random_.chance(200'000)) continue;
    schema::PlanShipmentT plan;
    plan.shipment_id = order + "-S1";
    plan.order_id = order;
    plan.customer_id = buyer;
    auto goods = std::make_unique<schema::ShipmentLineT>();
    goods->line = 1;
    goods->product_id = "P-old";
    goods->stock_item_id = "P-old@MAIN";
    goods->reservation_id = order + "/1";
    goods->quantity = Quantity(milli_per_unit);
    plan.lines.push_back(std::move(goods));
    tell(std::move(plan), at);
    schema::DispatchShipmentT dispatch;
    dispatch.shipment_id = order + "-S1";
    tell(std::move(dispatch), at);
    schema::ConfirmDeliveryT delivered;
    delivered.shipment_id = order + "-S1";
    tell(std::move(delivered), at);
  }
  return all;
}

Operation Workload::next(TimestampUs at) {
  switch (random_.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return place_order(at);
    case 4:
    case 5:
      return receive(at);
    case 6:
      return cancel(at);
    case 7:
      return amend(at);
    case 8:
      return hold(at);
    case 9:
    case 10:
      return pay(at);
    default:
      return warehouse(at);
  }
}

std::string Workload::known(schema::AnyEvent kind, const char* otherwise) {
  const auto& ids = books_.ids(kind);
  if (ids.empty()) return otherwise;
  const std::size_t newest = std::min<std::size_t>(ids.size(), 8);
  const std::size_t among = random_.chance(750'000) ? newest : ids.size();
  const std::string& id = ids[ids.size() - 1 - random_.below(among)];
  // The import tells of those.
  return id.starts_with(history_prefix) ? otherwise : id;
}

Operation Workload::place_order(TimestampUs at) {
  schema::PlaceOrderT place;
  place.order_id = "O-" + std::to_string(made_);
  place.header = std::make_unique<schema::OrderHeaderT>();
  place.header->customer_id = customer();
  place.header->channel = "web";
  place.header->backorder = static_cast<schema::BackorderWish>(random_.below(3));
  place.header->partial_delivery = static_cast<schema::PartialDelivery>(random_.below(3));
  if (random_.chance(300'000)) place.header->freight = Money(random_.between(1, 999), usd);
  const auto lines = random_.between(1, 3);
  for (std::int64_t i = 0; i < lines; ++i) {
    auto line = std::make_unique<schema::OrderLineRequestT>();
    line->product_id = product();
    line->quantity = Quantity(random_.between(1, 9) * milli_per_unit);
    line->discount_ppm = static_cast<std::int32_t>(random_.between(0, 3)) * 17'000;
    place.lines.push_back(std::move(line));
  }
  return pack(std::move(place), schema::Role::Sales, at);
}

Operation Workload::receive(TimestampUs at) {
  if (random_.chance(200'000)) {
    schema::AdjustStockT adjust;
    adjust.stock_item_id = product() + "@MAIN";
    adjust.delta = Quantity(-random_.between(1, 3) * milli_per_unit);
    adjust.reason = "lost";
    return pack(std::move(adjust), schema::Role::Warehouse, at);
  }
  if (random_.chance(100'000)) {
    schema::HoldStockT hold;
    hold.stock_item_id = product() + "@MAIN";
    hold.hold_id = "H-" + std::to_string(made_);
    hold.quantity = Quantity(milli_per_unit);
    hold.ttl_seconds =
        static_cast<std::int32_t>(random_.between(1, 24) * us_per_hour / us_per_second);
    return pack(std::move(hold), schema::Role::Sales, at);
  }
  schema::ReceiveStockT command;
  command.stock_item_id = product() + "@MAIN";
  command.quantity = Quantity(random_.between(1, 12) * milli_per_unit);
  return pack(std::move(command), schema::Role::Warehouse, at);
}

// The next step of a shipment, or now and then what goes wrong with it.
Operation Workload::warehouse(TimestampUs at) {
  const std::string id = known(schema::AnyEvent::ShipmentEvents, "S-none");
  const auto* shipment = books_.state<engine::ShipmentAggregate>(id);
  const auto step = [&]<class CommandT>(CommandT command) {
    command.shipment_id = id;
    return pack(std::move(command), schema::Role::Warehouse, at);
  };
  if (random_.chance(100'000)) return step(schema::CancelShipmentT{});
  using schema::ShipmentStage;
  switch (shipment == nullptr ? ShipmentStage::None : shipment->stage) {
    case ShipmentStage::Planned:
      return step(schema::ReleaseShipmentT{});
    case ShipmentStage::Released:
      return step(schema::StartPickingT{});
    case ShipmentStage::Picking: {
      if (random_.chance(800'000)) return step(schema::PackShipmentT{});
      schema::ReportShortPickT missing;
      missing.line = 1;
      missing.short_ = Quantity(milli_per_unit);
      return step(std::move(missing));
    }
    case ShipmentStage::Packed:
      return step(schema::DispatchShipmentT{});
    default:
      return step(schema::ConfirmDeliveryT{});
  }
}

Operation Workload::pay(TimestampUs at) {
  const std::string id = known(schema::AnyEvent::InvoiceEvents, "I-none");
  schema::CapturePaymentT command;
  command.payment_id = "PAY-" + std::to_string(made_);
  command.customer_id = customer();
  command.invoice_id = id;
  command.amount = Money(random_.between(1, 20'000), usd);
  return pack(std::move(command), schema::Role::Finance, at);
}

Operation Workload::cancel(TimestampUs at) {
  const std::string id = known(schema::AnyEvent::OrderEvents, "O-none");
  if (random_.chance(500'000)) {
    schema::CancelOrderT command;
    command.order_id = id;
    command.reason = "changed his mind";
    return pack(std::move(command), schema::Role::Sales, at);
  }
  schema::CancelLineQuantityT command;
  command.order_id = id;
  command.line = 1;
  command.quantity = Quantity(random_.between(1, 4) * milli_per_unit);
  command.reason = "fewer";
  return pack(std::move(command), schema::Role::Sales, at);
}

Operation Workload::amend(TimestampUs at) {
  schema::AmendOrderT command;
  command.order_id = known(schema::AnyEvent::OrderEvents, "O-none");
  if (random_.chance(200'000)) {
    command.remove.push_back(1);
  } else {
    auto line = std::make_unique<schema::OrderLineRequestT>();
    line->line = static_cast<std::uint32_t>(random_.below(3));
    line->product_id = product();
    line->quantity = Quantity(random_.between(1, 8) * milli_per_unit);
    command.set.push_back(std::move(line));
  }
  return pack(std::move(command), schema::Role::Director, at);
}

Operation Workload::hold(TimestampUs at) {
  const std::string id = known(schema::AnyEvent::OrderEvents, "O-none");
  const auto* order = books_.state<engine::OrderAggregate>(id);
  if (order == nullptr || order->holds.empty()) {
    schema::PlaceHoldT command;
    command.order_id = id;
    command.reason = schema::HoldReason::Manual;
    return pack(std::move(command), schema::Role::Director, at);
  }
  schema::ReleaseHoldT command;
  command.order_id = id;
  command.reason = order->holds.front();
  return pack(std::move(command), schema::Role::Director, at);
}

}  // namespace orderlog::sim
