// customer_360: one view of a customer (domain.md C2).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition customer_360_model();

}  // namespace orderlog::projections
