// Which shipments to ask for (domain.md 4.14). One shipment leaves one location. Must hold: 1.
// nothing is planned under a hold, before stock has answered for every line, or twice; 2. all at
// once means every line in full; 3. as available sends at most parcels_max parcels a location, the
// last of which waits for the rest, and none but the last for less than its minimum value.
#include <algorithm>

#include "engine/order/progress.h"

namespace orderlog::engine::order {

namespace {

using schema::PartialDelivery;

bool everything_answered(const Working& working) {
  for (const LineLook& line : working.lines) {
    if (unanswered_of(line) > 0) return false;
  }
  return true;
}

// Shipments that were asked to let go have not all answered.
bool is_cancelling(const Working& working) {
  return std::any_of(working.lines.begin(), working.lines.end(),
                     [](const LineLook& line) { return line.cancel_pending > 0; });
}

bool fully_held(const LineLook& line) { return line.reserved + line.picked == open_of(line); }

bool location_complete(const Working& working, std::string_view location) {
  for (const LineLook& line : working.lines) {
    if (line.state->terms->location == location && !fully_held(line)) return false;
  }
  return true;
}

bool order_complete(const Working& working) {
  return std::all_of(working.lines.begin(), working.lines.end(), fully_held);
}

// What a shipment from there would be worth now, in minor units of the base currency.
std::int64_t parcel_value(const Working& working, std::string_view location) {
  const auto& totals = *working.order.totals;
  if (totals.total.minor() == 0) return 0;
  __int128 value = 0;
  for (const LineLook& line : working.lines) {
    const schema::OrderLineT& terms = *line.state->terms;
    if (terms.location != location) continue;
    value += static_cast<__int128>(terms.net.minor()) * plannable_of(line) /
             std::max<std::int64_t>(1, terms.quantity.milli());
  }
  return static_cast<std::int64_t>(value * totals.base_total.minor() / totals.total.minor());
}

bool may_send(const Working& working, std::string_view location) {
  if (working.header().partial_delivery == PartialDelivery::AllAtOnce) {
    return order_complete(working);
  }
  if (location_complete(working, location)) return true;
  std::int32_t parcels = 0;
  for (const ShipmentLook& shipment : working.shipments) {
    if (shipment.state->location == location) ++parcels;
  }
  const OrderPolicy& policy = working.context.policy.order;
  return parcels + 1 < policy.parcels_max &&
         parcel_value(working, location) >= policy.parcel_value_min_minor;
}

std::vector<std::string_view> locations_with_stock(const Working& working) {
  std::vector<std::string_view> locations;
  for (const LineLook& line : working.lines) {
    if (plannable_of(line) == 0) continue;
    const std::string_view location = line.state->terms->location;
    if (std::find(locations.begin(), locations.end(), location) == locations.end()) {
      locations.push_back(location);
    }
  }
  return locations;
}

void earliest(flatbuffers::Optional<std::int32_t>& date,
              const flatbuffers::Optional<std::int32_t>& other) {
  if (other.has_value()) date = std::min(date.value_or(day_max), other.value());
}

void request_shipment(Working& working, std::string_view location, std::uint32_t number) {
  const auto& header = working.header();
  schema::OrderShipmentRequestedT event;
  event.shipment_id = std::string(working.context.aggregate_id) + "-S" + std::to_string(number);
  event.customer_id = header.customer_id;
  event.carrier = header.carrier;
  event.time_zone = header.time_zone;
  event.location = location;
  if (header.ship_to) event.ship_to = std::make_unique<schema::AddressT>(*header.ship_to);
  for (LineLook& look : working.lines) {
    const schema::OrderLineT& terms = *look.state->terms;
    const std::int64_t quantity = terms.location == location ? plannable_of(look) : 0;
    if (quantity == 0) continue;
    auto line = std::make_unique<schema::PlannedLineT>();
    line->line = look.line;
    line->product_id = terms.product_id;
    line->stock_item_id = stock_item_id(terms);
    line->reservation_id = reservation_id(working.context.aggregate_id, look.line);
    line->quantity = Quantity(quantity);
    event.lines.push_back(std::move(line));
    earliest(event.ship_by, terms.ship_by);
    earliest(event.promised_date, terms.promised_date);
    plan(look, quantity);
  }
  working.add(std::move(event));
}

}  // namespace

void plan_shipments(Working& working) {
  const OrderPolicy& policy = working.context.policy.order;
  const bool free = policy.plan_shipments_automatically && !working.imported() &&
                    working.holds == 0 && !working.approval_pending && !is_cancelling(working);
  if (!free || !everything_answered(working)) return;
  std::uint32_t number = working.order.next_shipment;
  for (const std::string_view location : locations_with_stock(working)) {
    if (may_send(working, location)) request_shipment(working, location, ++number);
  }
}

}  // namespace orderlog::engine::order
