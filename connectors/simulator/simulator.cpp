// Opens the company, lives day after day until the diary is empty, closes the books.
#include "connectors/simulator/simulator.h"

#include <unistd.h>

#include <chrono>
#include <ostream>

#include "connectors/simulator/books.h"
#include "connectors/simulator/company.h"
#include "connectors/simulator/wire.h"

namespace orderlog::simulator {

namespace {

constexpr std::int64_t us_per_day = 86'400'000'000LL;
// Days that the company goes on after its last order, so that all is delivered and paid.
constexpr int closing_days_max = 90;
// Thursday 1970-01-01 + 4 days: a Monday.
constexpr std::int64_t first_monday_us = 4 * us_per_day;
constexpr std::chrono::seconds line_interval{10};

std::int64_t monday_on_or_after(std::int64_t at) {
  const std::int64_t week = 7 * us_per_day;
  return first_monday_us + (at - first_monday_us + week - 1) / week * week;
}

// A server on the wall clock fires timers by today's date, one on the data clock by the company's.
Result<std::int64_t> business_time(Wire& wire) {
  auto metrics = wire.text("/metrics");
  if (!metrics) return metrics.error();
  const std::string name = "\norderlog_business_time_seconds ";
  const auto at = metrics->find(name);
  if (at == std::string::npos)
    return error(ErrorCode::Corrupt, "the server does not tell its business time");
  return static_cast<std::int64_t>(std::stod(metrics->substr(at + name.size()))) * 1'000'000;
}

std::int64_t wall_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Result<SimulationReport> simulate(const SimulatorOptions& options, std::ostream& out) {
  if (options.orders == 0) return error(ErrorCode::InvalidArgument, "at least one order");
  auto wire = Wire::open(options);
  if (!wire) return wire.error();
  auto now = business_time(**wire);
  if (!now) return now.error();
  const bool data_clock = *now < wall_us() - us_per_day;
  const int days_at_most = static_cast<int>(options.orders / 100) + closing_days_max + 10;
  const std::int64_t latest_start = wall_us() - days_at_most * us_per_day;
  const std::int64_t start =
      data_clock ? monday_on_or_after(std::max(*now + us_per_day, latest_start - 30 * us_per_day))
                 : monday_on_or_after(latest_start - 7 * us_per_day);
  auto leads_before = count_leads(**wire);
  if (!leads_before) return leads_before.error();
  Company company(options, **wire, start);
  const auto began = std::chrono::steady_clock::now();
  auto last_line = began;
  const bool terminal = options.progress && isatty(STDOUT_FILENO) == 1;
  for (int day = 0; company.busy(); ++day) {
    if (start + (day + 1) * us_per_day > wall_us()) {
      return error(ErrorCode::InvalidArgument,
                   "the server's business time leaves no room for so many days before today; use a "
                   "fresh data directory");
    }
    for (int moment = 0; moment < moments_a_day; ++moment) {
      if (auto status = company.live(day, static_cast<Moment>(moment)); !status)
        return status.error();
    }
    const auto instant = std::chrono::steady_clock::now();
    if (terminal) {
      out << "\rday " << day + 1 << ", " << company.orders().size() << " orders, "
          << (*wire)->commands() << " commands   " << std::flush;
    } else if (options.progress && instant - last_line >= line_interval) {
      out << "day " << day + 1 << ", " << company.orders().size() << " orders, "
          << (*wire)->commands() << " commands\n"
          << std::flush;
      last_line = instant;
    }
  }
  if (terminal) out << '\n';
  SimulationReport report;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  report.commands = (*wire)->commands();
  report.ack_p50_us = (*wire)->ack_us(0.5);
  report.ack_p99_us = (*wire)->ack_us(0.99);
  if (auto status = close_books(company, **wire, data_clock, *leads_before, report); !status)
    return status.error();
  return report;
}

}  // namespace orderlog::simulator
