// The text of requests, and what of addresses and headers clients have to read.
#include "connectors/client/response.h"

#include <algorithm>

namespace orderlog::client {

namespace {

bool same_letter(char a, char b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  return lower(a) == lower(b);
}

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same_letter)) return value;
  }
  return std::nullopt;
}

Result<ServerAddress> parse_server_url(std::string_view url) {
  const auto refuse = [&] {
    return error(ErrorCode::InvalidArgument,
                 "not a server's address (like http://127.0.0.1:8080): " + quote_input(url));
  };
  std::string_view rest = url;
  constexpr std::string_view scheme = "http://";
  if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.find('/') != rest.npos || rest.find('@') != rest.npos) return refuse();
  std::string_view host = rest;
  std::string_view port = "80";
  const std::size_t colon = rest.rfind(':');
  if (colon != rest.npos && (rest.back() != ']')) {
    host = rest.substr(0, colon);
    port = rest.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (host.empty() || !digits) return refuse();
  return ServerAddress{std::string(host), std::string(port)};
}

void write_request(std::string& out, const ServerAddress& server, const RequestText& request) {
  out += request.method;
  out += ' ';
  out += request.target;
  out += " HTTP/1.1\r\nHost: ";
  out += server.host;
  out += ':';
  out += server.port;
  out += "\r\n";
  for (const auto& [name, value] : request.headers) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (!request.body.empty()) {
    out += "Content-Type: ";
    out += request.content_type;
    out += "\r\n";
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out += "Content-Length: ";
    out += std::to_string(request.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  out += request.body;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace orderlog::client
