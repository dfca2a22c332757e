// The value of a record on Kafka as one line, for `decode` and `dlq`.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "events/base/result.h"

namespace orderlog::ops {

// Of an event, a command or a commit of the log, with the newline: as event_line.h says, a commit
// by the fields of its header. The bytes are 8-byte aligned. Errors: Corrupt (it is none of these),
// Unsupported (it looks like JSON).
Result<std::string> record_line(std::span<const std::uint8_t> record, bool json);

}  // namespace orderlog::ops
