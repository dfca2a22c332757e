// The steps of a producer's transactions, and what their errors mean. Whoever gets any error but
// Unavailable from finishing one must close the producer: nobody knows what became of it.
#pragma once

#include <cstdint>
#include <string>

#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

// Once for a new producer: fences those that had its transactional.id before. Blocks. Errors:
// Unavailable, InvalidArgument (settings, or not allowed), Fenced, Io.
Status begin_transactions(const Client& client, std::uint32_t timeout_ms, const std::string& doing);

// Errors: Timeout, Fenced.
Status begin_transaction(const Client& client);
// Errors: Unavailable (aborted: it has no effect), Timeout (not known), Fenced (not known either).
Status commit_transaction(const Client& client, std::uint32_t commit_timeout_ms,
                          std::uint32_t abort_timeout_ms);
// Never success: `why` as Unavailable once the transaction is aborted, else as above.
Status abort_transaction(const Client& client, const Error& why, std::uint32_t timeout_ms);

}  // namespace orderlog::log::kafka
