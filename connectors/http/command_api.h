// Commands in, answers out: one at a time as JSON, or a batch as NDJSON. A command is decided on
// the loop's thread, in the order it came; its answer goes out when it is durable. When more come
// than can be decided, some are refused at once, before anything else is done with them, so that
// the others are answered soon (HttpLimits::commands_per_turn_max).
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

// Must outlive the engine's last answer and the loop's last task. Loop's thread only, but for its
// making.
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
  // Commands refused because too many were ready at once. Any thread.
  std::uint64_t shed() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
