// Fifty commands of a small company on three partitions: goods received, orders placed, amended,
// held and cancelled, shipped, invoiced and paid, so that one partition's commits make the others
// write; with refusals, state flushes and a restart at fixed places. Always the same bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "events/base/time.h"
#include "events/base/uuid.h"

namespace orderlog::power {

constexpr std::uint32_t partitions = 3;

struct Step {
  enum class Kind { Command, FlushState, Restart };
  Kind kind = Kind::Command;
  TimestampUs at = 0;  // what the clock says
  std::vector<std::uint8_t> command;
  Uuid id;
};

std::vector<Step> make_script();

}  // namespace orderlog::power
