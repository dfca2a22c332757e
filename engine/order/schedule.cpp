#include "engine/order/schedule.h"

#include <algorithm>

namespace orderlog::engine::order {

namespace {

Result<Day> later(const WorkingCalendar& calendar, Day day, std::int32_t days) {
  return add_working_days(calendar, day, std::max(0, days));
}

// The n-th working day before `day`; for n = 0 the last working day up to it.
Result<Day> earlier(const WorkingCalendar& calendar, Day day, std::int32_t days) {
  if (days <= 0 && is_working_day(calendar, day)) return day;
  return add_working_days(calendar, day, -std::max(1, days));
}

struct Backward {
  Schedule dates;
  Day planning = 0;
};

Result<Backward> backward(Day promised, std::int32_t pick_pack, const Policy& policy) {
  const auto& site = policy.site_calendar;
  const auto issue = ship_by_for(promised, policy);
  if (!issue) return issue.error();
  const auto loading = earlier(site, *issue, policy.promise.loading_days);
  if (!loading) return loading.error();
  const auto planning = earlier(site, *loading, policy.promise.transport_planning_days);
  if (!planning) return planning.error();
  const auto material = earlier(site, *loading, pick_pack);
  if (!material) return material.error();
  return Backward{Schedule{*material, *issue, promised}, *planning};
}

Result<Schedule> forward(Day start, Day material, std::int32_t pick_pack, const Policy& policy) {
  const auto& site = policy.site_calendar;
  const auto ready = next_working_day(site, std::max(start, material));
  if (!ready) return ready.error();
  const auto packed = later(site, *ready, pick_pack);
  if (!packed) return packed.error();
  const auto planned = later(site, start, policy.promise.transport_planning_days);
  if (!planned) return planned.error();
  const auto issue = later(site, std::max(*packed, *planned), policy.promise.loading_days);
  if (!issue) return issue.error();
  const auto secure = later(site, *issue, policy.promise.security_days);
  if (!secure) return secure.error();
  const auto promised = later(policy.carrier_calendar, *secure, policy.promise.transit_days);
  if (!promised) return promised.error();
  return Schedule{*ready, *issue, *promised};
}

}  // namespace

Result<Day> first_start(TimestampUs now, const Policy& policy) {
  const auto& site = policy.site_calendar;
  const auto today = local_day(now, site.zone);
  if (!today) return today.error();
  const auto minute = local_minute(now, site.zone);
  if (!minute) return minute.error();
  const bool too_late = *minute >= policy.promise.cut_off_minute;
  return next_working_day(site, too_late ? *today + 1 : *today);
}

Result<Day> ship_by_for(Day promised, const Policy& policy) {
  const auto handed_over = earlier(policy.carrier_calendar, promised, policy.promise.transit_days);
  if (!handed_over) return handed_over.error();
  return earlier(policy.site_calendar, *handed_over, policy.promise.security_days);
}

Result<Schedule> schedule_line(std::optional<Day> requested, Day start,
                               std::optional<Day> available_from, std::int32_t pick_pack_days,
                               const Policy& policy) {
  const std::int32_t pick_pack =
      pick_pack_days > 0 ? pick_pack_days : policy.promise.pick_pack_days;
  const Day material = std::max(start, available_from.value_or(start));
  if (requested && *requested >= start) {
    const auto plan = backward(*requested, pick_pack, policy);
    if (!plan) return plan.error();
    if (plan->dates.material_date >= material && plan->planning >= start) return plan->dates;
  }
  return forward(start, material, pick_pack, policy);
}

}  // namespace orderlog::engine::order
