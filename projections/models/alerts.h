// alerts: what the engine warned of, one row for each alert of one level and kind of one line,
// raised once and cleared once; cleared ones stay as history (domain.md 4.10).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition alerts_model();

}  // namespace orderlog::projections
