// Structured logs: one line a fact, as text for people or as JSON for machines, on standard error.
#pragma once

#include <string>

namespace orderlog::ops {

// level: debug, info, warn, error. format: text, json.
void set_up_logging(const std::string& level, const std::string& format);

}  // namespace orderlog::ops
