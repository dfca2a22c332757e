// What runs and explains the service: health, metrics, the OpenAPI document, problem pages, and the
// page at "/". What they say comes from whoever makes it; here is only how it is served.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/http/limits.h"
#include "events/codec/openapi.h"
#include "projections/report.h"

namespace orderlog::http {

class Router;

struct Readiness {
  struct Check {
    std::string name;  // "log", "read models"
    bool ok = true;
    std::string detail;
  };
  std::vector<Check> checks;
};

struct SystemSources {
  std::string version;
  std::vector<projections::ReportDescriptor> reports;  // described in the OpenAPI document
  // The Prometheus text format, version 0.0.4. Loop's thread.
  std::function<std::string()> metrics;
  // Quick; called on the loop's thread for every question.
  std::function<Readiness()> readiness;
  // Page at "/"; empty: a plain page with links.
  std::string start_page;
  // Routes beside this room's own, for the OpenAPI document.
  std::vector<codec::RouteDoc> more_routes;
};

class SystemApi {
 public:
  explicit SystemApi(SystemSources sources, const HttpLimits& limits = {});
  ~SystemApi();

  // GET /livez, /readyz?verbose&exclude=name, /metrics, /openapi.json, /problems/{code}, /.
  void add_routes(Router& router);
  const std::string& openapi() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
