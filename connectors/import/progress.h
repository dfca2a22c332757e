// How far a long task is: a bar when a person watches, a line every ten seconds otherwise, or JSON
// lines for programs.
#pragma once

#include <chrono>
#include <iosfwd>

#include "connectors/import/northwind.h"

namespace orderlog::import {

class Progress {
 public:
  Progress(std::ostream& out, std::uint64_t total, ProgressStyle style);
  void show(std::uint64_t done, std::uint64_t failed);
  // Ends the line of the bar.
  void finish();

 private:
  std::ostream& out_;
  std::uint64_t total_;
  ProgressStyle style_;
  bool terminal_;
  bool bar_shown_ = false;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_line_;
};

}  // namespace orderlog::import
