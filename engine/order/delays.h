// Delay alarms of an order's lines (domain.md 4.10): one event a kind and level, for the lines that
// share it, raised once and cleared once. Dates are compared as dates in the customer's zone, with
// the policy's days of grace, never as instants. Internal to the room.
#pragma once

#include <functional>
#include <string>

#include "engine/order/working.h"

namespace orderlog::engine::order {

struct Alarm {
  schema::DelayKind kind = schema::DelayKind::None;
  schema::DelayLevel level = schema::DelayLevel::None;
  schema::DelayCause cause = schema::DelayCause::None;
  std::optional<Day> predicted;
  std::string shipment_id;
  std::string carrier;
  std::string step_blocked;
};

schema::DelayLevel alert_of(const schema::OrderLineStateT& line, schema::DelayKind kind);
void set_alert(schema::OrderLineStateT& line, schema::DelayKind kind, schema::DelayLevel level);

// Raises the alarm for those of the lines where this kind is not raised yet; one event for each
// promised date among them.
void raise(Working& working, const std::vector<const LineLook*>& lines, const Alarm& alarm);

// Clears this kind for those of the lines where it is raised.
void clear(Working& working, const std::vector<const LineLook*>& lines, schema::DelayKind kind,
           std::string how, std::optional<Day> actual = std::nullopt);
// Clears every kind, as far as raised.
void clear_all(Working& working, const std::vector<const LineLook*>& lines, const std::string& how,
               std::optional<Day> actual = std::nullopt);

// The last day on which a delivery is still in time.
std::optional<Day> deliver_by(const schema::OrderLineT& terms, const Policy& policy);
// An arrival expected after that day raises Predicted; one before clears it.
void compare_eta(Working& working, const std::vector<const LineLook*>& lines, Day eta,
                 const std::string& shipment_id, const std::string& carrier);

}  // namespace orderlog::engine::order
