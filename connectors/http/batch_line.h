// One line of a batch: the command's body with two members beside it that say what it is. They are
// cut out, so that the rest is read, and fingerprinted, like the body of a single command.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace orderlog::http {

struct BatchLine {
  std::string_view command;                    // "command", without escapes; part of the line
  std::optional<std::string> idempotency_key;  // "idempotency_key"
  std::string body;                            // the object without these two
};

// Looks only at the outermost members, as far as needed to find their ends; what is wrong inside
// them is left to the reader of the body. Errors: InvalidArgument (no object, no command, a text
// that is none).
Result<BatchLine> read_batch_line(std::string_view line);

}  // namespace orderlog::http
