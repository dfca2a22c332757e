// What clients send and get, whichever way they send it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/base/result.h"

namespace orderlog::client {

inline constexpr std::size_t response_header_bytes_max = 64 * 1024;
inline constexpr std::size_t response_body_bytes_max = 256 * 1024 * 1024;

using Headers = std::vector<std::pair<std::string, std::string>>;

// Borrowed for the call.
struct RequestText {
  std::string_view method = "GET";
  std::string_view target = "/";  // path and query, already encoded
  std::string_view body;
  std::string_view content_type = "application/json";  // sent when there is a body
  Headers headers;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  // Any case; nothing when there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

// "http://127.0.0.1:8080" or "127.0.0.1:8080", with an optional trailing slash.
struct ServerAddress {
  std::string host;
  std::string port;
};
// Errors: InvalidArgument (no such form; https is not spoken here).
Result<ServerAddress> parse_server_url(std::string_view url);

// Appends the request as it goes over the wire.
void write_request(std::string& out, const ServerAddress& server, const RequestText& request);

// '%' before everything but letters, digits and -._~ : for parts of paths and values of queries.
std::string percent_encoded(std::string_view text);

}  // namespace orderlog::client
