#include "ops/configuration.h"

#include <toml++/toml.h>

#include <array>
#include <limits>
#include <sstream>
#include <vector>

#include "events/base/currency.h"
#include "ops/configuration_calendars.h"
#include "ops/configuration_kafka.h"
#include "ops/setting.h"

namespace orderlog::ops {
namespace {

constexpr std::int64_t giga = 1'000'000'000;

void add_process(std::vector<Setting>& out, Configuration& c) {
  out.push_back(text("server.listen", c.listen, not_empty));
  out.push_back(integer("server.shutdown_grace_ms", c.shutdown_grace_ms, 0, 600'000));
  out.push_back(integer("server.tick_ms", c.tick_ms, 1, 1'000));
  out.push_back(integer("server.idle_spin_us", c.idle_spin_us, 0, 1'000));
  out.push_back(text("logging.level", c.log_level, one_of({"debug", "info", "warn", "error"})));
  out.push_back(text("logging.format", c.log_format, one_of({"text", "json"})));
  out.push_back(integer("log.partitions", c.partitions, 1, 1'024));
  out.push_back(integer("log.memtable_bytes", c.log_memtable_bytes, 1'048'576, bytes_most));
  out.push_back(integer("log.block_cache_bytes", c.log_block_cache_bytes, 1'048'576, bytes_most));
  out.push_back(integer("log.queue_bytes_max", c.log_queue_bytes_max, 1'048'576, bytes_most));
  out.push_back(integer("log.group_bytes_max", c.log_group_bytes_max, 4'096, bytes_most));
  out.push_back(integer("log.gather_us_max", c.log_gather_us_max, 0, 100'000));
  out.push_back(integer("state.memtable_bytes", c.state_memtable_bytes, 1'048'576, bytes_most));
  out.push_back(
      integer("state.block_cache_bytes", c.state_block_cache_bytes, 1'048'576, bytes_most));
  out.push_back(
      integer("projections.memtable_bytes", c.projection_memtable_bytes, 1'048'576, bytes_most));
  out.push_back(integer("projections.block_cache_bytes", c.projection_block_cache_bytes, 1'048'576,
                        bytes_most));
  out.push_back(integer("projections.batch_interval_ms", c.projection_batch_interval_ms, 0, 1'000));
  out.push_back(boolean("projections.idle_scheduling", c.projection_idle_scheduling));
}

void add_engine(std::vector<Setting>& out, runtime::EngineLimits& e) {
  out.push_back(integer("engine.commands_in_flight_max", e.commands_in_flight_max, 1, 10'000'000));
  out.push_back(integer("engine.commit_bytes_target", e.commit_bytes_target, 4'096, 4'194'304));
  out.push_back(integer("engine.appends_in_flight_max", e.appends_in_flight_max, 1, 1'024));
  out.push_back(integer("engine.cascade_commands_max", e.cascade_commands_max, 1'000, 10'000'000));
  out.push_back(integer("engine.snapshot_aggregates", e.snapshot_aggregates, 1, 1'000'000));
  out.push_back(integer("engine.snapshot_interval_us", e.snapshot_interval_us, 1'000, 600 * giga));
  out.push_back(
      integer("engine.unsaved_aggregates_max", e.unsaved_aggregates_max, 1'000, 100'000'000));
  out.push_back(integer("engine.state_cache_bytes", e.state_cache_bytes, 1'048'576, bytes_most));
  out.push_back(
      integer("engine.hot_state_bytes_max", e.hot_state_bytes_max, 1'048'576, bytes_most));
  out.push_back(integer("engine.timer_window_us", e.timer_window_us, 1'000'000, 100'000 * giga));
  out.push_back(integer("engine.timers_per_round", e.timers_per_round, 1, 1'000'000));
  out.push_back(integer("engine.clock_skew_max_us", e.clock_skew_max_us, 0, 100'000 * giga));
  out.push_back(
      integer("engine.idempotency_commands_max", e.dedup.commands_max, 1'000, 1'000'000'000));
  out.push_back(
      integer("engine.idempotency_age_max_us", e.dedup.age_max_us, 1'000'000, 1'000'000 * giga));
}

void add_http(std::vector<Setting>& out, http::HttpLimits& h) {
  out.push_back(integer("http.connections_max", h.connections_max, 1, 1'000'000));
  out.push_back(integer("http.header_bytes_max", h.header_bytes_max, 1'024, 1'048'576));
  out.push_back(integer("http.header_fields_max", h.header_fields_max, 8, 1'024));
  out.push_back(integer("http.target_bytes_max", h.target_bytes_max, 256, 1'048'576));
  out.push_back(integer("http.body_bytes_max", h.body_bytes_max, 1'024, bytes_most));
  out.push_back(integer("http.batch_body_bytes_max", h.batch_body_bytes_max, 1'024, bytes_most));
  out.push_back(
      integer("http.large_bodies_bytes_max", h.large_bodies_bytes_max, 1'024, bytes_most));
  out.push_back(integer("http.requests_pipelined_max", h.requests_pipelined_max, 1, 65'536));
  out.push_back(integer("http.commands_per_turn_max", h.commands_per_turn_max, 1, 1'000'000));
  out.push_back(integer("http.output_bytes_paused", h.output_bytes_paused, 4'096, bytes_most));
  out.push_back(integer("http.idle_seconds_max", h.idle_seconds_max, 1, 86'400));
  out.push_back(integer("http.request_seconds_max", h.request_seconds_max, 1, 86'400));
  out.push_back(integer("http.write_stall_seconds_max", h.write_stall_seconds_max, 1, 86'400));
  out.push_back(integer("http.batch_rows_max", h.batch_rows_max, 1, 10'000'000));
  out.push_back(integer("http.batches_max", h.batches_max, 1, 1'024));
  out.push_back(integer("http.query_threads", h.query_threads, 1, 64));
  out.push_back(integer("http.query_queue_max", h.query_queue_max, 1, 1'000'000));
  out.push_back(integer("http.query_waiting_max", h.query_waiting_max, 1, 1'000'000));
  out.push_back(integer("http.min_position_wait_ms_max", h.min_position_wait_ms_max, 1, 600'000));
  out.push_back(integer("http.page_rows_max", h.page_rows_max, 1, 500));
  out.push_back(integer("http.streams_max", h.streams_max, 0, 100'000));
  out.push_back(
      integer("http.stream_buffer_bytes_max", h.stream_buffer_bytes_max, 4'096, bytes_most));
}

void add_policy(std::vector<Setting>& out, engine::Policy& p) {
  using namespace std::string_literals;
  out.push_back({"policy.base_currency",
                 [&p](const toml::node& node) -> std::string {
                   const auto code = node.value_exact<std::string>();
                   const auto currency = code ? currency_from_code(*code) : currency_from_code("");
                   if (!currency) return "an ISO 4217 code is expected";
                   p.base_currency = *currency;
                   return {};
                 },
                 [&p] { return '"' + std::string(code_of(p.base_currency)) + '"'; }});
  out.push_back(text("policy.time_zone", p.time_zone, [](const std::string& zone) {
    return is_known_zone(zone) ? ""s : "unknown time zone"s;
  }));
  out.push_back(text("policy.location", p.location, not_empty));
  constexpr std::int64_t minor_most = std::numeric_limits<std::int64_t>::max() / 4;
  constexpr std::int64_t ppm_most = 1'000'000;
  constexpr std::int64_t seconds_most = 10LL * 366 * 24 * 3600;
  out.push_back(integer("approval.no_approval_below_minor", p.approval.no_approval_below_minor, 0,
                        minor_most));
  out.push_back(
      integer("approval.manager_below_minor", p.approval.manager_below_minor, 0, minor_most));
  out.push_back(
      integer("approval.director_below_minor", p.approval.director_below_minor, 0, minor_most));
  out.push_back(integer("approval.escalate_after_working_seconds",
                        p.approval.escalate_after_working_seconds, 1, seconds_most));
  out.push_back(integer("approval.expire_after_working_seconds",
                        p.approval.expire_after_working_seconds, 1, seconds_most));
  out.push_back(integer("approval.reapproval_growth_ppm", p.approval.reapproval_growth_ppm, 0,
                        100 * ppm_most));
  out.push_back(
      integer("price.discount_max_sales_ppm", p.price.discount_max_sales_ppm, 0, ppm_most));
  out.push_back(
      integer("price.discount_max_senior_ppm", p.price.discount_max_senior_ppm, 0, ppm_most));
  out.push_back(
      integer("price.discount_max_manager_ppm", p.price.discount_max_manager_ppm, 0, ppm_most));
  out.push_back(integer("price.minimum_margin_ppm", p.price.minimum_margin_ppm, 0, ppm_most));
  out.push_back(integer("price.exchange_rate_stale_seconds", p.price.exchange_rate_stale_seconds, 1,
                        seconds_most));
  out.push_back(integer("credit.horizon_days", p.credit.horizon_days, 0, 3'660));
  out.push_back(integer("credit.oldest_open_item_days", p.credit.oldest_open_item_days, 0, 3'660));
  out.push_back(
      integer("credit.overdue_share_max_ppm", p.credit.overdue_share_max_ppm, 0, ppm_most));
  out.push_back(integer("credit.dunning_level_blocks", p.credit.dunning_level_blocks, 1, 100));
  out.push_back(integer("credit.unrated_limit_minor", p.credit.unrated_limit_minor, 0, minor_most));
  out.push_back(integer("promise.transit_days", p.promise.transit_days, 0, 365));
  out.push_back(integer("promise.loading_days", p.promise.loading_days, 0, 365));
  out.push_back(
      integer("promise.transport_planning_days", p.promise.transport_planning_days, 0, 365));
  out.push_back(integer("promise.pick_pack_days", p.promise.pick_pack_days, 0, 365));
  out.push_back(integer("promise.security_days", p.promise.security_days, 0, 365));
  out.push_back(integer("promise.cut_off_minute", p.promise.cut_off_minute, 0, 1'440));
  out.push_back(integer("promise.grace_days", p.promise.grace_days, 0, 365));
  out.push_back(integer("promise.replenishment_days", p.promise.replenishment_days, 0, 3'660));
  out.push_back(
      integer("order.duplicate_window_seconds", p.order.duplicate_window_seconds, 0, seconds_most));
  out.push_back(
      integer("order.unpaid_expiry_seconds", p.order.unpaid_expiry_seconds, 1, seconds_most));
  out.push_back(
      integer("order.parcel_value_min_minor", p.order.parcel_value_min_minor, 0, minor_most));
  out.push_back(integer("order.parcels_max", p.order.parcels_max, 1, 1'000));
  out.push_back(boolean("order.release_automatically", p.order.release_automatically));
  out.push_back(
      boolean("order.plan_shipments_automatically", p.order.plan_shipments_automatically));
  out.push_back(boolean("order.invoice_at_delivery", p.order.invoice_at_delivery));
  out.push_back(integer("order.lines_max", p.order.lines_max, 1, 10'000));
  out.push_back(integer("order.quantity_milli_max", p.order.quantity_milli_max, 1, minor_most));
  out.push_back(
      integer("stock.soft_hold_ttl_seconds", p.stock.soft_hold_ttl_seconds, 1, seconds_most));
  out.push_back(integer("stock.over_delivery_ppm", p.stock.over_delivery_ppm, 0, ppm_most));
  out.push_back(integer("quote.validity_days", p.quote.validity_days, 1, 3'660));
  out.push_back(integer("quote.rounds_max", p.quote.rounds_max, 1, 1'000));
  out.push_back(integer("quote.auto_cancel_days", p.quote.auto_cancel_days, 0, 3'660));
  out.push_back(integer("billing.net_days", p.billing.net_days, 0, 3'660));
  out.push_back(
      integer("billing.small_difference_ppm", p.billing.small_difference_ppm, 0, ppm_most));
  out.push_back(integer("billing.small_difference_max_minor", p.billing.small_difference_max_minor,
                        0, minor_most));
  out.push_back(
      integer("billing.void_days_after_month_end", p.billing.void_days_after_month_end, 0, 3'660));
  out.push_back(text("billing.invoice_series", p.billing.invoice_series, not_empty));
  out.push_back(integer("billing.refund_approval_above_minor",
                        p.billing.refund_approval_above_minor, 0, minor_most));
  const std::array<const char*, 5> priorities{"", "low", "medium", "high", "urgent"};
  for (std::size_t i = 1; i < priorities.size(); ++i) {
    out.push_back(integer("sla.response_seconds_"s + priorities[i], p.sla.response_seconds[i], 1,
                          seconds_most));
    out.push_back(integer("sla.resolution_seconds_"s + priorities[i], p.sla.resolution_seconds[i],
                          1, seconds_most));
  }
  out.push_back(integer("sla.warn_ppm", p.sla.warn_ppm, 1, ppm_most));
  out.push_back(integer("sla.reopen_within_days", p.sla.reopen_within_days, 0, 3'660));
  out.push_back(integer("lead.grade_a_from", p.lead.grade_a_from, 0, 100));
  out.push_back(integer("lead.grade_b_from", p.lead.grade_b_from, 0, 100));
  out.push_back(integer("tax.default_rate_ppm", p.tax.default_rate_ppm, 0, ppm_most));
  out.push_back(boolean("tax.per_unit", p.tax.per_unit));
  out.push_back(boolean("tax.included", p.tax.included));
}

std::vector<Setting> settings_of(Configuration& configuration) {
  std::vector<Setting> settings;
  add_process(settings, configuration);
  add_engine(settings, configuration.engine);
  add_http(settings, configuration.http);
  add_policy(settings, configuration.policy);
  return settings;
}

}  // namespace

Result<Configuration> load_configuration(const std::string& path) {
  Configuration configuration;
  toml::table file;
  try {
    file = toml::parse_file(path);
  } catch (const toml::parse_error& problem) {
    std::ostringstream where;
    where << path << ':' << problem.source().begin.line << ": " << problem.description();
    return error(ErrorCode::InvalidArgument, where.str());
  }
  const auto settings = settings_of(configuration);
  for (const auto& [key, node] : file) {
    const std::string section(key.str());
    if (!node.is_table())
      return at(path, node, section + ": settings stand in sections such as [server]");
    if (section == "calendar") {
      if (auto wrong = take_calendars(*node.as_table(), configuration.policy))
        return at(path, *wrong->node, wrong->what);
      continue;
    }
    if (section == "kafka") {
      auto kafka = take_kafka(path, *node.as_table());
      if (!kafka) return kafka.error();
      configuration.kafka = std::move(kafka).value();
      continue;
    }
    if (section == "tax_rates") {
      if (auto wrong = take_tax_rates(*node.as_table(), configuration.policy))
        return at(path, *wrong->node, wrong->what);
      continue;
    }
    for (const auto& [name, value] : *node.as_table()) {
      auto status = take_setting(path, section + "." + std::string(name.str()), value, settings);
      if (!status) return status.error();
    }
  }
  configuration.partitions_given = file.at_path("log.partitions").is_integer();
  return configuration;
}

std::string configuration_reference() {
  Configuration defaults;
  std::string out =
      "# Every setting of orderlog with its default. Units are the end of the name.\n";
  std::string section;
  for (const auto& setting : settings_of(defaults)) {
    const auto dot = setting.name.find('.');
    if (setting.name.substr(0, dot) != section) {
      section = setting.name.substr(0, dot);
      out += "\n[" + section + "]\n";
    }
    out += setting.name.substr(dot + 1) + " = " + setting.print() + "\n";
  }
  out += kafka_reference();
  out += calendar_reference();
  return out;
}

}  // namespace orderlog::ops
