// A record on its way to any topic.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "events/log/commit_entries.h"
#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

// Views; what has a null address is null in Kafka: a null value deletes its key on a compacted
// topic.
struct OutgoingRecord {
  std::string_view topic;
  std::optional<std::int32_t> partition;  // none: by the key, as the client is set
  Bytes key;
  Bytes value;
  std::span<const std::pair<std::string_view, std::string_view>> headers;
};

// Gives a copy to the producer. `context` comes with what is said of its delivery. Errors:
// Unavailable (its queue is full), InvalidArgument (too large), those of the client.
Status produce(const Client& client, const OutgoingRecord& record, void* context = nullptr);

}  // namespace orderlog::log::kafka
