// What another node sends because this one leads: POST /v1/peer/commands, many commands in one
// request, all answered in one. Must hold: 1. a command is given to this node's engine and to
// nobody else, so nothing goes round in circles; 2. a problem as the answer means that nothing of
// the request was decided; 3. a command that cannot be taken spoils no other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "connectors/http/limits.h"

namespace orderlog::runtime {
class Engine;
}

namespace orderlog::http {

class EventLoop;
class Router;

struct PeerApiStats {
  std::uint64_t requests = 0;
  std::uint64_t requests_refused = 0;
  std::uint64_t commands = 0;
  std::uint64_t commands_refused = 0;  // not fit for the engine
  std::uint64_t commands_late = 0;     // answered as unknown, because others could not wait
};

// Must outlive the engine's last answer. Loop's thread only, but for its making and stats().
class PeerApi {
 public:
  // `log`: the name of the log that this cluster shares, the same on all of its nodes; who sends
  // another name means another cluster, and is told that nobody leads here.
  PeerApi(runtime::Engine& engine, EventLoop& loop, const HttpLimits& limits, std::string log);
  ~PeerApi();

  void add_routes(Router& router);

  // Any thread.
  PeerApiStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
