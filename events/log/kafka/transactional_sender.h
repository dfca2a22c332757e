// Writes records to any topics in transactions: all of one are readable, or none. For what follows
// from the log and is not part of it. Must hold: 1. opening one fences whoever had its id before,
// and what that one had not committed has no effect; 2. after an error it is of no more use: close
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "events/log/kafka/client.h"
#include "events/log/kafka/outgoing_record.h"

namespace orderlog::log::kafka {

struct SenderOptions {
  ClientOptions client;
  std::string transactional_id;
  std::uint32_t request_timeout_ms = 10'000;
  std::uint32_t message_timeout_ms = 5'000;
  std::uint32_t transaction_timeout_ms = 10'000;
};

// Keys are placed as Java's producer places them. One thread.
class TransactionalSender {
 public:
  // Blocks until the earlier owner is fenced, at most the request timeout. Errors: Unavailable,
  // InvalidArgument (settings, or not allowed), Fenced, Io.
  static Result<std::unique_ptr<TransactionalSender>> open(const SenderOptions& options);

  // Copies the record into the transaction, which begins with its first one. Errors: as finish.
  Status add(const OutgoingRecord& record);
  // Commits. Errors: Unavailable (it has no effect), Timeout (not known), Fenced (somebody else has
  // the id).
  Status finish();

 private:
  explicit TransactionalSender(SenderOptions options) : options_(std::move(options)) {}
  Status give_up(const Error& why);

  const SenderOptions options_;
  Client client_;
  bool open_ = false;
};

}  // namespace orderlog::log::kafka
