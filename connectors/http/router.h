// Paths → handlers. Patterns are literal segments and open ones: "/v1/orders/{id}/timeline".
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/request.h"
#include "connectors/http/responder.h"

namespace orderlog::http {

// Called on the loop's thread; answers through the responder, now or later, exactly once.
using Handler = std::function<void(const Request& request, Responder responder)>;

// Filled at start, then only read.
class Router {
 public:
  // Earlier routes win. HEAD is served by a path's GET. The same method and pattern twice is a bug.
  void add(Method method, std::string_view pattern, Handler handler);

  // Finds the handler and calls it; otherwise answers 404 or 405 (with Allow).
  void handle(Request& request, const Responder& responder) const;

 private:
  struct Route {
    std::string pattern;
    std::vector<std::string> segments;  // "" is an open one
    std::vector<std::pair<Method, Handler>> handlers;
  };
  const Route* find(Request& request) const;

  std::vector<Route> routes_;
};

}  // namespace orderlog::http
