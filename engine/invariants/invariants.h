// What must hold at every prefix of the log, checked from the events alone (design.md, promise 6):
// no oversell, and money postings that sum to zero. Used by `orderlog verify` and by the tests.
#pragma once

#include <optional>
#include <string>

#include "events/schema/envelope_generated.h"

namespace orderlog::engine {

class InvariantChecker {
 public:
  // Why the event breaks an invariant; nothing when it keeps all. Events in the order of their
  // partition.
  std::optional<std::string> check(const schema::Envelope& event);
};

}  // namespace orderlog::engine
