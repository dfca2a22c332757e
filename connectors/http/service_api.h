// What runs and explains the service: health, metrics, the OpenAPI document, problem pages, and the
// page at "/". What they say comes from whoever makes it; here is only how it is served.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/http/limits.h"
#include "events/base/result.h"
#include "projections/report.h"

namespace orderlog::http {

class Router;

struct HealthCheck {
  std::string name;  // "log", "read-models", "disk"
  bool ok = true;
  std::string detail;
};

struct ServiceParts {
  std::string version;
  // Quick; called on the loop's thread for every question.
  std::function<std::vector<HealthCheck>()> readiness;
  // The Prometheus text format, version 0.0.4. Loop's thread.
  std::function<std::string()> metrics;
  std::vector<projections::ReportDescriptor> reports;  // described in the OpenAPI document
  // Page at "/"; empty: a plain page with links.
  std::string start_page;
};

class ServiceApi {
 public:
  // Errors: InvalidArgument (the OpenAPI document can't be made).
  static Result<std::unique_ptr<ServiceApi>> make(ServiceParts parts, const HttpLimits& limits);
  ~ServiceApi();

  // GET /livez, /readyz?verbose&exclude=name, /metrics, /openapi.json, /problems/{code}, /.
  void add_routes(Router& router);
  const std::string& openapi() const;

 private:
  class Impl;
  explicit ServiceApi(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
