// The lines of an order as an amendment wants them. Internal to the room.
#pragma once

#include <set>

#include "engine/order/entry.h"

namespace orderlog::engine::order {

struct AmendedLines {
  // All lines in full; one that was removed has quantity 0.
  std::vector<LinePtr> lines;
  std::set<std::uint32_t> changed;
  bool adds_lines = false;
};

Checked<AmendedLines> amend_lines(Working& working, const schema::AmendOrder& command);

}  // namespace orderlog::engine::order
