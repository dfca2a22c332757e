// Health, metrics and documents. All of it is text made at start, or by the callbacks given.
#include "connectors/http/system_api.h"

#include <algorithm>

#include "connectors/http/problem.h"
#include "connectors/http/route_docs.h"
#include "connectors/http/router.h"
#include "engine/runtime/aggregate_ops.h"
#include "events/base/ensure.h"
#include "events/codec/schema_registry.h"

namespace orderlog::http {

namespace {

constexpr std::string_view html_fields =
    "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'self'; style-src "
    "'unsafe-inline'\r\n";

constexpr std::string_view plain_start_page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>orderlog</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em}</style></head><body>
<h1>orderlog</h1>
<p>An event-sourced order processing engine. Commands go in, events come out, everything else is derived.</p>
<ul>
<li><code>POST /v1/commands/{Name}</code>, <code>POST /v1/commands</code> (NDJSON): see <a href="/openapi.json">/openapi.json</a></li>
<li><code>GET /v1/orders/{id}</code>, <code>/v1/orders/{id}/timeline</code></li>
<li><a href="/v1/reports">/v1/reports</a>, <a href="/v1/alerts">/v1/alerts</a></li>
<li><a href="/v1/stream">/v1/stream</a> (server-sent events)</li>
<li><a href="/readyz?verbose">/readyz?verbose</a>, <a href="/livez">/livez</a>, <a href="/metrics">/metrics</a></li>
</ul></body></html>
)";

constexpr std::string_view answer_schema = R"({
  "type": "object",
  "description": "An accepted command: its events are durable.",
  "properties": {
    "command_id": {"type": "string", "format": "uuid"},
    "aggregate": {"type": "string"},
    "aggregate_id": {"type": "string"},
    "version": {"type": "integer", "description": "Of the aggregate, after the command."},
    "position": {"type": "string", "description": "partition:sequence; for min_position of reads."},
    "events": {"type": "array", "items": {"type": "object", "properties": {
      "type": {"type": "string"}, "seq": {"type": "integer"},
      "event_id": {"type": "string", "format": "uuid"}},
      "required": ["type", "seq", "event_id"]}}
  },
  "required": ["command_id", "aggregate", "aggregate_id", "version", "position", "events"]
})";

constexpr std::string_view batch_result_schema = R"({
  "type": "object",
  "description": "One line of a batch's answer: a CommandAnswer's members when status is 200.",
  "properties": {
    "index": {"type": "integer", "description": "Of the row, from 0; blank lines don't count."},
    "status": {"type": "integer"},
    "replayed": {"type": "boolean"},
    "problem": {"type": "object"}
  },
  "required": ["index", "status"]
})";

void answer_not_found(const Request& request, const Responder& responder) {
  Problem problem;
  problem.type = ProblemType::NotFound;
  problem.instance = request.path;
  send_problem(responder, problem);
}

bool is_listed(std::string_view list, std::string_view name) {
  for (std::string_view rest = list; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (rest.substr(0, end) == name) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace

class SystemApi::Impl {
 public:
  Impl(SystemSources sources, const HttpLimits& limits);

  void ready(const Request& request, const Responder& responder) const;
  void problem_page(const Request& request, const Responder& responder) const;
  std::string_view start_page() const {
    return sources_.start_page.empty() ? plain_start_page : std::string_view(sources_.start_page);
  }
  std::string metrics() const { return sources_.metrics ? sources_.metrics() : std::string(); }
  const std::string& openapi() const { return openapi_; }

 private:
  SystemSources sources_;
  std::string openapi_;
};

SystemApi::Impl::Impl(SystemSources sources, const HttpLimits& limits)
    : sources_(std::move(sources)) {
  codec::ApiInfo info;
  info.version = sources_.version;
  info.description = "Event-sourced order processing: commands in, events, reports and alerts out.";
  info.extra_schemas = {{"CommandAnswer", std::string(answer_schema)},
                        {"BatchResult", std::string(batch_result_schema)}};
  info.command_answer = "CommandAnswer";
  info.command_problem_statuses = {400, 403, 404, 409, 412, 413, 415, 422, 503};
  auto routes = route_docs(sources_.reports, limits);
  routes.insert(routes.end(), sources_.more_routes.begin(), sources_.more_routes.end());
  auto document = codec::openapi_document(
      codec::SchemaRegistry::builtin(), info, routes,
      [](const codec::MessageInfo& command) { return !runtime::is_engine_only(command.name); });
  ORDERLOG_ENSURE(document.ok(), document.error().message);
  openapi_ = std::move(*document);
}

void SystemApi::Impl::ready(const Request& request, const Responder& responder) const {
  auto params = QueryParams::parse(request.query);
  const bool verbose = params && params->find("verbose") != nullptr;
  const std::string* excluded = params ? params->find("exclude") : nullptr;
  bool ok = true;
  std::string text;
  for (const Readiness::Check& check :
       sources_.readiness ? sources_.readiness().checks : std::vector<Readiness::Check>()) {
    if (excluded != nullptr && is_listed(*excluded, check.name)) {
      text += "[ ] " + check.name + " excluded\n";
      continue;
    }
    ok = ok && check.ok;
    if (!verbose && check.ok) continue;
    text += (check.ok ? "[+] " : "[-] ") + check.name;
    if (!check.detail.empty()) text += ": " + check.detail;
    text += '\n';
  }
  text += ok ? "ready\n" : "not ready\n";
  responder.send(
      Reply{ok ? 200 : 503, "text/plain; charset=utf-8", text,
            ok ? "Cache-Control: no-store\r\n" : "Cache-Control: no-store\r\nRetry-After: 1\r\n"});
}

void SystemApi::Impl::problem_page(const Request& request, const Responder& responder) const {
  const ProblemInfo* info = problem_info(request.params[0]);
  if (info == nullptr) return answer_not_found(request, responder);
  std::string text(info->code);
  text += "\n\n" + std::string(info->title) + " (status " + std::to_string(info->status) + ").\n\n";
  text += info->meaning;
  text += '\n';
  responder.send(Reply{200, "text/plain; charset=utf-8", text, {}});
}

SystemApi::SystemApi(SystemSources sources, const HttpLimits& limits)
    : impl_(std::make_unique<Impl>(std::move(sources), limits)) {}
SystemApi::~SystemApi() = default;
const std::string& SystemApi::openapi() const { return impl_->openapi(); }

void SystemApi::add_routes(Router& router) {
  const auto* impl = impl_.get();
  router.add(Method::Get, "/livez", [](const Request&, const Responder& responder) {
    responder.send(Reply{200, "text/plain; charset=utf-8", "ok\n", "Cache-Control: no-store\r\n"});
  });
  router.add(Method::Get, "/readyz", [impl](const Request& request, const Responder& responder) {
    impl->ready(request, responder);
  });
  router.add(Method::Get, "/metrics", [impl](const Request&, const Responder& responder) {
    responder.send(Reply{200, "text/plain; version=0.0.4; charset=utf-8", impl->metrics(), {}});
  });
  router.add(Method::Get, "/openapi.json", [impl](const Request&, const Responder& responder) {
    responder.send(Reply{200, "application/json", impl->openapi(), {}});
  });
  router.add(Method::Get, "/problems/{code}",
             [impl](const Request& request, const Responder& responder) {
               impl->problem_page(request, responder);
             });
  router.add(Method::Get, "/", [impl](const Request&, const Responder& responder) {
    responder.send(Reply{200, "text/html; charset=utf-8", impl->start_page(), html_fields});
  });
}

}  // namespace orderlog::http
