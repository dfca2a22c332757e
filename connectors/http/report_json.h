// Pages, rows and descriptions of reports → JSON; query strings → report requests. Pure text.
#pragma once

#include <string>
#include <string_view>

#include "connectors/http/limits.h"
#include "connectors/http/problem.h"
#include "connectors/http/request.h"
#include "projections/report.h"

namespace orderlog::http {

// filter=value…, limit, cursor, order=asc|desc; min_position is left out. `fixed`: parameters that
// the route itself gives. Errors: InvalidArgument.
Result<projections::ReportRequest> read_report_request(std::string_view report,
                                                       const QueryParams& params,
                                                       const HttpLimits& limits,
                                                       projections::Parameters fixed = {});

// {"data":[…],"next_cursor":…|null,"has_more":…,"total":…|null}
Status write_page(std::string& out, const projections::ReportDescriptor& report,
                  const projections::ReportPage& page);
Status write_report_row(std::string& out, const projections::ReportDescriptor& report,
                        std::string_view row);
// {"name","description","model","columns":[…],"filters":[…],"key"}
void write_report_description(std::string& out, const projections::ReportDescriptor& report);

// The same question with another cursor: what rel="next" points to.
std::string next_target(std::string_view path, const QueryParams& params, std::string_view cursor);

// The problem of a read that failed.
ProblemType problem_of_read(const Error& error);

}  // namespace orderlog::http
