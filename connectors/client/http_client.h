// One connection to a server, one request at a time: for tools, imports and tests. Blocks; one
// thread at a time.
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
  // Idempotency-Key. Errors: Unavailable (nothing was sent: try again), Io and Timeout (sent; what
  // came of it is unknown), Corrupt, Overflow (the answer is not usable).
  Result<Response> request(const RequestText& request);

  Result<Response> get(std::string_view target, Headers headers = {});
  Result<Response> post(std::string_view target, std::string_view json, Headers headers = {});

  void disconnect();

 private:
  struct Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orderlog::client
