#include "events/log/kafka/transaction.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>

namespace orderlog::log::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Of something that was sent and not confirmed; what became of it is the next owner's to find out.
Error unknown(const Error& why) {
  return why.code == ErrorCode::Fenced ? why : error(ErrorCode::Timeout, why.message);
}

}  // namespace

Status begin_transactions(const Client& client, std::uint32_t timeout_ms,
                          const std::string& doing) {
  const auto status =
      status_of(rd_kafka_init_transactions(client.get(), static_cast<int>(timeout_ms)), doing);
  if (status) return {};
  const std::string trouble = client.last_trouble();
  const auto code =
      status.error().code == ErrorCode::Timeout ? ErrorCode::Unavailable : status.error().code;
  return error(code, status.error().message + (trouble.empty() ? "" : " (" + trouble + ")"));
}

Status begin_transaction(const Client& client) {
  const auto begun = status_of(rd_kafka_begin_transaction(client.get()), "beginning a transaction");
  return begun ? Status() : Status(unknown(begun.error()));
}

Status commit_transaction(const Client& client, std::uint32_t commit_timeout_ms,
                          std::uint32_t abort_timeout_ms) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(commit_timeout_ms);
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    rd_kafka_error_t* failed = rd_kafka_commit_transaction(
        client.get(), static_cast<int>(std::max<std::int64_t>(left.count(), 1)));
    if (failed == nullptr) return {};
    const bool again = rd_kafka_error_is_retriable(failed) != 0;
    const bool abort = rd_kafka_error_txn_requires_abort(failed) != 0;
    const auto status = status_of(failed, "committing a transaction");
    if (abort) return abort_transaction(client, status.error(), abort_timeout_ms);
    if (!again || SteadyClock::now() >= deadline) return unknown(status.error());
  }
}

// Aborted: the transaction has certainly no effect. If even that fails, nobody knows.
Status abort_transaction(const Client& client, const Error& why, std::uint32_t timeout_ms) {
  const auto aborted =
      status_of(rd_kafka_abort_transaction(client.get(), static_cast<int>(timeout_ms)),
                "aborting a transaction");
  if (!aborted)
    return unknown(error(aborted.error().code, why.message + "; " + aborted.error().message));
  return error(ErrorCode::Unavailable, why.message);
}

}  // namespace orderlog::log::kafka
