// A shipment in the house: planned, released, picked, packed, or cancelled (domain.md 3.11, 3.17).
#include <algorithm>

#include "engine/shipment/decide.h"
#include "engine/shipment/stages.h"
#include "events/base/calendar.h"

namespace orderlog::engine::shipment {

namespace {

using schema::Authority;
using schema::ShipmentStage;

Rejected invalid(std::string detail, std::string pointer) {
  return reject(RejectionCode::InvalidArgument, std::move(detail), std::move(pointer));
}

Rejected on_hold() { return reject(RejectionCode::InvalidTransition, "the order is on hold"); }

std::optional<Rejected> check_lines(const schema::PlanShipment& command, const Context& context) {
  if (command.lines()->size() == 0) return invalid("a shipment has at least one line", "/lines");
  if (command.lines()->size() > static_cast<std::size_t>(context.policy.order.lines_max)) {
    return reject(RejectionCode::LimitExceeded, "too many lines", "/lines");
  }
  for (flatbuffers::uoffset_t i = 0; i < command.lines()->size(); ++i) {
    const auto& line = *command.lines()->Get(i);
    const std::string pointer = "/lines/" + std::to_string(i);
    const std::int64_t milli = line.quantity()->milli();
    if (milli <= 0 || milli > context.policy.order.quantity_milli_max) {
      return invalid("a quantity is above 0 and within its limit", pointer + "/quantity");
    }
    if (line.line() == 0) return invalid("lines are numbered from 1", pointer + "/line");
    for (flatbuffers::uoffset_t j = 0; j < i; ++j) {
      if (command.lines()->Get(j)->line() == line.line()) {
        return invalid("the line is there twice", pointer + "/line");
      }
    }
  }
  return std::nullopt;
}

}  // namespace

schema::ShipmentCancelRefusedT cancel_refused(const State& shipment, std::string reason) {
  schema::ShipmentCancelRefusedT event;
  event.order_id = shipment.order_id;
  event.stage = shipment.stage;
  event.reason = std::move(reason);
  return event;
}

ShipmentDecision plan(const State& shipment, const schema::PlanShipment& command,
                      const Context& context) {
  const bool engine = context.authority == Authority::System;
  if (shipment.stage != ShipmentStage::None) {
    if (engine) return {};
    return reject(RejectionCode::AlreadyExists, "the shipment exists");
  }
  if (command.order_id()->size() == 0) return invalid("order_id is empty", "/order_id");
  if (auto problem = check_lines(command, context)) return std::move(*problem);
  schema::ShipmentPlannedT event;
  event.order_id = command.order_id()->str();
  event.customer_id = text_of(command.customer_id());
  event.carrier = text_of(command.carrier());
  event.ship_by = command.ship_by();
  event.promised_date = command.promised_date();
  event.time_zone = text_of(command.time_zone());
  if (event.time_zone.empty()) event.time_zone = context.policy.time_zone;
  if (!is_known_zone(event.time_zone)) return invalid("unknown time zone", "/time_zone");
  if (command.ship_to() != nullptr) event.ship_to.reset(command.ship_to()->UnPack());
  for (const auto* line : *command.lines()) {
    event.lines.emplace_back(line->UnPack());
    // Whoever plans by hand takes from the order's own reservation and from no other.
    if (!engine) {
      event.lines.back()->reservation_id = event.order_id + "/" + std::to_string(line->line());
    }
  }
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision release(const State& shipment) {
  if (shipment.stage != ShipmentStage::Planned) return wrong_stage(shipment, "releasing");
  if (shipment.held) return on_hold();
  schema::ShipmentReleasedT event;
  event.order_id = shipment.order_id;
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision start_picking(const State& shipment) {
  if (shipment.stage != ShipmentStage::Released) return wrong_stage(shipment, "picking");
  if (shipment.held) return on_hold();
  schema::PickingStartedT event;
  event.order_id = shipment.order_id;
  event.lines = copied(shipment.lines);
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision report_short(const State& shipment, const schema::ReportShortPick& command) {
  if (shipment.stage != ShipmentStage::Picking) return wrong_stage(shipment, "a short pick");
  const auto line = std::find_if(shipment.lines.begin(), shipment.lines.end(),
                                 [&](const auto& known) { return known->line == command.line(); });
  if (line == shipment.lines.end()) {
    return reject(RejectionCode::NotFound, "the shipment has no such line", "/line");
  }
  const std::int64_t milli = command.short_()->milli();
  const std::int64_t planned = (*line)->quantity.milli();
  if (milli <= 0 || milli > planned) {
    return invalid("at most what is left of the line can be short", "/short");
  }
  schema::ShortPickedT event;
  event.order_id = shipment.order_id;
  event.line = command.line();
  event.short_ = Quantity(milli);
  event.reason = text_of(command.reason());
  event.stock_item_id = (*line)->stock_item_id;
  event.reservation_id = (*line)->reservation_id;
  event.rest = Quantity(planned - milli);
  ShipmentDecision decision;
  decision.add(std::move(event));
  const bool something_left =
      std::any_of(shipment.lines.begin(), shipment.lines.end(), [&](const auto& known) {
        return known->quantity.milli() > (known->line == command.line() ? milli : 0);
      });
  if (!something_left) {
    schema::ShipmentCancelledT cancelled;
    cancelled.order_id = shipment.order_id;
    cancelled.reason = "nothing was found to send";
    cancelled.picked = true;
    decision.add(std::move(cancelled));
  }
  return decision;
}

ShipmentDecision pack(const State& shipment, const schema::PackShipment& command) {
  if (shipment.stage != ShipmentStage::Picking) return wrong_stage(shipment, "packing");
  schema::ShipmentPackedT event;
  event.order_id = shipment.order_id;
  event.parcels = std::max<std::uint32_t>(1, command.parcels());
  ShipmentDecision decision;
  decision.add(std::move(event));
  return decision;
}

// The order's question gets an answer in any case; a client's mistake gets a refusal. What is being
// picked or is packed is cancelled by the warehouse alone (domain.md 3.17): the order can only ask.
ShipmentDecision cancel(const State& shipment, const schema::CancelShipment& command,
                        const Context& context) {
  ShipmentDecision decision;
  const bool in_work =
      shipment.stage == ShipmentStage::Picking || shipment.stage == ShipmentStage::Packed;
  if (in_work && context.authority == Authority::System) {
    if (shipment.cancel_requested) return decision;
    schema::ShipmentCancelRequestedT event;
    event.order_id = shipment.order_id;
    event.stage = shipment.stage;
    event.reason = text_of(command.reason());
    decision.add(std::move(event));
    return decision;
  }
  if (is_in_house(shipment.stage)) {
    schema::ShipmentCancelledT event;
    event.order_id = shipment.order_id;
    event.lines = copied(shipment.lines);
    std::erase_if(event.lines, [](const auto& line) { return line->quantity.milli() == 0; });
    event.reason = text_of(command.reason());
    event.picked = shipment.picked;
    decision.add(std::move(event));
    return decision;
  }
  if (context.authority == Authority::Normal) return wrong_stage(shipment, "cancelling");
  const bool gone =
      shipment.stage != ShipmentStage::None && shipment.stage != ShipmentStage::Cancelled;
  if (gone) decision.add(cancel_refused(shipment, "the goods have left"));
  return decision;
}

ShipmentDecision refuse_cancel(const State& shipment, const schema::RefuseShipmentCancel& command) {
  if (!shipment.cancel_requested) {
    return reject(RejectionCode::InvalidTransition, "nobody has asked to cancel the shipment");
  }
  if (text_of(command.reason()).empty()) return invalid("reason is missing", "/reason");
  ShipmentDecision decision;
  decision.add(cancel_refused(shipment, text_of(command.reason())));
  return decision;
}

ShipmentDecision hold(const State& shipment, const schema::HoldShipment& command) {
  ShipmentDecision decision;
  if (!is_in_house(shipment.stage) || shipment.held) return decision;
  schema::ShipmentHeldT event;
  event.order_id = shipment.order_id;
  event.reason = text_of(command.reason());
  decision.add(std::move(event));
  return decision;
}

ShipmentDecision resume(const State& shipment) {
  ShipmentDecision decision;
  if (!is_in_house(shipment.stage) || !shipment.held) return decision;
  schema::ShipmentResumedT event;
  event.order_id = shipment.order_id;
  decision.add(std::move(event));
  return decision;
}

}  // namespace orderlog::engine::shipment
