// The calendars behind the defaults: they need values that a struct's initialisers cannot spell.
// What everything else defaults to is written in engine/policy.h.
#include "engine/policy.h"

namespace orderlog::engine {

namespace {

WorkingCalendar office_hours() {
  WorkingCalendar calendar;
  calendar.open_minute = 10 * 60;
  calendar.close_minute = 18 * 60;
  return calendar;
}

}  // namespace

Policy default_policy() {
  Policy policy;
  policy.office_calendar = office_hours();
  policy.sla.calendars.emplace("", office_hours());
  // Warehouse and carrier plan in whole days, Monday to Friday (domain.md 4.9).
  policy.site_calendar = WorkingCalendar{};
  policy.carrier_calendar = WorkingCalendar{};
  return policy;
}

}  // namespace orderlog::engine
