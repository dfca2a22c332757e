#include "projections/registry.h"

#include "projections/models/alerts.h"
#include "projections/models/audit_trail.h"
#include "projections/models/credit_exposure.h"
#include "projections/models/customer_360.h"
#include "projections/models/deliveries.h"
#include "projections/models/lead_funnel.h"
#include "projections/models/order_status.h"
#include "projections/models/order_timeline.h"
#include "projections/models/receivables.h"
#include "projections/models/sales_cube.h"
#include "projections/models/stock.h"
#include "projections/models/tickets.h"

namespace orderlog::projections {

std::vector<ModelDefinition> all_models() {
  std::vector<ModelDefinition> models;
  models.push_back(order_status_model());
  models.push_back(order_timeline_model());
  models.push_back(deliveries_model());
  models.push_back(alerts_model());
  models.push_back(sales_model());
  models.push_back(audit_trail_model());
  models.push_back(credit_exposure_model());
  models.push_back(customer_360_model());
  models.push_back(lead_funnel_model());
  models.push_back(receivables_model());
  models.push_back(stock_model());
  models.push_back(tickets_model());
  return models;
}

}  // namespace orderlog::projections
