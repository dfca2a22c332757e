#include <algorithm>
#include <array>
#include <map>

#include "engine/order/delays.h"

namespace orderlog::engine::order {

namespace {

using schema::DelayKind;
using schema::DelayLevel;

constexpr std::array all_kinds{DelayKind::ShipByMissed, DelayKind::DeliverByMissed,
                               DelayKind::CarrierException, DelayKind::Predicted,
                               DelayKind::PreviousStepLate};

}  // namespace

DelayLevel alert_of(const schema::OrderLineStateT& line, DelayKind kind) {
  switch (kind) {
    case DelayKind::ShipByMissed:
      return line.ship_by_alert;
    case DelayKind::DeliverByMissed:
      return line.deliver_by_alert;
    case DelayKind::CarrierException:
      return line.carrier_alert;
    case DelayKind::Predicted:
      return line.predicted_alert;
    case DelayKind::PreviousStepLate:
      return line.previous_step_alert;
    case DelayKind::None:
      break;
  }
  return DelayLevel::None;
}

void set_alert(schema::OrderLineStateT& line, DelayKind kind, DelayLevel level) {
  switch (kind) {
    case DelayKind::ShipByMissed:
      line.ship_by_alert = level;
      break;
    case DelayKind::DeliverByMissed:
      line.deliver_by_alert = level;
      break;
    case DelayKind::CarrierException:
      line.carrier_alert = level;
      break;
    case DelayKind::Predicted:
      line.predicted_alert = level;
      break;
    case DelayKind::PreviousStepLate:
      line.previous_step_alert = level;
      break;
    case DelayKind::None:
      break;
  }
}

void raise(Working& working, const std::vector<const LineLook*>& lines, const Alarm& alarm) {
  std::map<std::optional<Day>, std::vector<std::uint32_t>> by_promise;
  for (const LineLook* line : lines) {
    if (alert_of(*line->state, alarm.kind) != DelayLevel::None) continue;
    by_promise[day_of(line->state->terms->promised_date)].push_back(line->line);
  }
  for (auto& [promised, numbers] : by_promise) {
    schema::DeliveryDelayedT event;
    event.lines = std::move(numbers);
    event.level = alarm.level;
    event.kind = alarm.kind;
    event.cause = alarm.cause;
    event.promised_date = stored_day(promised);
    event.predicted_date = stored_day(alarm.predicted);
    if (promised) {
      const Day seen = alarm.predicted.value_or(working.today());
      event.late_days = std::max(0, seen - *promised);
    }
    event.customer_id = working.header().customer_id;
    event.salesperson = working.header().salesperson;
    event.carrier = alarm.carrier.empty() ? working.header().carrier : alarm.carrier;
    event.step_blocked = alarm.step_blocked;
    event.shipment_id = alarm.shipment_id;
    working.add(std::move(event));
  }
}

void clear(Working& working, const std::vector<const LineLook*>& lines, DelayKind kind,
           std::string how, std::optional<Day> actual) {
  std::map<DelayLevel, std::vector<std::uint32_t>> by_level;
  for (const LineLook* line : lines) {
    const DelayLevel level = alert_of(*line->state, kind);
    if (level != DelayLevel::None) by_level[level].push_back(line->line);
  }
  for (auto& [level, numbers] : by_level) {
    schema::DelayClearedT event;
    event.lines = std::move(numbers);
    event.level = level;
    event.kind = kind;
    event.how = how;
    event.actual_date = stored_day(actual);
    working.add(std::move(event));
  }
}

void clear_all(Working& working, const std::vector<const LineLook*>& lines, const std::string& how,
               std::optional<Day> actual) {
  for (const DelayKind kind : all_kinds) clear(working, lines, kind, how, actual);
}

std::optional<Day> deliver_by(const schema::OrderLineT& terms, const Policy& policy) {
  const auto promised = day_of(terms.promised_date);
  if (!promised) return std::nullopt;
  return *promised + policy.promise.grace_days;
}

void compare_eta(Working& working, const std::vector<const LineLook*>& lines, Day eta,
                 const std::string& shipment_id, const std::string& carrier) {
  std::vector<const LineLook*> late;
  std::vector<const LineLook*> in_time;
  for (const LineLook* line : lines) {
    const auto last = deliver_by(*line->state->terms, working.context.policy);
    if (last && line->delivered < live_of(*line)) {
      (eta > *last ? late : in_time).push_back(line);
    }
  }
  Alarm alarm;
  alarm.kind = DelayKind::Predicted;
  alarm.level = DelayLevel::AtRisk;
  alarm.cause = schema::DelayCause::Carrier;
  alarm.predicted = eta;
  alarm.shipment_id = shipment_id;
  alarm.carrier = carrier;
  alarm.step_blocked = "transport";
  raise(working, late, alarm);
  clear(working, in_time, DelayKind::Predicted, "expected in time again");
}

}  // namespace orderlog::engine::order
