// deliveries: delay_list, one row an order with its lines, and otif_daily, which counts the same
// lines by promised date; an event moves both, so that they always agree (domain.md section 5).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition deliveries_model();

}  // namespace orderlog::projections
