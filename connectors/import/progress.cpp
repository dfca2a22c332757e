#include "connectors/import/progress.h"

#include <unistd.h>

#include <ostream>
#include <string>

namespace orderlog::import {
namespace {

constexpr std::chrono::seconds line_interval{10};
constexpr std::uint64_t bar_cells = 30;

}  // namespace

Progress::Progress(std::ostream& out, std::uint64_t total, ProgressStyle style)
    : out_(out),
      total_(total),
      style_(style),
      terminal_(isatty(STDOUT_FILENO) == 1),
      started_(std::chrono::steady_clock::now()),
      last_line_(started_) {}

void Progress::show(std::uint64_t done, std::uint64_t failed) {
  if (style_ == ProgressStyle::None || total_ == 0) return;
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const auto rate =
      static_cast<std::uint64_t>(static_cast<double>(done) / std::max(seconds, 0.001));
  const auto left = rate == 0 ? 0 : (total_ - done) / rate;
  if (style_ == ProgressStyle::Json) {
    out_ << R"({"done":)" << done << R"(,"total":)" << total_ << R"(,"failed":)" << failed
         << R"(,"per_second":)" << rate << "}\n";
    return;
  }
  const std::string figures = std::to_string(done) + " of " + std::to_string(total_) + ", " +
                              std::to_string(rate) + "/s, " + std::to_string(left) + " s left, " +
                              std::to_string(failed) + " failed";
  if (terminal_) {
    const auto cells = done * bar_cells / total_;
    out_ << "\r[" << std::string(cells, '#') << std::string(bar_cells - cells, ' ') << "] "
         << figures << "   " << std::flush;
    bar_shown_ = true;
  } else if (now - last_line_ >= line_interval) {
    out_ << figures << '\n' << std::flush;
    last_line_ = now;
  }
}

void Progress::finish() {
  if (bar_shown_) out_ << '\n';
}

}  // namespace orderlog::import
