// Where a partition of a topic ends, also with what is not yet committed or aborted. Asked as a
// consumer that begins at the end: rd_kafka_query_watermark_offsets of librdkafka 2.0 may never
// return when the broker it asks dies.
#pragma once

#include <cstdint>
#include <string>

#include "events/base/ids.h"
#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

// The offset that the next record will have. Waits for a leader if there is none. Errors:
// Unavailable (not known in time), NotFound, InvalidArgument (not allowed).
Result<std::int64_t> high_watermark(const ClientOptions& options, const std::string& topic,
                                    PartitionId partition, std::uint32_t timeout_ms);

}  // namespace orderlog::log::kafka
