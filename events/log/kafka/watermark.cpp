#include "events/log/kafka/watermark.h"

#include <librdkafka/rdkafka.h>

#include <chrono>

namespace orderlog::log::kafka {
namespace {

constexpr int poll_ms = 100;

bool is_final(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
         code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

}  // namespace

Result<std::int64_t> high_watermark(const ClientOptions& options, const std::string& topic,
                                    PartitionId partition, std::uint32_t timeout_ms) {
  const std::string doing =
      "reading the end of partition " + std::to_string(partition.value) + " of " + topic;
  auto client = Client::open(Client::Kind::Consumer, options,
                             {{"group.id", "orderlog-watermark"},  // never joined
                              {"enable.auto.commit", "false"},
                              {"enable.partition.eof", "true"},
                              {"isolation.level", "read_uncommitted"},
                              // The end is told with the first answer, and where nothing is behind
                              // it the broker keeps that back for so long.
                              {"fetch.wait.max.ms", "10"},
                              {"allow.auto.create.topics", "false"},
                              {"fetch.error.backoff.ms", "50"},
                              {"reconnect.backoff.max.ms", "500"}});
  if (!client) return client.error();
  // Otherwise it would look for the topic once a second.
  if (auto known = partitions_of(*client, topic, timeout_ms); !known) return known.error();
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), static_cast<std::int32_t>(partition.value))
      ->offset = RD_KAFKA_OFFSET_END;
  const auto assigned = rd_kafka_assign(client->get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(assigned, doing);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client->get(), poll_ms);
    if (message == nullptr) continue;
    const auto code = message->err;
    const std::int64_t offset = message->offset;
    rd_kafka_message_destroy(message);
    // A record that came meanwhile lies at the end that was asked for.
    if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF || code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return offset;
    }
    if (is_final(code)) return error_of(code, doing);
  }
  const std::string trouble = client->last_trouble();
  return error(ErrorCode::Unavailable,
               doing + ": no answer in time" + (trouble.empty() ? "" : " (" + trouble + ")"));
}

}  // namespace orderlog::log::kafka
