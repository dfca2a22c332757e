// Promise dates (domain.md 4.9, P8): vectors and properties.
#include "engine/order/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace orderlog::engine::order {
namespace {

Day day(const char* text) { return *day_from_text(text); }
TimestampUs time_of(const char* text) { return *timestamp_from_text(text); }

TEST(Schedule, GoesBackwardFromTheRequestedDate) {
  const Policy policy = default_policy();
  // Friday the 26th: carrier 3 working days, security 1, pick and pack 1.
  const auto plan = schedule_line(day("2024-01-26"), day("2024-01-15"), std::nullopt, 0, policy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->promised, day("2024-01-26"));
  EXPECT_EQ(plan->ship_by, day("2024-01-22"));
  EXPECT_EQ(plan->material_date, day("2024-01-19"));
}

TEST(Schedule, GoesForwardWhenTheDateCannotBeKept) {
  const Policy policy = default_policy();
  const auto plan = schedule_line(day("2024-01-17"), day("2024-01-15"), std::nullopt, 0, policy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->material_date, day("2024-01-15"));
  EXPECT_EQ(plan->ship_by, day("2024-01-16"));
  EXPECT_EQ(plan->promised, day("2024-01-22"));
}

TEST(Schedule, WaitsForStock) {
  const Policy policy = default_policy();
  const auto plan =
      schedule_line(day("2024-01-26"), day("2024-01-15"), day("2024-01-24"), 0, policy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->material_date, day("2024-01-24"));
  EXPECT_GT(plan->promised, day("2024-01-26"));
}

TEST(Schedule, TheCutOffMovesTheStartToTheNextWorkingDay) {
  Policy policy = default_policy();
  policy.site_calendar.zone = "Europe/Berlin";
  EXPECT_EQ(*first_start(time_of("2024-01-19T12:59:00Z"), policy), day("2024-01-19"));
  EXPECT_EQ(*first_start(time_of("2024-01-19T13:00:00Z"), policy), day("2024-01-22"));
}

TEST(Schedule, HolidaysOfTheSiteAreNoWorkingDays) {
  Policy policy = default_policy();
  policy.site_calendar.holidays = {day("2024-01-16")};
  const auto plan = schedule_line(std::nullopt, day("2024-01-15"), std::nullopt, 0, policy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->ship_by, day("2024-01-17"));
}

TEST(Schedule, NoDateIsInThePastAndAPromiseCanBeKept) {
  rc::check([] {
    Policy policy = default_policy();
    policy.promise.transit_days = *rc::gen::inRange(0, 10);
    policy.promise.security_days = *rc::gen::inRange(0, 3);
    policy.promise.loading_days = *rc::gen::inRange(0, 3);
    policy.promise.transport_planning_days = *rc::gen::inRange(0, 3);
    policy.site_calendar.weekday_mask = static_cast<std::uint8_t>(*rc::gen::inRange(1, 128));
    policy.carrier_calendar.weekday_mask = static_cast<std::uint8_t>(*rc::gen::inRange(1, 128));
    const Day start = *rc::gen::inRange(19'700, 19'800);
    std::optional<Day> requested;
    if (*rc::gen::inRange(0, 3) > 0) requested = start + *rc::gen::inRange(-5, 40);
    std::optional<Day> stock;
    if (*rc::gen::inRange(0, 2) > 0) stock = start + *rc::gen::inRange(-5, 40);
    const auto plan = schedule_line(requested, start, stock, *rc::gen::inRange(0, 4), policy);
    RC_ASSERT(plan.ok());
    RC_ASSERT(plan->material_date >= std::max(start, stock.value_or(start)));
    RC_ASSERT(plan->ship_by >= plan->material_date);
    RC_ASSERT(plan->promised >= plan->ship_by);
    // Scheduling back from the promise never asks for the goods to leave earlier.
    RC_ASSERT(*ship_by_for(plan->promised, policy) >= plan->ship_by);
  });
}

}  // namespace
}  // namespace orderlog::engine::order
