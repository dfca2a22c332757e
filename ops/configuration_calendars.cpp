#include "ops/configuration_calendars.h"

#include <algorithm>
#include <array>

#include "events/base/calendar.h"

namespace orderlog::ops {
namespace {

constexpr std::array<const char*, 7> weekday_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<WrongNode> take_weekdays(const toml::node& node, WorkingCalendar& calendar) {
  const auto* list = node.as_array();
  if (list == nullptr)
    return WrongNode{&node, "weekdays: a list such as [\"mon\", \"tue\"] is expected"};
  calendar.weekday_mask = 0;
  for (const auto& item : *list) {
    const auto name = item.value_exact<std::string>().value_or("");
    const auto found = std::find(weekday_names.begin(), weekday_names.end(), name);
    if (found == weekday_names.end())
      return WrongNode{&item, "weekdays: mon, tue, wed, thu, fri, sat or sun"};
    calendar.weekday_mask |= static_cast<std::uint8_t>(1U << (found - weekday_names.begin()));
  }
  return std::nullopt;
}

std::optional<WrongNode> take_holidays(const toml::node& node, WorkingCalendar& calendar) {
  const auto* list = node.as_array();
  if (list == nullptr) return WrongNode{&node, "holidays: a list of dates is expected"};
  for (const auto& item : *list) {
    const auto day = day_from_text(item.value_exact<std::string>().value_or(""));
    if (!day) return WrongNode{&item, "holidays: \"YYYY-MM-DD\" is expected"};
    calendar.holidays.push_back(*day);
  }
  std::sort(calendar.holidays.begin(), calendar.holidays.end());
  calendar.holidays.erase(std::unique(calendar.holidays.begin(), calendar.holidays.end()),
                          calendar.holidays.end());
  return std::nullopt;
}

std::optional<WrongNode> take_calendar(const toml::table& table, WorkingCalendar& calendar) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name == "time_zone") {
      calendar.zone = node.value_exact<std::string>().value_or("");
    } else if (name == "open_minute" || name == "close_minute") {
      const auto minute = node.value_exact<std::int64_t>();
      if (!minute || *minute < 0 || *minute > 1'440)
        return WrongNode{&node, name + ": minutes after midnight, 0 to 1440"};
      (name == "open_minute" ? calendar.open_minute : calendar.close_minute) =
          static_cast<std::int32_t>(*minute);
    } else if (name == "weekdays") {
      if (auto wrong = take_weekdays(node, calendar)) return wrong;
    } else if (name == "holidays") {
      if (auto wrong = take_holidays(node, calendar)) return wrong;
    } else {
      return WrongNode{&node, "unknown setting of a calendar: " + name};
    }
  }
  if (auto status = validate(calendar); !status) return WrongNode{&table, status.error().message};
  return std::nullopt;
}

}  // namespace

std::optional<WrongNode> take_calendars(const toml::table& table, engine::Policy& policy) {
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (!node.is_table()) return WrongNode{&node, "calendar." + name + ": a section is expected"};
    WorkingCalendar* calendar = nullptr;
    if (name == "site") calendar = &policy.site_calendar;
    if (name == "carrier") calendar = &policy.carrier_calendar;
    if (name == "office") calendar = &policy.office_calendar;
    if (name == "sla") calendar = &policy.sla.calendars[""];
    if (name.starts_with("sla_")) calendar = &policy.sla.calendars[name.substr(4)];
    if (calendar == nullptr) return WrongNode{&node, "unknown calendar " + name};
    if (auto wrong = take_calendar(*node.as_table(), *calendar)) return wrong;
  }
  return std::nullopt;
}

std::optional<WrongNode> take_tax_rates(const toml::table& table, engine::Policy& policy) {
  for (const auto& [country, classes] : table) {
    const auto* rates = classes.as_table();
    if (rates == nullptr)
      return WrongNode{&classes, "a table of tax class and rate in ppm is expected"};
    for (const auto& [tax_class, node] : *rates) {
      const auto rate = node.value_exact<std::int64_t>();
      if (!rate || *rate < 0 || *rate > 1'000'000)
        return WrongNode{&node, "a rate between 0 and 1000000 ppm is expected"};
      policy.tax.rates_ppm[{std::string(country.str()), std::string(tax_class.str())}] =
          static_cast<std::int32_t>(*rate);
    }
  }
  return std::nullopt;
}

std::string calendar_reference() {
  return "\n# Working calendars: site, carrier, office, sla, and sla_<tier> for a customer tier.\n"
         "# [calendar.site]\n# time_zone = \"UTC\"\n# weekdays = [\"mon\", \"tue\", \"wed\", "
         "\"thu\", \"fri\"]\n"
         "# open_minute = 0\n# close_minute = 1440\n# holidays = [\"2026-12-25\"]\n"
         "\n# Tax rates in ppm by ship-to country and tax class.\n"
         "# [tax_rates]\n# DE = { \"\" = 190000, reduced = 70000 }\n";
}

}  // namespace orderlog::ops
