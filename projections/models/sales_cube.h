// sales_cube: what was sold, by period and one dimension, in the currency of the documents; booked
// when an order is approved, on its booking day, and taken back there when it is cancelled, amended
// or closed short (domain.md section 5, B1-B4, P7). product_ranking is computed from it.
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition sales_model();

// ---- product_ranking.cpp
ReportDefinition product_ranking_report();

}  // namespace orderlog::projections
