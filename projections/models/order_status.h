// order_status: one row an order, with its lifecycle, its holds and the three axes that are derived
// from the counters of its lines (domain.md 3.6, 3.7, section 5).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition order_status_model();

// Pure, on the row's own lines and amounts; `row` is brought up to date.
void derive_order_axes(schema::OrderStatusRowT& row);

}  // namespace orderlog::projections
