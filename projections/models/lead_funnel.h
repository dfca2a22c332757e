// lead_funnel: what became of the leads, by source and grade.
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition lead_funnel_model();

}  // namespace orderlog::projections
