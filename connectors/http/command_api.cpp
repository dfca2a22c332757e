// The two command routes. Commands under way are kept in slots, so that their callbacks are small.
#include "connectors/http/command_api.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "connectors/http/answer_json.h"
#include "connectors/http/command_batch.h"
#include "connectors/http/command_submit.h"
#include "connectors/http/event_loop.h"
#include "connectors/http/router.h"
#include "events/codec/json_writer.h"

namespace orderlog::http {

namespace {

void refuse(const Responder& responder, ProblemType type, std::string_view detail,
            std::string_view instance) {
  Problem problem;
  problem.type = type;
  problem.detail = detail;
  problem.instance = instance;
  send_problem(responder, problem);
}

}  // namespace

class CommandApi::Impl {
 public:
  Impl(runtime::Engine& engine, EventLoop& loop, const Clock& wall_clock, const HttpLimits& limits,
       PeerForwarder* forwarder)
      : loop_(loop), limits_(limits), submitter_(engine, wall_clock, forwarder) {}

  std::uint64_t shed() const { return shed_.load(std::memory_order_relaxed); }
  void single(const Request& request, Responder responder);
  void batch(const Request& request, Responder responder);

 private:
  // A command between its submission and its answer.
  struct Waiting {
    Responder responder;
    std::string path;
  };
  bool has_turn(const Request& request);
  std::uint32_t take_slot(Responder responder, std::string_view path);
  void answered(std::uint32_t slot, const runtime::Answer& answer);

  EventLoop& loop_;
  const HttpLimits limits_;
  CommandSubmitter submitter_;
  std::vector<Waiting> waiting_;
  std::vector<std::uint32_t> free_;
  std::size_t batches_ = 0;
  std::size_t taken_in_turn_ = 0;
  std::atomic<std::uint64_t> shed_ = 0;
  std::string body_;    // scratch
  std::string fields_;  // scratch
};

// What is posted at the first command of a turn runs behind all that was ready to be read then.
bool CommandApi::Impl::has_turn(const Request& request) {
  if (request.pipelined && taken_in_turn_ >= limits_.commands_per_turn_max) {
    shed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  if (taken_in_turn_++ == 0) loop_.post([this] { taken_in_turn_ = 0; });
  return true;
}

std::uint32_t CommandApi::Impl::take_slot(Responder responder, std::string_view path) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(waiting_.size()));
    waiting_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  waiting_[slot].responder = std::move(responder);
  waiting_[slot].path.assign(path);
  return slot;
}

void CommandApi::Impl::single(const Request& request, Responder responder) {
  if (!has_turn(request)) {
    return refuse(responder, ProblemType::Overloaded, "more commands come than can be decided",
                  request.path);
  }
  // What is not there has no type either: an empty body is told to be no JSON.
  if (!request.body.empty() && !has_media_type(request, "application/json")) {
    return refuse(responder, ProblemType::UnsupportedMediaType, "a command is application/json",
                  request.path);
  }
  auto headers = read_command_headers(request);
  if (!headers) {
    return refuse(responder, ProblemType::InvalidHeader, headers.error().message, request.path);
  }
  const std::string_view key =
      headers->idempotency_key ? std::string_view(*headers->idempotency_key) : std::string_view();
  const std::uint32_t slot = take_slot(std::move(responder), request.path);
  const auto problems =
      submitter_.submit(request.params[0], request.body, *headers, key,
                        [this, slot](const runtime::Answer& answer) { answered(slot, answer); });
  if (problems.empty()) return;
  body_.clear();
  write_unreadable(body_, problems, request.path);
  waiting_[slot].responder.send(
      Reply{info_of(problem_type_of(problems)).status, problem_content_type, body_, {}});
  waiting_[slot].responder = {};
  free_.push_back(slot);
}

void CommandApi::Impl::answered(std::uint32_t slot, const runtime::Answer& answer) {
  const Responder responder = std::move(waiting_[slot].responder);
  body_.clear();
  fields_.clear();
  const int status = status_of(answer);
  if (answer.replayed && answer.outcome == runtime::Outcome::Accepted) {
    fields_ += "Idempotent-Replayed: true\r\n";
  }
  if (answer.outcome == runtime::Outcome::Accepted) {
    fields_ += "ETag: \"";
    codec::append_unsigned(fields_, answer.version);
    fields_ += "\"\r\n";
    body_ += '{';
    write_accepted(body_, answer);
    body_ += '}';
  } else {
    if (status == 503) fields_ += "Retry-After: 1\r\n";
    write_refused(body_, answer, waiting_[slot].path);
  }
  free_.push_back(slot);
  responder.send(
      Reply{status, status == 200 ? "application/json" : problem_content_type, body_, fields_});
}

void CommandApi::Impl::batch(const Request& request, Responder responder) {
  if (!has_media_type(request, "application/x-ndjson")) {
    return refuse(responder, ProblemType::UnsupportedMediaType, "a batch is application/x-ndjson",
                  request.path);
  }
  auto headers = read_command_headers(request);
  if (!headers) {
    return refuse(responder, ProblemType::InvalidHeader, headers.error().message, request.path);
  }
  if (headers->expected_version) {
    return refuse(responder, ProblemType::InvalidHeader,
                  "If-Match belongs to one command; give expected_version in the rows",
                  request.path);
  }
  if (batches_ == limits_.batches_max) {
    return refuse(responder, ProblemType::Overloaded, "too many batches are at work", request.path);
  }
  const std::string actor(headers->actor);
  auto batch = std::make_shared<CommandBatch>(submitter_, loop_, limits_.batch_rows_per_turn,
                                              std::string(request.body), std::move(*headers), actor,
                                              responder, [this] { --batches_; });
  if (batch->rows() > limits_.batch_rows_max) {
    return refuse(responder, ProblemType::TooManyRows,
                  "a batch has at most " + std::to_string(limits_.batch_rows_max) + " rows",
                  request.path);
  }
  if (batch->rows() == 0) return responder.send(Reply{200, "application/x-ndjson", {}, {}});
  ++batches_;
  batch->start();
}

CommandApi::CommandApi(runtime::Engine& engine, EventLoop& loop, const Clock& wall_clock,
                       const HttpLimits& limits, PeerForwarder* forwarder)
    : impl_(std::make_unique<Impl>(engine, loop, wall_clock, limits, forwarder)) {}
CommandApi::~CommandApi() = default;

std::uint64_t CommandApi::shed() const { return impl_->shed(); }

void CommandApi::add_routes(Router& router) {
  router.add(Method::Post, "/v1/commands/{name}",
             [impl = impl_.get()](const Request& request, Responder responder) {
               impl->single(request, std::move(responder));
             });
  router.add(Method::Post, "/v1/commands",
             [impl = impl_.get()](const Request& request, Responder responder) {
               impl->batch(request, std::move(responder));
             });
}

}  // namespace orderlog::http
