#include "events/base/zone.h"

#include <date/tz.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace orderlog {

namespace {

class UtcZone final : public Zone {
 public:
  std::int64_t offset_at(TimestampUs) override { return 0; }
  TimestampUs instant_of(std::int64_t local_us) override { return local_us; }
};

std::int64_t as_us(std::chrono::seconds seconds) { return seconds.count() * us_per_second; }

date::sys_seconds as_sys_seconds(TimestampUs at) {
  return date::sys_seconds{std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds{at})};
}

class RuledZone final : public Zone {
 public:
  explicit RuledZone(const date::time_zone* rules) : rules_(rules) {}

  std::int64_t offset_at(TimestampUs at) override {
    if (at < begin_us_ || at >= end_us_) remember(rules_->get_info(as_sys_seconds(at)));
    return offset_us_;
  }

  TimestampUs instant_of(std::int64_t local_us) override {
    // Far enough from both ends of the remembered period no other offset can be in force.
    const TimestampUs guess = local_us - offset_us_;
    if (guess >= begin_us_ + margin_us && guess < end_us_ - margin_us) return guess;
    const std::int64_t below_second = ((local_us % us_per_second) + us_per_second) % us_per_second;
    const date::local_seconds local{as_sys_seconds(local_us).time_since_epoch()};
    const date::local_info info = rules_->get_info(local);
    if (info.result == date::local_info::nonexistent)
      return as_us(info.first.end.time_since_epoch());
    remember(info.first);
    return as_us(local.time_since_epoch() - info.first.offset) + below_second;
  }

 private:
  static constexpr std::int64_t margin_us = 2 * us_per_day;

  void remember(const date::sys_info& info) {
    // The first and the last period reach beyond what microseconds can count.
    const date::sys_seconds first = as_sys_seconds(timestamp_min - 4 * us_per_day);
    const date::sys_seconds last = as_sys_seconds(timestamp_max + 4 * us_per_day);
    begin_us_ = as_us(std::max(info.begin, first).time_since_epoch());
    end_us_ = as_us(std::min(info.end, last).time_since_epoch());
    offset_us_ = as_us(info.offset);
  }

  const date::time_zone* rules_;
  TimestampUs begin_us_ = 0;
  TimestampUs end_us_ = 0;
  std::int64_t offset_us_ = 0;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

// Bounded by the number of zones the machine knows, about 600: unknown names are not kept.
using ZoneCache =
    std::unordered_map<std::string, std::unique_ptr<RuledZone>, TextHash, std::equal_to<>>;

}  // namespace

Result<Zone*> find_zone(std::string_view name) {
  thread_local UtcZone utc;
  thread_local ZoneCache cache;
  if (name == "UTC") return &utc;
  if (const auto found = cache.find(name); found != cache.end()) return found->second.get();
  try {
    auto zone = std::make_unique<RuledZone>(date::locate_zone(std::string(name)));
    return cache.emplace(std::string(name), std::move(zone)).first->second.get();
  } catch (const std::exception&) {
    return error(ErrorCode::InvalidArgument,
                 quote_input(name) + " is not a time zone that this machine knows");
  }
}

}  // namespace orderlog
