// The state of a shipment after an event. Total: every field of an event may be absent.
#include <algorithm>

#include "engine/shipment/decide.h"
#include "engine/shipment/stages.h"

namespace orderlog::engine {

namespace shipment {

namespace {

using schema::ShipmentStage;
using MutableState = schema::ShipmentStateT;

void fold(MutableState& shipment, const schema::ShipmentPlanned& event, const EventMeta& meta) {
  shipment.stage = ShipmentStage::Planned;
  shipment.order_id = text_of(event.order_id());
  shipment.customer_id = text_of(event.customer_id());
  shipment.carrier = text_of(event.carrier());
  shipment.promised_date = event.promised_date();
  shipment.time_zone = text_of(event.time_zone());
  shipment.imported = meta.authority == schema::Authority::Import;
  shipment.lines.clear();
  if (event.lines() == nullptr) return;
  for (const auto* line : *event.lines()) shipment.lines.emplace_back(line->UnPack());
}

void fold(MutableState& shipment, const schema::ShortPicked& event) {
  for (const auto& line : shipment.lines) {
    if (line->line == event.line() && event.rest() != nullptr) line->quantity = *event.rest();
  }
}

void fold(MutableState& shipment, const schema::ShipmentDispatched& event) {
  shipment.stage = ShipmentStage::Shipped;
  shipment.carrier = text_of(event.carrier());
  shipment.tracking = text_of(event.tracking());
  shipment.eta = event.eta();
  shipment.shipped_on = event.shipped_on();
  shipment.held = false;
}

void fold(MutableState& shipment, const schema::ShipmentTracked& event) {
  const ShipmentStage stage = stage_after(event.code());
  if (stage != ShipmentStage::None) shipment.stage = stage;
  if (event.eta().has_value()) shipment.eta = event.eta();
  if (event.code() == schema::TrackingCode::Exception) shipment.exception_open = true;
  if (event.after_exception()) shipment.exception_open = false;
}

}  // namespace

}  // namespace shipment

void evolve(schema::ShipmentStateT& state, const schema::ShipmentEvents& event,
            const EventMeta& meta) {
  using schema::ShipmentEvent;
  using schema::ShipmentStage;
  switch (event.event_type()) {
    case ShipmentEvent::ShipmentPlanned:
      shipment::fold(state, *event.event_as_ShipmentPlanned(), meta);
      break;
    case ShipmentEvent::ShipmentReleased:
      state.stage = ShipmentStage::Released;
      break;
    case ShipmentEvent::PickingStarted:
      state.stage = ShipmentStage::Picking;
      state.picked = true;
      break;
    case ShipmentEvent::ShortPicked:
      shipment::fold(state, *event.event_as_ShortPicked());
      break;
    case ShipmentEvent::ShipmentPacked:
      state.stage = ShipmentStage::Packed;
      break;
    case ShipmentEvent::ShipmentDispatched:
      shipment::fold(state, *event.event_as_ShipmentDispatched());
      break;
    case ShipmentEvent::ShipmentTracked:
      shipment::fold(state, *event.event_as_ShipmentTracked());
      break;
    case ShipmentEvent::DeliveryFailed:
      state.stage = ShipmentStage::DeliveryFailed;
      state.failed_attempts = event.event_as_DeliveryFailed()->attempts();
      state.exception_open = true;
      break;
    case ShipmentEvent::ShipmentDelivered:
      state.stage = ShipmentStage::Delivered;
      state.exception_open = false;
      break;
    case ShipmentEvent::ShipmentCancelled:
      state.stage = ShipmentStage::Cancelled;
      state.held = false;
      state.cancel_requested = false;
      break;
    case ShipmentEvent::ShipmentCancelRequested:
      state.cancel_requested = true;
      break;
    case ShipmentEvent::ShipmentLost:
      state.stage = ShipmentStage::Lost;
      break;
    case ShipmentEvent::ShipmentHeld:
      state.held = true;
      break;
    case ShipmentEvent::ShipmentResumed:
      state.held = false;
      break;
    case ShipmentEvent::ShipmentCancelRefused:
      state.cancel_requested = false;
      break;
    case ShipmentEvent::NONE:
      break;
  }
}

}  // namespace orderlog::engine
