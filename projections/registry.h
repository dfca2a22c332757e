// All read models of this build. A new model: its pair of files under models/, and one line here.
#pragma once

#include <vector>

#include "projections/model.h"

namespace orderlog::projections {

std::vector<ModelDefinition> all_models();

}  // namespace orderlog::projections
