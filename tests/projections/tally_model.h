// A small model for the tests of the store and the runner: one row an aggregate, counting its
// events. OrderHeld puts the row into the group named by its detail, OrderCancelled erases it, and
// OrderRejected "poison" can't be folded unless the model is cured of it.
#pragma once

#include "projections/model.h"
#include "tests/projections/fixture.h"

namespace orderlog::projections::test {

using TallyRow = schema::OrderStatusRowT;

struct TallyOptions {
  std::uint32_t version = 1;
  bool cured = false;
  // Changes a row before it refuses poison: breaks the rules for folds.
  bool breaks_rules = false;
};

ModelDefinition tally_model(TallyOptions options = {});

inline schema::OrderHeldT move_to(const std::string& group) {
  schema::OrderHeldT held;
  held.detail = group;
  return held;
}
inline schema::OrderRejectedT poison() {
  schema::OrderRejectedT rejected;
  rejected.reason = "poison";
  return rejected;
}

}  // namespace orderlog::projections::test
