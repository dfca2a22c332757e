// Which stages a shipment can be in when something happens to it (domain.md 3.11). Pure. Internal
// to the room.
#pragma once

#include "events/schema/shipment_generated.h"

namespace orderlog::engine::shipment {

// Still in the house: may be cancelled, held, dispatched.
bool is_in_house(schema::ShipmentStage stage);
// With the carrier and not at its end.
bool is_under_way(schema::ShipmentStage stage);
// The stage after a tracking code; None when the code says nothing new about the stage.
schema::ShipmentStage stage_after(schema::TrackingCode code);

}  // namespace orderlog::engine::shipment
