// One connection to a server, one request at a time: for tools, imports, tests and between nodes.
// Blocks; one thread at a time, but for interrupt().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/client/response.h"
#include "events/base/result.h"

namespace orderlog::client {

struct ClientOptions {
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t request_timeout_ms = 30'000;  // from the first byte sent to the last received
};

class HttpClient {
 public:
  // Does not connect yet. Errors: InvalidArgument (url).
  static Result<HttpClient> open(std::string_view url, ClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Any status is a success here. A kept connection that turns out closed before a byte of the
  // answer came is opened anew, once, if the request may be repeated: not a POST without an
  // Idempotency-Key. Errors: Unavailable, InvalidArgument (nothing was sent), Io and Timeout (sent,
  // perhaps in part; what came of it is unknown), Corrupt, Overflow (the answer is not usable).
  Result<Response> request(const RequestText& request);

  Result<Response> get(std::string_view target, Headers headers = {});
  Result<Response> post(std::string_view target, std::string_view json, Headers headers = {});

  void disconnect();
  // Ends the request that is under way and refuses all later ones: for a thread that is to be
  // joined. Waits for nothing; a connection that is being made takes its time. Any thread.
  void interrupt();

 private:
  struct Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::client
