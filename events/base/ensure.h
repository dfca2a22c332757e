// The third kind of "no": a bug. A broken invariant stops the process, in release builds too,
// because an engine that goes on after one would write the damage into the log. Never used for bad
// input.
#pragma once

#include <string_view>

namespace orderlog {

// Prints "file:line: message" to stderr and aborts. Any thread.
[[noreturn]] void ensure_failed(const char* file, int line, const char* condition,
                                std::string_view message);

}  // namespace orderlog

// `message` is evaluated only when the condition does not hold.
#define ORDERLOG_ENSURE(condition, message)                                 \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::orderlog::ensure_failed(__FILE__, __LINE__, #condition, (message)); \
  } while (false)
