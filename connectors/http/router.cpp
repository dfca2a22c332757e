// A walk over a few dozen patterns, the most used ones first: cheaper than anything clever.
#include "connectors/http/router.h"

#include <algorithm>

#include "connectors/http/problem.h"
#include "events/base/ensure.h"

namespace orderlog::http {

namespace {

// Takes the next segment off a path that begins with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool matches(const std::vector<std::string>& segments, std::string_view path,
             std::array<std::string_view, path_params_max>& params) {
  std::size_t open = 0;
  for (const std::string& expected : segments) {
    if (path.empty()) return false;
    const std::string_view segment = next_segment(path);
    if (!expected.empty()) {
      if (segment != expected) return false;
    } else {
      if (segment.empty()) return false;
      params[open++] = segment;
    }
  }
  return path.empty();
}

}  // namespace

void Router::add(Method method, std::string_view pattern, Handler handler) {
  ORDERLOG_ENSURE(pattern.starts_with('/'), "a pattern begins with a slash");
  auto route = std::find_if(routes_.begin(), routes_.end(),
                            [&](const Route& known) { return known.pattern == pattern; });
  if (route == routes_.end()) {
    Route added{std::string(pattern), {}, {}};
    std::size_t open = 0;
    std::string_view rest = pattern;
    while (rest.size() > 1) {
      const std::string_view segment = next_segment(rest);
      const bool is_open = segment.starts_with('{');
      open += is_open ? 1 : 0;
      added.segments.emplace_back(is_open ? std::string_view() : segment);
    }
    ORDERLOG_ENSURE(open <= path_params_max, "too many open segments");
    route = routes_.insert(routes_.end(), std::move(added));
  }
  for (const auto& [known, unused] : route->handlers) {
    ORDERLOG_ENSURE(known != method, "a route is added twice");
  }
  route->handlers.emplace_back(method, std::move(handler));
}

const Router::Route* Router::find(Request& request) const {
  for (const Route& route : routes_) {
    if (route.segments.empty() ? request.path == "/"
                               : matches(route.segments, request.path, request.params)) {
      return &route;
    }
  }
  return nullptr;
}

void Router::handle(Request& request, const Responder& responder) const {
  const Route* route = request.path.starts_with('/') ? find(request) : nullptr;
  if (route == nullptr) {
    Problem problem;
    problem.type = ProblemType::NoSuchRoute;
    problem.instance = request.path;
    return send_problem(responder, problem);
  }
  const Method wanted = request.method == Method::Head ? Method::Get : request.method;
  for (const auto& [method, handler] : route->handlers) {
    if (method == wanted) return handler(request, responder);
  }
  std::string allow = "Allow: ";
  for (const auto& [method, unused] : route->handlers) {
    if (allow.back() != ' ') allow += ", ";
    allow += to_string(method);
    if (method == Method::Get) allow += ", HEAD";
  }
  allow += "\r\n";
  Problem problem;
  problem.type = ProblemType::MethodNotAllowed;
  problem.instance = request.path;
  send_problem(responder, problem, allow);
}

}  // namespace orderlog::http
