// receivables_ageing: what each customer owes, by how long it is due (pain P10).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition receivables_model();

}  // namespace orderlog::projections
