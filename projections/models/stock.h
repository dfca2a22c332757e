// stock_position, reservation_audit: what is where, and proof that the reservations add up (pain P2).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition stock_model();

}  // namespace orderlog::projections
