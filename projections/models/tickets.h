// ticket_sla and its daily roll-up: deadlines met and missed (domain.md 4.22).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition tickets_model();

}  // namespace orderlog::projections
