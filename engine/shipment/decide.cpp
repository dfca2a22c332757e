// The decider of shipments (domain.md 3.11). Must hold: 1. one way through the warehouse, step by
// step, except for history that is only recorded; 2. no dispatch while the order is on hold;
// 3. nothing is cancelled once it has left; 4. one delivery.
#include "engine/shipment/decide.h"

namespace orderlog::engine {

namespace shipment {

Rejected wrong_stage(const State& shipment, std::string_view what) {
  if (shipment.stage == schema::ShipmentStage::None) {
    return reject(RejectionCode::NotFound, "no such shipment");
  }
  return reject(RejectionCode::InvalidTransition,
                std::string(what) + " is not possible for a shipment that is " +
                    schema::EnumNameShipmentStage(shipment.stage));
}

std::string text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string() : text->str();
}

std::vector<std::unique_ptr<schema::ShipmentLineT>> copied(
    const std::vector<std::unique_ptr<schema::ShipmentLineT>>& lines) {
  std::vector<std::unique_ptr<schema::ShipmentLineT>> copy;
  copy.reserve(lines.size());
  for (const auto& line : lines) copy.push_back(std::make_unique<schema::ShipmentLineT>(*line));
  return copy;
}

}  // namespace shipment

Decision<schema::ShipmentEventUnion> decide(const schema::ShipmentStateT& state,
                                            const schema::ShipmentCommands& command,
                                            const Context& context) {
  using schema::ShipmentCommand;
  const bool engine = context.authority == schema::Authority::System;
  const auto engine_only = [] {
    return reject(RejectionCode::EngineOnly, "only the engine itself sends this command");
  };
  switch (command.command_type()) {
    case ShipmentCommand::PlanShipment:
      return shipment::plan(state, *command.command_as_PlanShipment(), context);
    case ShipmentCommand::ReleaseShipment:
      return shipment::release(state);
    case ShipmentCommand::StartPicking:
      return shipment::start_picking(state);
    case ShipmentCommand::ReportShortPick:
      return shipment::report_short(state, *command.command_as_ReportShortPick());
    case ShipmentCommand::PackShipment:
      return shipment::pack(state, *command.command_as_PackShipment());
    case ShipmentCommand::DispatchShipment:
      return shipment::dispatch(state, *command.command_as_DispatchShipment(), context);
    case ShipmentCommand::RecordTracking:
      return shipment::track(state, *command.command_as_RecordTracking());
    case ShipmentCommand::RecordFailedDelivery:
      return shipment::fail_delivery(state, *command.command_as_RecordFailedDelivery());
    case ShipmentCommand::ConfirmDelivery:
      return shipment::confirm_delivery(state, *command.command_as_ConfirmDelivery(), context);
    case ShipmentCommand::CancelShipment:
      return shipment::cancel(state, *command.command_as_CancelShipment(), context);
    case ShipmentCommand::DeclareLost:
      return shipment::declare_lost(state, *command.command_as_DeclareLost());
    case ShipmentCommand::RefuseShipmentCancel:
      return shipment::refuse_cancel(state, *command.command_as_RefuseShipmentCancel());
    case ShipmentCommand::HoldShipment:
      if (!engine) return engine_only();
      return shipment::hold(state, *command.command_as_HoldShipment());
    case ShipmentCommand::ResumeShipment:
      if (!engine) return engine_only();
      return shipment::resume(state);
    case ShipmentCommand::NONE:
      break;
  }
  return reject(RejectionCode::InvalidArgument, "a shipment does not know this command");
}

std::optional<TimestampUs> next_deadline(const schema::ShipmentStateT&, const Policy&) {
  return std::nullopt;
}

}  // namespace orderlog::engine
