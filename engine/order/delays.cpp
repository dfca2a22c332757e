// Delays found by the calendar or told by the carrier (domain.md 4.10). The timer asks again what
// the state says, so that a late timer raises nothing that is over.
#include "engine/order/delays.h"

#include <algorithm>

#include "engine/order/decide.h"
#include "engine/order/due.h"

namespace orderlog::engine::order {

namespace {

using schema::DelayCause;
using schema::DelayKind;
using schema::DelayLevel;
using schema::HoldReason;
using schema::OrderLifecycle;

struct Blocked {
  DelayCause cause = DelayCause::Stock;
  const char* step = "stock";
};

// The step that the line waits for, and whose it is.
Blocked blocked_at(const Working& working, const LineLook& line) {
  if (line.shipped > line.delivered && open_of(line) == 0)
    return {DelayCause::Carrier, "transport"};
  if (working.held(HoldReason::Credit) || working.held(HoldReason::Payment)) {
    return {DelayCause::Credit, "credit"};
  }
  if (working.holds != 0) return {DelayCause::Customer, "hold"};
  if (line.backordered > 0) return {DelayCause::Stock, "stock"};
  if (line.planned > 0) return {DelayCause::Picking, line.picked > 0 ? "packing" : "picking"};
  if (line.reserved > 0) return {DelayCause::Picking, "planning"};
  return {};
}

void raise_by_step(Working& working, const std::vector<const LineLook*>& lines, DelayKind kind,
                   DelayLevel level) {
  std::vector<std::pair<Blocked, std::vector<const LineLook*>>> groups;
  for (const LineLook* line : lines) {
    const Blocked blocked = blocked_at(working, *line);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return group.first.cause == blocked.cause;
    });
    if (same == groups.end()) {
      groups.push_back({blocked, {line}});
    } else {
      same->second.push_back(line);
    }
  }
  for (const auto& [blocked, members] : groups) {
    Alarm alarm;
    alarm.kind = kind;
    alarm.level = level;
    alarm.cause = blocked.cause;
    alarm.step_blocked = blocked.step;
    raise(working, members, alarm);
  }
}

void expire_unpaid(Working& working) {
  schema::OrderCancelledT event;
  event.reason = "not paid in time";
  event.customer_id = working.header().customer_id;
  if (working.approval_pending) event.approval_id = working.order.approval_id;
  event.credit_reserved = working.order.credit_reserved;
  event.external_reference = working.header().external_reference;
  working.add(std::move(event));
}

std::vector<const LineLook*> lines_of(Working& working,
                                      const schema::RecordCarrierException& command) {
  std::vector<const LineLook*> lines;
  if (command.lines() == nullptr) return lines;
  for (const auto* part : *command.lines()) {
    const LineLook* line = working.line(part->line());
    const bool waiting = line != nullptr && line->delivered < live_of(*line);
    if (waiting && std::find(lines.begin(), lines.end(), line) == lines.end()) {
      lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace

OrderDecision decide_dates(const State& order, const Context& context) {
  Working working(order, context);
  const auto unpaid = unpaid_deadline(order, context.policy);
  if (unpaid && *unpaid <= context.occurred_at) {
    expire_unpaid(working);
    return std::move(working.decision);
  }
  if (!has_promises(order)) return {};
  const Day today = working.today();
  std::vector<const LineLook*> not_shipped;
  std::vector<const LineLook*> not_delivered;
  for (const LineLook& line : working.lines) {
    if (const auto last = ship_by_day(*line.state); last && today > *last) {
      not_shipped.push_back(&line);
    }
    if (const auto last = deliver_by_day(*line.state, context.policy); last && today > *last) {
      not_delivered.push_back(&line);
    }
  }
  raise_by_step(working, not_shipped, DelayKind::ShipByMissed, DelayLevel::AtRisk);
  raise_by_step(working, not_delivered, DelayKind::DeliverByMissed, DelayLevel::Late);
  return std::move(working.decision);
}

OrderDecision decide_carrier(const State& order, const schema::RecordCarrierException& command,
                             const Context& context) {
  if (!has_promises(order)) return {};
  Working working(order, context);
  const auto lines = lines_of(working, command);
  const std::string shipment = text_of(command.shipment_id());
  const std::string reason = text_of(command.reason());
  if (command.cleared()) {
    clear(working, lines, DelayKind::CarrierException, "on its way again");
  } else if (command.lost() || !reason.empty()) {
    Alarm alarm;
    alarm.kind = DelayKind::CarrierException;
    alarm.level = DelayLevel::AtRisk;
    alarm.cause = DelayCause::Carrier;
    alarm.predicted = day_of(command.eta());
    alarm.shipment_id = shipment;
    alarm.step_blocked = command.lost() ? "lost: " + reason : reason;
    raise(working, lines, alarm);
  }
  if (const auto eta = day_of(command.eta())) {
    compare_eta(working, lines, *eta, shipment, {});
  }
  return std::move(working.decision);
}

}  // namespace orderlog::engine::order
