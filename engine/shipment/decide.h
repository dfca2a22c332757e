// The decisions of a shipment, in the house and on the road; decide.cpp sends each command to its
// function. Internal to the room.
#pragma once

#include <string>

#include "engine/aggregates.h"

namespace orderlog::engine::shipment {

using ShipmentDecision = Decision<schema::ShipmentEventUnion>;
using State = schema::ShipmentStateT;

Rejected wrong_stage(const State& shipment, std::string_view what);
std::string text_of(const flatbuffers::String* text);
std::vector<std::unique_ptr<schema::ShipmentLineT>> copied(
    const std::vector<std::unique_ptr<schema::ShipmentLineT>>& lines);

// warehouse.cpp
ShipmentDecision plan(const State& shipment, const schema::PlanShipment& command,
                      const Context& context);
ShipmentDecision release(const State& shipment);
ShipmentDecision start_picking(const State& shipment);
ShipmentDecision report_short(const State& shipment, const schema::ReportShortPick& command);
ShipmentDecision pack(const State& shipment, const schema::PackShipment& command);
ShipmentDecision cancel(const State& shipment, const schema::CancelShipment& command,
                        const Context& context);
ShipmentDecision refuse_cancel(const State& shipment, const schema::RefuseShipmentCancel& command);
// The answer "no" to a cancellation that the order has asked for.
schema::ShipmentCancelRefusedT cancel_refused(const State& shipment, std::string reason);
ShipmentDecision hold(const State& shipment, const schema::HoldShipment& command);
ShipmentDecision resume(const State& shipment);
// transport.cpp
ShipmentDecision dispatch(const State& shipment, const schema::DispatchShipment& command,
                          const Context& context);
ShipmentDecision track(const State& shipment, const schema::RecordTracking& command);
ShipmentDecision fail_delivery(const State& shipment, const schema::RecordFailedDelivery& command);
ShipmentDecision confirm_delivery(const State& shipment, const schema::ConfirmDelivery& command,
                                  const Context& context);
ShipmentDecision declare_lost(const State& shipment, const schema::DeclareLost& command);

}  // namespace orderlog::engine::shipment
