// One connection: reads requests, hands them over, writes answers in order. Must hold: 1. every
// buffer is bounded by HttpLimits; 2. a request that arrives too slowly, an answer that is not
// fetched, and an idle connection end by the sweep; 3. a client that has sent its last byte still
// gets its answers. Loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "connectors/http/limits.h"
#include "connectors/http/problem.h"
#include "connectors/http/request.h"
#include "connectors/http/responder.h"

namespace orderlog::http {

class EventLoop;
class Session;

// What all sessions of a server share.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const HttpLimits& limits() const = 0;
  virtual void dispatch(Request& request, Responder responder) = 0;
  // Calls session.flush() once the present batch of answers is complete.
  virtual void wants_flush(std::shared_ptr<Session> session) = 0;
  virtual void closed(Session& session) = 0;
  // Takes `bytes` more (or gives them back) of large_bodies_bytes_max. False: they are not there.
  virtual bool reserve_body(std::int64_t bytes) = 0;
  // Value of the Date field, as of the last second.
  virtual std::string_view date() const = 0;
  // Seconds that never step back.
  virtual std::uint32_t now_seconds() const = 0;
  virtual std::int64_t now_us() const = 0;

  virtual void count_bytes_in(std::size_t bytes) = 0;
  virtual void count_bytes_out(std::size_t bytes) = 0;
  virtual void count_answer(int status, std::int64_t us) = 0;
  virtual void count_bad_request() = 0;
};

class Session : public ExchangeSink {
 public:
  virtual void start() = 0;
  virtual void flush() = 0;
  // Ends what has lasted too long.
  virtual void sweep() = 0;
  // No further requests; closes when the answers under way are out. Streams end.
  virtual void drain() = 0;
  virtual void close() = 0;
};

// `descriptor`: an accepted TCP socket, now the session's.
std::shared_ptr<Session> make_session(EventLoop& loop, int descriptor, SessionHost& host);

}  // namespace orderlog::http
