// Commands in, answers out: one at a time as JSON, or a batch as NDJSON. A command is decided on
// the loop's thread, in the order it came; its answer goes out when it is durable.
#pragma once

#include <cstdint>
#include <memory>

#include "connectors/http/limits.h"

namespace orderlog {
class Clock;
namespace runtime {
class Engine;
}
}  // namespace orderlog

namespace orderlog::http {

class EventLoop;
class PeerForwarder;
class Router;

// Must outlive the engine's last answer. Loop's thread only, but for its making.
class CommandApi {
 public:
  // `wall_clock`: for ids of commands that come without an Idempotency-Key. `forwarder`: takes
  // commands to the node that leads them; outlives this, but is stopped before it ends. Null:
  // nobody does.
  CommandApi(runtime::Engine& engine, EventLoop& loop, const Clock& wall_clock,
             const HttpLimits& limits, PeerForwarder* forwarder = nullptr);
  ~CommandApi();

  // POST /v1/commands/{Name} and POST /v1/commands.
  void add_routes(Router& router);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
