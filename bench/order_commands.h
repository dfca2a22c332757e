// Commands of the benchmarks, as an edge would build them.
#pragma once

#include <string>
#include <vector>

#include "bench/order_mix.h"
#include "engine/outgoing.h"
#include "events/base/quantity.h"
#include "events/base/uuid.h"

namespace orderlog::bench {

using Bytes = std::vector<std::uint8_t>;

template <class CommandT>
Bytes command(CommandT&& native, const std::string& key, TimestampUs at) {
  schema::CommandEnvelopeT envelope;
  engine::Outgoing out;
  out.send(std::forward<CommandT>(native));
  envelope.payload = std::move(out.commands().front());
  envelope.command_id = uuid_of_key("bench", key);
  envelope.correlation_id = envelope.command_id;
  envelope.causation_id = envelope.command_id;
  envelope.actor = "bench";
  envelope.fingerprint = 1;
  envelope.occurred_at = at;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CommandEnvelope::Pack(builder, &envelope));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

inline std::string sku(int i) { return "SKU-" + std::to_string(i); }
inline std::string customer(int i) { return "CUST-" + std::to_string(i); }

// Products, stock and customers with credit enough for any run.
inline std::vector<Bytes> master_data(int skus, TimestampUs at) {
  std::vector<Bytes> commands;
  for (int i = 0; i < skus; ++i) {
    schema::DefineProductT define;
    define.product_id = sku(i);
    define.profile = std::make_unique<schema::ProductProfileT>();
    define.profile->name = "Product";
    define.profile->product_class = "Bench";
    define.base_price = schema::UnitPrice(base_price_mantissa, schema::Currency::USD, 2);
    commands.push_back(command(std::move(define), "define-" + std::to_string(i), at));
    schema::ReceiveStockT receive;
    receive.stock_item_id = sku(i) + "@MAIN";
    receive.quantity = schema::Quantity(stock_milli);
    commands.push_back(command(std::move(receive), "receive-" + std::to_string(i), at));
  }
  for (int i = 0; i < customers; ++i) {
    schema::RegisterCustomerT registration;
    registration.customer_id = customer(i);
    registration.profile = std::make_unique<schema::CustomerProfileT>();
    registration.profile->name = "Customer";
    registration.profile->currency = schema::Currency::USD;
    registration.profile->time_zone = "UTC";
    commands.push_back(command(std::move(registration), "register-" + std::to_string(i), at));
    schema::GradeCustomerT grade;
    grade.customer_id = customer(i);
    grade.grade = schema::Grade::A;
    commands.push_back(command(std::move(grade), "grade-" + std::to_string(i), at));
    schema::SetCreditLimitT limit;
    limit.customer_id = customer(i);
    limit.limit = schema::Money(1'000'000'000'000'000, schema::Currency::USD);
    commands.push_back(command(std::move(limit), "limit-" + std::to_string(i), at));
  }
  return commands;
}

inline Bytes place_order(const MixedOrder& order, TimestampUs at) {
  schema::PlaceOrderT place;
  place.order_id = order.id;
  place.header = std::make_unique<schema::OrderHeaderT>();
  place.header->customer_id = customer(order.customer);
  place.header->currency = schema::Currency::USD;
  place.header->ship_to = std::make_unique<schema::AddressT>();
  place.header->ship_to->street = "Main Street 1";
  place.header->ship_to->city = "Town";
  place.header->ship_to->country = "DE";
  auto line = std::make_unique<schema::OrderLineRequestT>();
  line->line = 1;
  line->product_id = sku(order.sku);
  line->quantity = schema::Quantity(order.units * milli_per_unit);
  place.lines.push_back(std::move(line));
  return command(std::move(place), order.id, at);
}

}  // namespace orderlog::bench
