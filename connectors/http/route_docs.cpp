// One entry for each route of command_api, query_api, stream_api and system_api; reports describe
// themselves.
#include "connectors/http/route_docs.h"

namespace orderlog::http {

namespace {

using codec::AnswerShape;
using codec::ParamDoc;
using codec::ParamPlace;
using codec::ParamType;
using codec::RouteDoc;

constexpr const char* reads_tag = "Reads";
constexpr const char* service_tag = "Service";

ParamDoc path_param(std::string name, std::string description) {
  return {std::move(name), std::move(description), ParamPlace::Path, ParamType::Text, true, {}};
}

ParamDoc min_position() {
  return {"min_position",
          "Waits, bounded, until the read model has this position, as a command's answer gave it: "
          "\"0:17\" or \"0:17,2:5\". Also as the field Min-Position."};
}

void add_page_params(RouteDoc& route, const HttpLimits& limits) {
  route.params.push_back({"limit",
                          "Rows of a page, 1 to " + std::to_string(limits.page_rows_max) + ".",
                          ParamPlace::Query, ParamType::Integer});
  route.params.push_back({"cursor", "next_cursor of the page before; all else must be the same."});
  route.params.push_back(
      {"order", "Of the list's key.", ParamPlace::Query, ParamType::Text, false, {"asc", "desc"}});
  route.params.push_back(min_position());
}

void add_filters(RouteDoc& route, const projections::ReportDescriptor& report,
                 std::string_view except = {}) {
  for (const auto& filter : report.filters) {
    if (filter.name == except) continue;
    const auto type =
        filter.kind == projections::FilterKind::Date ? ParamType::Date : ParamType::Text;
    route.params.push_back({filter.name, filter.description, ParamPlace::Query, type,
                            filter.required, filter.choices});
  }
}

RouteDoc report_route(const projections::ReportDescriptor& report, const HttpLimits& limits,
                      std::string path, std::string_view except = {}) {
  RouteDoc route;
  route.path = std::move(path);
  route.tag = reads_tag;
  route.summary = report.name;
  route.description = report.description;
  route.answer = AnswerShape::Page;
  route.response_table = report.row_table;
  add_filters(route, report, except);
  add_page_params(route, limits);
  return route;
}

void add_report_routes(std::vector<RouteDoc>& routes, const projections::ReportDescriptor& report,
                       const HttpLimits& limits) {
  routes.push_back(report_route(report, limits, "/v1/reports/" + report.name));
  if (report.name == "alerts") routes.push_back(report_route(report, limits, "/v1/alerts"));
  if (report.name == "order_timeline") {
    RouteDoc timeline = report_route(report, limits, "/v1/orders/{id}/timeline", "order_id");
    timeline.params.insert(timeline.params.begin(), path_param("id", "The order's id."));
    routes.push_back(std::move(timeline));
  }
  if (report.key.empty()) return;
  RouteDoc row;
  row.path = "/v1/reports/" + report.name + "/{key}";
  row.tag = reads_tag;
  row.summary = "One row of " + report.name;
  row.response_table = report.row_table;
  row.params = {path_param("key", "The row's " + report.key + "."), min_position()};
  routes.push_back(row);
  for (const EntityRoute& entity : entity_routes) {
    if (entity.report != report.name) continue;
    row.path = entity.path;
    row.summary = entity.summary;
    row.params = {path_param("id", "Its " + report.key + "."), min_position()};
    routes.push_back(row);
  }
}

RouteDoc simple(std::string path, std::string tag, std::string summary, AnswerShape answer,
                std::vector<int> problems = {}) {
  RouteDoc route;
  route.path = std::move(path);
  route.tag = std::move(tag);
  route.summary = std::move(summary);
  route.answer = answer;
  route.problem_statuses = std::move(problems);
  return route;
}

void add_service_routes(std::vector<RouteDoc>& routes) {
  routes.push_back(simple("/livez", service_tag, "The process runs", AnswerShape::Text));
  RouteDoc ready =
      simple("/readyz", service_tag, "It can take commands and answer reads", AnswerShape::Text);
  ready.params = {{"verbose", "Says each check."},
                  {"exclude", "Names of checks that don't count, with commas."}};
  routes.push_back(std::move(ready));
  routes.push_back(simple("/metrics", service_tag, "Prometheus metrics", AnswerShape::Text));
  routes.push_back(simple("/openapi.json", service_tag, "This document", AnswerShape::Json));
  RouteDoc problem =
      simple("/problems/{code}", service_tag, "What a problem means", AnswerShape::Text, {404});
  problem.params = {path_param("code", "The last part of the problem's type.")};
  routes.push_back(std::move(problem));
}

}  // namespace

std::vector<RouteDoc> route_docs(std::span<const projections::ReportDescriptor> reports,
                                 const HttpLimits& limits) {
  std::vector<RouteDoc> routes;
  RouteDoc batch = simple("/v1/commands", "Commands", "Many commands, one JSON object a line",
                          AnswerShape::Lines, {400, 413, 415, 503});
  batch.method = "post";
  batch.operation_id = "CommandBatch";
  batch.description =
      "Each line is the body of a command with a member \"command\" (its name) and, if wanted, "
      "\"idempotency_key\". The answer has a line for each: index, status, and the answer or the "
      "problem. A bad line never stops the others.";
  batch.response_table = "BatchResult";
  batch.params = {{"Idempotency-Key", "Stands for a key of each row that has none of its own.",
                   ParamPlace::Header}};
  routes.push_back(std::move(batch));

  routes.push_back(simple("/v1/reports", reads_tag, "The reports there are", AnswerShape::Json));
  for (const auto& report : reports) add_report_routes(routes, report, limits);

  RouteDoc stream =
      simple("/v1/stream", reads_tag, "Every event, live", AnswerShape::Stream, {400, 503});
  stream.response_table = "Envelope";
  stream.params = {
      {"types", "Names of event types, with commas; otherwise all."},
      {"alerts", "Only DeliveryDelayed and DelayCleared.", ParamPlace::Query, ParamType::Boolean},
      {"after", "Where to begin: positions like 0:17,1:5, or start."},
      {"Last-Event-ID", "The same; wins over after.", ParamPlace::Header}};
  routes.push_back(std::move(stream));

  RouteDoc rebuild = simple("/v1/projections/{name}/rebuild", service_tag,
                            "Builds a read model anew beside the one that is served",
                            AnswerShape::Json, {404, 503});
  rebuild.method = "post";
  rebuild.params = {path_param("name", "Of a model or a report.")};
  routes.push_back(std::move(rebuild));
  add_service_routes(routes);
  return routes;
}

}  // namespace orderlog::http
