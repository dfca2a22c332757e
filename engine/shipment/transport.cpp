// A shipment on the road (domain.md 3.11, 4.10). Days are the customer's.
#include <algorithm>

#include "engine/shipment/decide.h"
#include "engine/shipment/stages.h"
#include "events/base/calendar.h"

namespace orderlog::engine::shipment {

namespace {

using schema::Authority;
using schema::ShipmentStage;
using schema::TrackingCode;

Day local_today(const State& shipment, const Context& context) {
  return local_day(context.occurred_at, shipment.time_zone).value_or(utc_day(context.occurred_at));
}

std::vector<std::unique_ptr<schema::ShipmentLineT>> lines_on_board(const State& shipment) {
  auto lines = copied(shipment.lines);
  std::erase_if(lines, [](const auto& line) { return line->quantity.milli() == 0; });
  return lines;
}

bool is_day(const flatbuffers::Optional<std::int32_t>& day) {
  return !day.has_value() || (day.value() >= day_min && day.value() < day_max);
}

}  // namespace

ShipmentDecision dispatch(const State& shipment, const schema::DispatchShipment& command,
                          const Context& context) {
  const bool import = context.authority == Authority::Import;
  const bool ready = import ? is_in_house(shipment.stage) : shipment.stage == ShipmentStage::Packed;
  if (!ready) return wrong_stage(shipment, "dispatching");
  if (shipment.held && !import) {
    return reject(RejectionCode::InvalidTransition, "the order is on hold");
  }
  schema::ShipmentDispatchedT event;
  event.shipped_on = local_today(shipment, context);
  if (!is_day(command.eta())) {
    return reject(RejectionCode::InvalidArgument, "there is no such day", "/eta");
  }
  const bool arrives_early = command.eta().has_value() && command.eta().value() < event.shipped_on;
  if (arrives_early && !import) {
    return reject(RejectionCode::InvalidArgument, "it cannot arrive before it leaves", "/eta");
  }
  event.order_id = shipment.order_id;
  event.customer_id = shipment.customer_id;
  event.lines = lines_on_board(shipment);
  event.carrier = text_of(command.carrier());
  if (event.carrier.empty()) event.carrier = shipment.carrier;
  event.tracking = text_of(command.tracking());
  event.eta = command.eta();
  event.promised_date = shipment.promised_date;
  if (import) event.flags.push_back("import");
  if (import && shipment.stage != ShipmentStage::Packed) event.flags.push_back("not packed");
  if (arrives_early) event.flags.push_back("eta before dispatch");
  ShipmentDecision decision;
  // To send it off is to say no.
  if (shipment.cancel_requested) {
    decision.add(cancel_refused(shipment, "the goods are being sent off"));
  }
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision track(const State& shipment, const schema::RecordTracking& command) {
  if (!is_under_way(shipment.stage)) return wrong_stage(shipment, "tracking");
  const TrackingCode code = command.code();
  if (code <= TrackingCode::None || code > TrackingCode::MAX) {
    return reject(RejectionCode::InvalidArgument, "a tracking code is needed", "/code");
  }
  const bool returning = shipment.stage == ShipmentStage::Returning;
  const bool back = code == TrackingCode::Returning || code == TrackingCode::ReturnedToSender;
  if (returning && !back && code != TrackingCode::Exception) {
    return wrong_stage(shipment, "going on to the customer");
  }
  if (code == TrackingCode::ReturnedToSender && !returning) {
    return wrong_stage(shipment, "arriving back at the sender");
  }
  if (!is_day(command.eta())) {
    return reject(RejectionCode::InvalidArgument, "there is no such day", "/eta");
  }
  schema::ShipmentTrackedT event;
  event.order_id = shipment.order_id;
  event.code = code;
  event.place = text_of(command.place());
  event.eta = command.eta();
  event.note = text_of(command.note());
  event.lines = lines_on_board(shipment);
  const bool goes_on = code == TrackingCode::InTransit || code == TrackingCode::OutForDelivery;
  event.after_exception = goes_on && shipment.exception_open;
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision fail_delivery(const State& shipment, const schema::RecordFailedDelivery& command) {
  const bool possible = shipment.stage == ShipmentStage::Shipped ||
                        shipment.stage == ShipmentStage::InTransit ||
                        shipment.stage == ShipmentStage::OutForDelivery;
  if (!possible) return wrong_stage(shipment, "a failed delivery");
  if (command.reason()->size() == 0) {
    return reject(RejectionCode::InvalidArgument, "reason is missing", "/reason");
  }
  schema::DeliveryFailedT event;
  event.order_id = shipment.order_id;
  event.reason = command.reason()->str();
  event.lines = lines_on_board(shipment);
  event.attempts = shipment.failed_attempts + 1;
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision confirm_delivery(const State& shipment, const schema::ConfirmDelivery& command,
                                  const Context& context) {
  // A second attempt may succeed without any news in between.
  const bool possible = is_under_way(shipment.stage) && shipment.stage != ShipmentStage::Returning;
  if (!possible) return wrong_stage(shipment, "a delivery");
  const bool import = context.authority == Authority::Import;
  schema::ShipmentDeliveredT event;
  event.delivered_on = local_today(shipment, context);
  const bool early =
      shipment.shipped_on.has_value() && event.delivered_on < shipment.shipped_on.value();
  if (early && !import) {
    return reject(RejectionCode::InvalidArgument, "it cannot arrive before it left");
  }
  event.order_id = shipment.order_id;
  event.customer_id = shipment.customer_id;
  event.lines = lines_on_board(shipment);
  event.signed_by = text_of(command.signed_by());
  event.carrier = shipment.carrier;
  if (import) event.flags.push_back("import");
  if (early) event.flags.push_back("delivered before dispatch");
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision declare_lost(const State& shipment, const schema::DeclareLost& command) {
  if (!is_under_way(shipment.stage)) return wrong_stage(shipment, "declaring lost");
  schema::ShipmentLostT event;
  event.order_id = shipment.order_id;
  event.reason = text_of(command.reason());
  event.lines = lines_on_board(shipment);
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

}  // namespace orderlog::engine::shipment
