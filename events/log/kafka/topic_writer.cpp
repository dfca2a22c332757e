#include "events/log/kafka/topic_writer.h"

#include <librdkafka/rdkafka.h>

namespace orderlog::log::kafka {
namespace {

constexpr int poll_ms = 100;
using Done = std::function<void(const Status&)>;

void on_delivery(const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<Done> done(static_cast<Done*>(message->_private));
  (*done)(message->err == RD_KAFKA_RESP_ERR_NO_ERROR
              ? Status()
              : Status(error_of(message->err, "writing a record")));
}

}  // namespace

Result<std::unique_ptr<TopicWriter>> TopicWriter::open(const ClientOptions& options) {
  auto client = Client::open(Client::Kind::Producer, options,
                             {{"enable.idempotence", "true"},
                              {"acks", "all"},
                              {"partitioner", "murmur2_random"},
                              {"linger.ms", "5"},
                              {"message.max.bytes", "9437184"},
                              {"reconnect.backoff.max.ms", "1000"}},
                             {.delivered = &on_delivery});
  if (!client) return client.error();
  std::unique_ptr<TopicWriter> writer(new TopicWriter);
  writer->client_ = std::move(client).value();
  writer->thread_ = std::thread([self = writer.get()] { self->run(); });
  return writer;
}

TopicWriter::~TopicWriter() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void TopicWriter::run() {
  while (!stopping_) (void)rd_kafka_poll(client_.get(), poll_ms);
  // Whoever waits hears what became of his record.
  (void)rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (rd_kafka_outq_len(client_.get()) > 0) (void)rd_kafka_poll(client_.get(), poll_ms);
}

Status TopicWriter::write(const OutgoingRecord& record, std::function<void(const Status&)> done) {
  auto owned = std::make_unique<Done>(std::move(done));
  const auto status = produce(client_, record, owned.get());
  if (status) (void)owned.release();
  return status;
}

}  // namespace orderlog::log::kafka
