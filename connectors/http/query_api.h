// Reads: rows and reports of the read models, on the query threads. A read may name a min_position
// (query parameter or field Min-Position) and then waits, bounded, until the read models have it.
#pragma once

#include <memory>

#include "connectors/http/limits.h"

namespace orderlog {
class Clock;
namespace projections {
class Runner;
}
}  // namespace orderlog

namespace orderlog::http {

class EventLoop;
class Router;

// The runner, the loop and the clock must outlive it. Destroying it ends the query threads; the
// loop must no longer run then, or be the caller.
class QueryApi {
 public:
  // `clock` gives the "now" of ages and lateness: business time.
  QueryApi(projections::Runner& runner, EventLoop& loop, const Clock& clock,
           const HttpLimits& limits);
  ~QueryApi();

  // GET /v1/orders/{id} and the other entity_routes, /v1/orders/{id}/timeline, /v1/reports,
  // /v1/reports/{name}, /v1/reports/{name}/{key}, /v1/alerts; POST /v1/projections/{name}/rebuild.
  void add_routes(Router& router);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace orderlog::http
