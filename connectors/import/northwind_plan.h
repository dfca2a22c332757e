// Northwind's files as the commands that tell its history, in the order of business time. Pure but
// for reading the files: the same files give the same commands with the same keys, which is what
// makes a second run harmless.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "events/base/result.h"
#include "events/base/time.h"

namespace orderlog::import {

struct BadRow {
  std::string file;
  std::uint64_t row = 0;
  std::string column;
  std::string reason;
};

struct PlannedCommand {
  TimestampUs occurred_at = 0;
  int rank = 0;      // order within the same instant
  std::string key;   // idempotency key
  std::string line;  // one line of NDJSON
  std::string file;  // the row it comes from
  std::uint64_t row = 0;
};

struct NorthwindPlan {
  std::vector<PlannedCommand> commands;
  std::vector<BadRow> bad_rows;
  std::uint64_t rows = 0;
  std::uint64_t orders = 0;
  std::uint64_t lines = 0;
  std::uint64_t shipped = 0;
  std::uint64_t open = 0;
  std::int64_t net_minor = 0;
  // Open orders that ask for more than the stock that is left: "product 28: short by 72".
  std::vector<std::string> shortages;
  // What was read otherwise than it stands there.
  std::vector<std::string> oddities;
};

// Errors: NotFound, InvalidArgument (files, columns).
Result<NorthwindPlan> plan_northwind(const std::string& folder);

}  // namespace orderlog::import
