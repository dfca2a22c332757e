// audit_trail: who did what that others may have to answer for, refused commands included.
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition audit_trail_model();

}  // namespace orderlog::projections
