// stock_position, reservation_audit and backorder_list: what lies where, who has claims on it, and
// whether the claims add up (domain.md 3.8, 3.9, P2, section 5).
#pragma once

#include "projections/model.h"

namespace orderlog::projections {

ModelDefinition stock_model();

ReportDefinition stock_position_report();
ReportDefinition reservation_audit_report();
ReportDefinition backorder_list_report();

}  // namespace orderlog::projections
