// Names of error codes, error text, and the end of the process on a bug.
#include "events/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace orderlog {

void ensure_failed(const char* file, int line, const char* condition, std::string_view message) {
  std::fprintf(stderr, "%s:%d: %.*s [broken: %s]\n", file, line, static_cast<int>(message.size()),
               message.data(), condition);
  std::fflush(stderr);
  std::abort();
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return "InvalidArgument";
    case ErrorCode::NotFound:
      return "NotFound";
    case ErrorCode::Conflict:
      return "Conflict";
    case ErrorCode::Corrupt:
      return "Corrupt";
    case ErrorCode::Io:
      return "Io";
    case ErrorCode::DiskFull:
      return "DiskFull";
    case ErrorCode::Locked:
      return "Locked";
    case ErrorCode::Fenced:
      return "Fenced";
    case ErrorCode::Unavailable:
      return "Unavailable";
    case ErrorCode::Timeout:
      return "Timeout";
    case ErrorCode::Overflow:
      return "Overflow";
    case ErrorCode::Unsupported:
      return "Unsupported";
    case ErrorCode::Internal:
      return "Internal";
  }
  return "Unknown";
}

std::string to_string(const Error& error) {
  std::string text(to_string(error.code));
  text += ": ";
  text += error.message;
  return text;
}

std::string quote_input(std::string_view input) {
  constexpr std::size_t shown_bytes_max = 60;
  std::string text = "\"";
  for (char c : input.substr(0, shown_bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (input.size() > shown_bytes_max) text += "…";
  text += '"';
  return text;
}

}  // namespace orderlog
