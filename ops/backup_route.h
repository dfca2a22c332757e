// POST /v1/backup {"directory": "/absolute/path"}: a checked copy of the log while it runs. One at
// a time; on a cluster it is refused.
#pragma once

#include <memory>

#include "connectors/http/router.h"

namespace orderlog::http {
class EventLoop;
}
namespace orderlog::log {
class EmbeddedLog;
}

namespace orderlog::ops {

class BackupRoute {
 public:
  // `log`: null on a cluster.
  BackupRoute(log::EmbeddedLog* log, http::EventLoop& loop);
  ~BackupRoute();
  void add_routes(http::Router& router);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::ops
