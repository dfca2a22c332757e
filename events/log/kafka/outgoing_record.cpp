#include "events/log/kafka/outgoing_record.h"

#include <librdkafka/rdkafka.h>

namespace orderlog::log::kafka {

Status produce(const Client& client, const OutgoingRecord& record, void* context) {
  const std::string topic(record.topic);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    (void)rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                              static_cast<ssize_t>(value.size()));
  }
  const auto code = rd_kafka_producev(
      client.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
      RD_KAFKA_V_PARTITION(record.partition.value_or(RD_KAFKA_PARTITION_UA)),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_VALUE(const_cast<std::uint8_t*>(record.value.data()), record.value.size()),
      RD_KAFKA_V_KEY(const_cast<std::uint8_t*>(record.key.data()), record.key.size()),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(context), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  // One that was refused leaves them to us.
  rd_kafka_headers_destroy(headers);
  auto failed = error_of(code, "writing to " + topic);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) failed.code = ErrorCode::Unavailable;
  return failed;
}

}  // namespace orderlog::log::kafka
