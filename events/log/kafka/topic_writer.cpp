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
  const std::string topic(record.topic);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    (void)rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                              static_cast<ssize_t>(value.size()));
  }
  auto owned = std::make_unique<Done>(std::move(done));
  const auto code = rd_kafka_producev(
      client_.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
      RD_KAFKA_V_PARTITION(record.partition.value_or(RD_KAFKA_PARTITION_UA)),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE(const_cast<std::uint8_t*>(record.value.data()), record.value.size()),
      RD_KAFKA_V_KEY(const_cast<std::uint8_t*>(record.key.data()), record.key.size()),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(owned.get()), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (void)owned.release();
    return {};
  }
  rd_kafka_headers_destroy(headers);
  auto failed = error_of(code, "writing to " + topic);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) failed.code = ErrorCode::Unavailable;
  return failed;
}

}  // namespace orderlog::log::kafka
