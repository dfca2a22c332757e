#include "events/log/kafka/topic_reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>

namespace orderlog::log::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

Bytes bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::uint8_t*>(data), size};
}

bool is_final(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

}  // namespace

struct TopicReader::Message {
  rd_kafka_message_t* handle = nullptr;
  void reset(rd_kafka_message_t* next = nullptr) {
    if (handle != nullptr) rd_kafka_message_destroy(handle);
    handle = next;
  }
  ~Message() { reset(); }
};

TopicReader::TopicReader(Client client, std::string topic)
    : client_(std::move(client)), topic_(std::move(topic)), message_(std::make_unique<Message>()) {}

TopicReader::~TopicReader() {
  message_.reset();  // before the client
}

Result<std::unique_ptr<TopicReader>> TopicReader::open(const ClientOptions& options,
                                                       const std::string& topic) {
  auto client = Client::open(Client::Kind::Consumer, options,
                             {{"group.id", "orderlog-reader"},  // never joined
                              {"enable.auto.commit", "false"},
                              {"enable.auto.offset.store", "false"},
                              {"auto.offset.reset", "earliest"},
                              {"enable.partition.eof", "true"},
                              {"isolation.level", "read_committed"},
                              {"allow.auto.create.topics", "false"},
                              {"reconnect.backoff.max.ms", "1000"}});
  if (!client) return client.error();
  return std::unique_ptr<TopicReader>(new TopicReader(std::move(client).value(), topic));
}

Status TopicReader::read(const std::map<PartitionId, std::int64_t>& from) {
  drained_to_.clear();
  rd_kafka_topic_partition_list_t* list =
      rd_kafka_topic_partition_list_new(static_cast<int>(from.size()));
  for (const auto& [partition, offset] : from) {
    rd_kafka_topic_partition_list_add(list, topic_.c_str(),
                                      static_cast<std::int32_t>(partition.value))
        ->offset = offset;
  }
  const auto code = rd_kafka_assign(client_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Status()
                                            : Status(error_of(code, "reading " + topic_));
}

Result<const TopicRecord*> TopicReader::poll(std::uint32_t timeout_ms) {
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
    message_->reset(rd_kafka_consumer_poll(
        client_.get(), static_cast<int>(std::max<std::int64_t>(left.count(), 0))));
    const rd_kafka_message_t* message = message_->handle;
    if (message == nullptr) return static_cast<const TopicRecord*>(nullptr);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      take(*message_);
      return static_cast<const TopicRecord*>(&record_);
    }
    if (is_final(message->err)) return error_of(message->err, "reading " + topic_);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      drained_to_[PartitionId(static_cast<std::uint32_t>(message->partition))] = message->offset;
    }
  }
}

void TopicReader::take(const Message& from) {
  const rd_kafka_message_t* message = from.handle;
  record_.partition = PartitionId(static_cast<std::uint32_t>(message->partition));
  record_.offset = message->offset;
  record_.at = std::max<std::int64_t>(rd_kafka_message_timestamp(message, nullptr), 0) * us_per_ms;
  record_.key = bytes_of(message->key, message->key_len);
  record_.value = bytes_of(message->payload, message->len);
  record_.headers.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record_.headers.emplace_back(name, std::string_view(static_cast<const char*>(value), bytes));
  }
}

std::optional<std::int64_t> TopicReader::drained_to(PartitionId partition) const {
  const auto found = drained_to_.find(partition);
  return found == drained_to_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::int64_t> TopicReader::end_of(PartitionId partition) const {
  std::int64_t low = RD_KAFKA_OFFSET_INVALID;
  std::int64_t high = RD_KAFKA_OFFSET_INVALID;
  const auto code = rd_kafka_get_watermark_offsets(
      client_.get(), topic_.c_str(), static_cast<std::int32_t>(partition.value), &low, &high);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0) return std::nullopt;
  return high;
}

}  // namespace orderlog::log::kafka
