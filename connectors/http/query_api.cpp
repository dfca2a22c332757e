// A read: check the question on the loop, wait for the position if asked, work it out on a query
// thread, answer on the loop.
#include "connectors/http/query_api.h"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "connectors/http/event_loop.h"
#include "connectors/http/positions.h"
#include "connectors/http/problem.h"
#include "connectors/http/query_pool.h"
#include "connectors/http/report_json.h"
#include "connectors/http/route_docs.h"
#include "connectors/http/router.h"
#include "events/base/clock.h"
#include "projections/runner/runner.h"

namespace orderlog::http {

namespace {

// What a query thread made of a question; sent on the loop's thread.
struct ReadAnswer {
  int status = 200;
  std::string body;
  std::string fields;
};

using Work = std::function<ReadAnswer()>;

ReadAnswer problem_answer(ProblemType type, std::string_view detail, std::string_view instance) {
  ReadAnswer answer;
  Problem problem;
  problem.type = type;
  problem.detail = detail;
  problem.instance = instance;
  write_problem(answer.body, problem);
  answer.status = info_of(type).status;
  if (answer.status == 503) answer.fields = "Retry-After: 1\r\n";
  return answer;
}

ReadAnswer failed_read(const Error& error, std::string_view instance) {
  return problem_answer(problem_of_read(error), error.message, instance);
}

}  // namespace

class QueryApi::Impl : public std::enable_shared_from_this<QueryApi::Impl> {
 public:
  Impl(projections::Runner& runner, EventLoop& loop, const Clock& clock, const HttpLimits& limits)
      : runner_(runner),
        loop_(loop),
        clock_(clock),
        limits_(limits),
        pool_(limits.query_threads, limits.query_queue_max) {}

  void list_reports(Responder responder) const;
  void report(const Request& request, Responder responder, std::string name,
              projections::Parameters fixed);
  void row(const Request& request, Responder responder, std::string report, std::string_view key);
  void rebuild(const Request& request, Responder responder);

 private:
  // Waits for the min_position, if there is one, then works.
  void read(const Request& request, const QueryParams& params, Responder responder, Work work);
  void wait(std::vector<projections::Position> positions, std::string path, Responder responder,
            Work work);
  void queue(const std::string& path, const Responder& responder, Work work);
  void send(const Responder& responder, ReadAnswer answer);
  const projections::ReportDescriptor* descriptor(std::string_view name) const;

  projections::Runner& runner_;
  EventLoop& loop_;
  const Clock& clock_;
  const HttpLimits limits_;
  std::atomic<std::size_t> waiting_{0};
  QueryPool pool_;  // last: its threads use the others
};

const projections::ReportDescriptor* QueryApi::Impl::descriptor(std::string_view name) const {
  for (const auto& report : runner_.reports()) {
    if (report.name == name) return &report;
  }
  return nullptr;
}

void QueryApi::Impl::send(const Responder& responder, ReadAnswer answer) {
  loop_.post([responder, answer = std::move(answer)] {
    responder.send(Reply{answer.status,
                         answer.status == 200 ? "application/json" : problem_content_type,
                         answer.body, answer.fields});
  });
}

void QueryApi::Impl::queue(const std::string& path, const Responder& responder, Work work) {
  const bool taken =
      pool_.submit([this, responder, work = std::move(work)] { send(responder, work()); });
  if (!taken) {
    send(responder, problem_answer(ProblemType::Overloaded, "too many reads are waiting", path));
  }
}

void QueryApi::Impl::wait(std::vector<projections::Position> positions, std::string path,
                          Responder responder, Work work) {
  if (waiting_.load() >= limits_.query_waiting_max) {
    return send(responder, problem_answer(ProblemType::Overloaded,
                                          "too many reads wait for their position", path));
  }
  ++waiting_;
  struct Pending {
    std::atomic<std::size_t> open;
    std::atomic<bool> failed{false};
  };
  auto pending = std::make_shared<Pending>();
  pending->open = positions.size();
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::milliseconds(limits_.min_position_wait_ms_max);
  auto self = shared_from_this();
  for (const auto& position : positions) {
    runner_.when_applied(position, deadline, [=](const Status& applied) {
      if (!applied && !pending->failed.exchange(true)) {
        self->send(responder, failed_read(applied.error(), path));
      }
      if (--pending->open > 0) return;
      --self->waiting_;
      if (!pending->failed) self->queue(path, responder, work);
    });
  }
}

void QueryApi::Impl::read(const Request& request, const QueryParams& params, Responder responder,
                          Work work) {
  const std::string path(request.path);
  std::string_view wanted = request.header("Min-Position").value_or("");
  if (const std::string* given = params.find("min_position")) wanted = *given;
  if (wanted.empty()) return queue(path, responder, std::move(work));
  auto positions = parse_positions(wanted, static_cast<std::uint32_t>(runner_.applied().size()));
  if (!positions) {
    return send(responder, problem_answer(ProblemType::InvalidParameter,
                                          "min_position: " + positions.error().message, path));
  }
  wait(std::move(*positions), path, std::move(responder), std::move(work));
}

void QueryApi::Impl::list_reports(Responder responder) const {
  std::string body = R"({"data":[)";
  for (const auto& report : runner_.reports()) {
    if (body.back() != '[') body += ',';
    write_report_description(body, report);
  }
  body += "]}";
  responder.send(Reply{200, "application/json", body, {}});
}

void QueryApi::Impl::report(const Request& request, Responder responder, std::string name,
                            projections::Parameters fixed) {
  const std::string path(request.path);
  const auto* about = descriptor(name);
  if (about == nullptr) {
    return send(responder, problem_answer(ProblemType::NotFound, "there is no such report", path));
  }
  auto params = QueryParams::parse(request.query);
  if (!params) return send(responder, failed_read(params.error(), path));
  auto asked = read_report_request(name, *params, limits_, std::move(fixed));
  if (!asked) return send(responder, failed_read(asked.error(), path));
  asked->as_of = clock_.now();
  read(request, *params, std::move(responder),
       [this, about, path, params = *params, asked = std::move(*asked)] {
         auto page = runner_.report(asked);
         if (!page) {
           const bool cursor = page.error().code == ErrorCode::InvalidArgument &&
                               page.error().message.find("cursor") != std::string::npos;
           return cursor ? problem_answer(ProblemType::InvalidCursor, page.error().message, path)
                         : failed_read(page.error(), path);
         }
         ReadAnswer answer;
         if (const Status written = write_page(answer.body, *about, *page); !written) {
           return failed_read(written.error(), path);
         }
         if (!page->next_cursor.empty()) {
           answer.fields =
               "Link: <" + next_target(path, params, page->next_cursor) + ">; rel=\"next\"\r\n";
         }
         return answer;
       });
}

void QueryApi::Impl::row(const Request& request, Responder responder, std::string report,
                         std::string_view key) {
  const std::string path(request.path);
  const auto* about = descriptor(report);
  if (about == nullptr || about->key.empty()) {
    return send(responder,
                problem_answer(ProblemType::NotFound, "there is no such report with a key", path));
  }
  auto params = QueryParams::parse(request.query);
  if (!params) return send(responder, failed_read(params.error(), path));
  auto decoded = percent_decoded(key, false);
  if (!decoded) return send(responder, failed_read(decoded.error(), path));
  for (const auto& [name, unused] : params->all()) {
    if (name == "min_position") continue;
    return send(responder, problem_answer(ProblemType::InvalidParameter,
                                          "no such parameter: " + quote_input(name), path));
  }
  read(request, *params, std::move(responder),
       [this, about, path, key = std::move(*decoded), as_of = clock_.now()] {
         auto found = runner_.row(about->name, key, as_of);
         if (!found) return failed_read(found.error(), path);
         if (!*found) {
           return problem_answer(ProblemType::NotFound, "no " + about->key + " " + quote_input(key),
                                 path);
         }
         ReadAnswer answer;
         if (const Status written = write_report_row(answer.body, *about, **found); !written) {
           return failed_read(written.error(), path);
         }
         return answer;
       });
}

void QueryApi::Impl::rebuild(const Request& request, Responder responder) {
  const std::string path(request.path);
  // Browsers ask before they send this type to another site, so no page can do it behind one's
  // back.
  if (!has_media_type(request, "application/json")) {
    return send(responder, problem_answer(ProblemType::UnsupportedMediaType,
                                          "the body is application/json", path));
  }
  queue(path, responder, [this, path, name = std::string(request.params[0])] {
    if (const Status begun = runner_.rebuild(name); !begun) return failed_read(begun.error(), path);
    ReadAnswer answer;
    answer.body = R"({"status":"rebuilding"})";
    return answer;
  });
}

QueryApi::QueryApi(projections::Runner& runner, EventLoop& loop, const Clock& clock,
                   const HttpLimits& limits)
    : impl_(std::make_shared<Impl>(runner, loop, clock, limits)) {}
QueryApi::~QueryApi() = default;

void QueryApi::add_routes(Router& router) {
  const auto impl = impl_.get();
  for (const EntityRoute& entity : entity_routes) {
    router.add(
        Method::Get, entity.path,
        [impl, report = std::string(entity.report)](const Request& request, Responder responder) {
          impl->row(request, std::move(responder), report, request.params[0]);
        });
  }
  router.add(Method::Get, "/v1/orders/{id}/timeline",
             [impl](const Request& request, Responder responder) {
               auto id = percent_decoded(request.params[0], false);
               const std::string order = id ? std::move(*id) : std::string(request.params[0]);
               impl->report(request, std::move(responder), "order_timeline", {{"order_id", order}});
             });
  router.add(Method::Get, "/v1/reports",
             [impl](const Request&, Responder responder) { impl->list_reports(responder); });
  router.add(Method::Get, "/v1/reports/{name}",
             [impl](const Request& request, Responder responder) {
               impl->report(request, std::move(responder), std::string(request.params[0]), {});
             });
  router.add(
      Method::Get, "/v1/reports/{name}/{key}", [impl](const Request& request, Responder responder) {
        impl->row(request, std::move(responder), std::string(request.params[0]), request.params[1]);
      });
  router.add(Method::Get, "/v1/alerts", [impl](const Request& request, Responder responder) {
    impl->report(request, std::move(responder), "alerts", {});
  });
  router.add(Method::Post, "/v1/projections/{name}/rebuild",
             [impl](const Request& request, Responder responder) {
               impl->rebuild(request, std::move(responder));
             });
}

}  // namespace orderlog::http
