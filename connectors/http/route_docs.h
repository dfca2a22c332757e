// The routes beside the commands, described for the OpenAPI document.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/limits.h"
#include "events/codec/openapi.h"
#include "projections/report.h"

namespace orderlog::http {

// Things that can be looked up by their id, and the report whose row that is.
struct EntityRoute {
  std::string_view path;  // its last segment is {id}
  std::string_view report;
  std::string_view summary;
};
inline constexpr std::array<EntityRoute, 4> entity_routes{{
    {"/v1/orders/{id}", "order_status", "An order as it stands"},
    {"/v1/customers/{id}", "customer_360", "A customer with orders, credit and payments"},
    {"/v1/stock/{id}", "stock_position", "A stock item, sku@location"},
    {"/v1/tickets/{id}", "ticket_sla", "A ticket with its clock"},
}};

std::vector<codec::RouteDoc> route_docs(std::span<const projections::ReportDescriptor> reports,
                                        const HttpLimits& limits);

}  // namespace orderlog::http
