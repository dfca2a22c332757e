// credit_exposure: of each customer the limit and what stands against it, in the three parts that
// each order's amount is in exactly one of (domain.md 3.16, 4.7, section 5).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition credit_exposure_model();

}  // namespace orderlog::projections
