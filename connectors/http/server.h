// The listening socket and its connections. Must hold: 1. everything runs on the loop's thread but
// for what says otherwise; 2. the number of connections is bounded, one more is told so and closed;
// 3. after stop() is done no session is left.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "connectors/http/limits.h"
#include "events/base/result.h"

namespace orderlog::http {

class EventLoop;
class Router;

struct HttpStats {
  std::uint64_t connections = 0;  // open now
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t bad_requests = 0;
  std::array<std::uint64_t, 6> answers_by_class{};  // [2]: 200 to 299 and so on
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t answer_us_total = 0;
  // [i]: answers that took below 2^i µs from the request's last byte; last: the rest.
  std::array<std::uint64_t, 24> answer_us_log2{};
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  // The port that is listened on; useful when 0 was asked for.
  virtual std::uint16_t port() const = 0;
  // Any thread.
  virtual HttpStats stats() const = 0;
  // Accepts nobody any more, lets answers under way go out for at most `grace_ms`, closes the rest;
  // then `stopped`. Loop's thread.
  virtual void stop(std::uint32_t grace_ms, std::function<void()> stopped) = 0;
};

// `listen`: "127.0.0.1:8080", "[::1]:0", "localhost:8080". The loop and the router must outlive the
// server; destroy it when the loop no longer runs. Errors: InvalidArgument (address), Io (taken,
// not allowed).
Result<std::unique_ptr<HttpServer>> open_http_server(EventLoop& loop, const Router& router,
                                                     const std::string& listen,
                                                     const HttpLimits& limits = {});

}  // namespace orderlog::http
