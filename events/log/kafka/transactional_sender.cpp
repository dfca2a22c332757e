#include "events/log/kafka/transactional_sender.h"

#include <librdkafka/rdkafka.h>

#include <chrono>

#include "events/log/kafka/transaction.h"

namespace orderlog::log::kafka {
namespace {

constexpr int queue_full_poll_ms = 10;

}  // namespace

Result<std::unique_ptr<TransactionalSender>> TransactionalSender::open(
    const SenderOptions& options) {
  std::unique_ptr<TransactionalSender> sender(new TransactionalSender(options));
  auto client =
      Client::open(Client::Kind::Producer, options.client,
                   {{"transactional.id", options.transactional_id},
                    {"enable.idempotence", "true"},
                    {"acks", "all"},
                    {"partitioner", "murmur2_random"},
                    {"linger.ms", "5"},
                    {"message.max.bytes", "9437184"},
                    {"transaction.timeout.ms", std::to_string(options.transaction_timeout_ms)},
                    {"message.timeout.ms", std::to_string(options.message_timeout_ms)},
                    {"retry.backoff.ms", "20"},
                    {"reconnect.backoff.max.ms", "1000"}});
  if (!client) return client.error();
  sender->client_ = std::move(client).value();
  const auto begun = begin_transactions(sender->client_, options.request_timeout_ms,
                                        "becoming " + options.transactional_id);
  if (!begun) return begun.error();
  return sender;
}

Status TransactionalSender::add(const OutgoingRecord& record) {
  if (!open_) {
    if (auto begun = begin_transaction(client_); !begun) return begun;
    open_ = true;
  }
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.transaction_timeout_ms);
  while (true) {
    const auto status = produce(client_, record);
    if (status) return {};
    // Its queue empties as records are delivered, or given up.
    if (status.error().code != ErrorCode::Unavailable ||
        std::chrono::steady_clock::now() >= deadline) {
      return give_up(status.error());
    }
    (void)rd_kafka_poll(client_.get(), queue_full_poll_ms);
  }
}

Status TransactionalSender::finish() {
  if (!open_) return {};
  open_ = false;
  return commit_transaction(client_, options_.transaction_timeout_ms, options_.request_timeout_ms);
}

Status TransactionalSender::give_up(const Error& why) {
  open_ = false;
  return abort_transaction(client_, why, options_.request_timeout_ms);
}

}  // namespace orderlog::log::kafka
