// The two parts of the configuration that are not single values: working calendars and tax rates.
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>

#include "engine/policy.h"

namespace orderlog::ops {

struct WrongNode {
  const toml::node* node;
  std::string what;
};

// [calendar.site], [calendar.carrier], [calendar.office], [calendar.sla] and [calendar.sla_<tier>]:
// time_zone, weekdays = ["mon", …], open_minute, close_minute, holidays = ["2026-12-25", …].
std::optional<WrongNode> take_calendars(const toml::table& table, engine::Policy& policy);
// [tax_rates]: DE = { "" = 190000, reduced = 70000 } by ship-to country and tax class, in ppm.
std::optional<WrongNode> take_tax_rates(const toml::table& table, engine::Policy& policy);
std::string calendar_reference();

}  // namespace orderlog::ops
