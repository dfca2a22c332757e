// Bytes of a connection → requests, one after the other. Strict where leniency lets two servers see
// different requests in the same bytes (RFC 9112 section 11.2): one length, one coding, one Host.
// Must hold: no input crashes it or makes it keep more than the limits say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "connectors/http/limits.h"
#include "connectors/http/problem.h"
#include "connectors/http/request.h"

namespace orderlog::http {

enum class ReadState : std::uint8_t {
  NeedMore,    // everything usable was consumed
  HeaderDone,  // told once a request that has a body to come
  Complete,    // request() may be used; call next() before going on
  Failed,      // problem() says why; the connection can't be read any further
};

// One thread.
class RequestReader {
 public:
  explicit RequestReader(const HttpLimits& limits);
  ~RequestReader();

  struct Progress {
    std::size_t consumed = 0;
    ReadState state = ReadState::NeedMore;
  };
  // Reads on. Bytes that were not consumed must be given again, in front of what follows them.
  Progress read(std::string_view bytes);

  // With Complete. Its memory is the reader's, until next().
  Request& request();
  // With Complete or HeaderDone.
  bool keep_alive() const;
  bool expects_continue() const;
  bool is_http_1_1() const;

  // With Failed.
  ProblemType problem() const;
  std::string_view problem_detail() const;

  // Some bytes of a request were read, but not its last.
  bool started() const;
  std::size_t body_bytes() const;
  // Forgets the request, keeps the memory for the next one.
  void next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::http
