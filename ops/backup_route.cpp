#include "ops/backup_route.h"

#include <boost/json.hpp>
#include <optional>
#include <thread>

#include "connectors/http/event_loop.h"
#include "connectors/http/problem.h"
#include "events/log/embedded_log.h"

namespace orderlog::ops {

class BackupRoute::Impl {
 public:
  Impl(log::EmbeddedLog* log, http::EventLoop& loop) : log_(log), loop_(loop) {}
  ~Impl() {
    if (worker_.joinable()) worker_.join();
  }

  void handle(const http::Request& request, http::Responder responder) {
    if (log_ == nullptr) {
      return refuse(responder, http::ProblemType::NotOnThisLog,
                    "this node's log is a topic of a Kafka cluster, and what it has itself is only "
                    "a copy");
    }
    boost::system::error_code malformed;
    const auto body = boost::json::parse(
        boost::json::string_view(request.body.data(), request.body.size()), malformed);
    const auto* directory =
        !malformed && body.is_object() ? body.get_object().if_contains("directory") : nullptr;
    if (directory == nullptr || !directory->is_string() ||
        !directory->get_string().starts_with('/')) {
      return refuse(responder, http::ProblemType::InvalidCommand,
                    "\"directory\" must be an absolute path");
    }
    if (busy_) return refuse(responder, http::ProblemType::Overloaded, "a backup is under way");
    busy_ = true;
    if (worker_.joinable()) worker_.join();
    worker_ = std::thread([this, to = std::string(directory->get_string()), responder] {
      auto made = log_->create_backup(to);
      loop_.post([this, made = std::move(made), responder] {
        busy_ = false;
        answer(made, responder);
      });
    });
  }

 private:
  static void refuse(const http::Responder& responder, http::ProblemType type,
                     std::string_view detail) {
    http::Problem problem;
    problem.type = type;
    problem.detail = detail;
    http::send_problem(responder, problem);
  }

  static void answer(const Result<log::BackupInfo>& made, const http::Responder& responder) {
    if (!made) return refuse(responder, http::ProblemType::InternalError, made.error().message);
    const std::string body = boost::json::serialize(boost::json::object{
        {"id", made->id}, {"bytes", made->bytes}, {"files", made->files}, {"verified", true}});
    http::Reply reply;
    reply.body = body;
    responder.send(reply);
  }

  log::EmbeddedLog* const log_;
  http::EventLoop& loop_;
  bool busy_ = false;
  std::thread worker_;
};

BackupRoute::BackupRoute(log::EmbeddedLog* log, http::EventLoop& loop)
    : impl_(std::make_unique<Impl>(log, loop)) {}
BackupRoute::~BackupRoute() = default;

void BackupRoute::add_routes(http::Router& router) {
  router.add(http::Method::Post, "/v1/backup",
             [impl = impl_.get()](const http::Request& request, http::Responder responder) {
               impl->handle(request, std::move(responder));
             });
}

}  // namespace orderlog::ops
