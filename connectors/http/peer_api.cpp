// A request is worked off in turns, like a batch of a client. One that takes too long is answered
// with what is there: what was not submitted yet will not be, the rest is unknown.
#include "connectors/http/peer_api.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "connectors/http/event_loop.h"
#include "connectors/http/peer_codec.h"
#include "connectors/http/peer_command.h"
#include "connectors/http/problem.h"
#include "connectors/http/router.h"
#include "engine/runtime/engine.h"

namespace orderlog::http {

namespace {

using runtime::Answer;
using runtime::Outcome;

struct Counters {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> requests_refused = 0;
  std::atomic<std::uint64_t> commands = 0;
  std::atomic<std::uint64_t> commands_refused = 0;
  std::atomic<std::uint64_t> commands_late = 0;
};

// What the requests at work share.
struct Desk {
  Desk(runtime::Engine& decider, EventLoop& thread, const HttpLimits& bounds, std::string name)
      : engine(decider), loop(thread), limits(bounds), log(std::move(name)) {}

  runtime::Engine& engine;
  EventLoop& loop;
  const HttpLimits limits;
  const std::string log;
  PeerCommandReader reader;
  flatbuffers::FlatBufferBuilder response;
  std::size_t at_work = 0;
  Counters counters;
};

Answer not_taken(Outcome outcome, std::string reason) {
  Answer answer;
  answer.outcome = outcome;
  answer.reason = std::move(reason);
  return answer;
}

Answer refused(codec::Problem problem) {
  if (problem.code == codec::ProblemCode::UnknownCommand) {
    return not_taken(Outcome::Unavailable, std::move(problem.detail));
  }
  Answer answer;
  answer.outcome = Outcome::Rejected;
  answer.rejection = engine::Rejection{engine::RejectionCode::InvalidArgument,
                                       std::move(problem.pointer), std::move(problem.detail)};
  return answer;
}

// One request at work.
class Work : public std::enable_shared_from_this<Work> {
 public:
  Work(Desk& desk, PeerRequestRead request, Responder responder)
      : desk_(desk),
        request_(std::move(request)),
        responder_(std::move(responder)),
        open_(request_.commands.size()),
        answers_(open_),
        answered_(open_) {
    ++desk_.at_work;
  }

  void start() {
    desk_.loop.after(desk_.limits.peer_answer_ms_max, [work = weak_from_this()] {
      if (const auto self = work.lock()) self->give_up();
    });
    turn();
  }

 private:
  void turn() {
    const std::size_t until = next_ + desk_.limits.batch_rows_per_turn;
    while (next_ < std::min(until, request_.commands.size())) submit(next_++);
    if (!done_ && next_ < request_.commands.size()) {
      desk_.loop.post([self = shared_from_this()] { self->turn(); });
    }
  }

  void submit(std::size_t index) {
    if (auto problem = desk_.reader.read(request_.commands[index])) {
      ++desk_.counters.commands_refused;
      return answered(index, refused(std::move(*problem)));
    }
    ++desk_.counters.commands;
    desk_.engine.submit(desk_.reader.bytes(),
                        [self = shared_from_this(), index](const Answer& answer) {
                          self->answered(index, answer);
                        });
  }

  void answered(std::size_t index, Answer answer) {
    if (done_) return;
    answers_[index] = std::move(answer);
    answered_[index] = true;
    if (--open_ == 0) send();
  }

  void give_up() {
    if (done_) return;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      if (answered_[i]) continue;
      ++desk_.counters.commands_late;
      answers_[i] = i < next_ ? not_taken(Outcome::Unknown, "it takes its leader too long")
                              : not_taken(Outcome::Unavailable, "its leader has too much to do");
    }
    next_ = request_.commands.size();
    send();
  }

  void send() {
    done_ = true;
    --desk_.at_work;
    write_peer_response(desk_.response, answers_);
    responder_.send(Reply{200,
                          peer_media_type,
                          {reinterpret_cast<const char*>(desk_.response.GetBufferPointer()),
                           desk_.response.GetSize()},
                          {}});
    // The timer remembers the request for some seconds more.
    answers_ = {};
    request_.storage.reset();
  }

  Desk& desk_;
  PeerRequestRead request_;
  Responder responder_;
  std::size_t next_ = 0;
  std::size_t open_;
  std::vector<Answer> answers_;
  std::vector<bool> answered_;
  bool done_ = false;
};

}  // namespace

class PeerApi::Impl {
 public:
  Impl(runtime::Engine& engine, EventLoop& loop, const HttpLimits& limits, std::string log)
      : desk(engine, loop, limits, std::move(log)) {}

  void handle(const Request& request, Responder responder);

  Desk desk;

 private:
  void refuse(const Request& request, const Responder& responder, ProblemType type,
              std::string_view detail);
};

void PeerApi::Impl::refuse(const Request& request, const Responder& responder, ProblemType type,
                           std::string_view detail) {
  ++desk.counters.requests_refused;
  Problem problem;
  problem.type = type;
  problem.detail = detail;
  problem.instance = request.path;
  send_problem(responder, problem);
}

void PeerApi::Impl::handle(const Request& request, Responder responder) {
  ++desk.counters.requests;
  if (!has_media_type(request, peer_media_type)) {
    return refuse(request, responder, ProblemType::UnsupportedMediaType,
                  "commands between nodes are application/x-flatbuffers");
  }
  auto read = read_peer_request(request.body);
  if (!read) {
    const bool too_many = read.error().code == ErrorCode::InvalidArgument;
    return refuse(request, responder,
                  too_many ? ProblemType::TooManyRows : ProblemType::MalformedFlatbuffer,
                  read.error().message);
  }
  if (desk.at_work >= desk.limits.peer_requests_max) {
    return refuse(request, responder, ProblemType::Overloaded, "too many nodes want something");
  }
  if (read->log != desk.log) {
    return refuse(request, responder, ProblemType::NotLeading, "this node serves another log");
  }
  if (read->commands.empty()) {
    return refuse(request, responder, ProblemType::MalformedFlatbuffer,
                  "there is no command in it");
  }
  std::make_shared<Work>(desk, std::move(*read), std::move(responder))->start();
}

PeerApi::PeerApi(runtime::Engine& engine, EventLoop& loop, const HttpLimits& limits,
                 std::string log)
    : impl_(std::make_unique<Impl>(engine, loop, limits, std::move(log))) {}
PeerApi::~PeerApi() = default;

void PeerApi::add_routes(Router& router) {
  router.add(Method::Post, peer_path,
             [impl = impl_.get()](const Request& request, Responder responder) {
               impl->handle(request, std::move(responder));
             });
}

PeerApiStats PeerApi::stats() const {
  const Counters& counters = impl_->desk.counters;
  return {counters.requests, counters.requests_refused, counters.commands,
          counters.commands_refused, counters.commands_late};
}

}  // namespace orderlog::http
