// The routes beside the commands, described for the OpenAPI document.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "connectors/http/limits.h"
#include "events/codec/openapi.h"
#include "projections/report.h"

namespace orderlog::http {

std::vector<codec::RouteDoc> route_docs(std::span<const projections::ReportDescriptor> reports,
                                        const HttpLimits& limits);

}  // namespace orderlog::http
