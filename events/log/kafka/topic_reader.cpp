#include "events/log/kafka/topic_reader.h"

#include <librdkafka/rdkafka.h>

namespace orderlog::log::kafka {
namespace {

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
                              {"enable.partition.eof", "true"},
                              {"auto.offset.reset", "earliest"},
                              {"isolation.level", "read_committed"},
                              {"allow.auto.create.topics", "false"},
                              {"reconnect.backoff.max.ms", "1000"}});
  if (!client) return client.error();
  return std::unique_ptr<TopicReader>(new TopicReader(std::move(client).value(), topic));
}

Status TopicReader::read(const std::map<PartitionId, std::int64_t>& from) {
  rd_kafka_topic_partition_list_t* list =
      rd_kafka_topic_partition_list_new(static_cast<int>(from.size()));
  for (const auto& [partition, offset] : from) {
    rd_kafka_topic_partition_list_add(list, topic_.c_str(),
                                      static_cast<std::int32_t>(partition.value))
        ->offset = offset;
  }
  ended_.clear();
  partitions_ = from.size();
  const auto code = rd_kafka_assign(client_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Status()
                                            : Status(error_of(code, "reading " + topic_));
}

Result<const TopicRecord*> TopicReader::poll(std::uint32_t timeout_ms) {
  message_->reset(rd_kafka_consumer_poll(client_.get(), static_cast<int>(timeout_ms)));
  const rd_kafka_message_t* message = message_->handle;
  if (message == nullptr) return static_cast<const TopicRecord*>(nullptr);
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ended_.insert(message->partition);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (is_final(message->err)) return error_of(message->err, "reading " + topic_);
    return static_cast<const TopicRecord*>(nullptr);
  }
  ended_.erase(message->partition);
  record_.partition = PartitionId(static_cast<std::uint32_t>(message->partition));
  record_.offset = message->offset;
  record_.key = bytes_of(message->key, message->key_len);
  record_.value = bytes_of(message->payload, message->len);
  record_.headers.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t bytes = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record_.headers.emplace_back(name, std::string_view(static_cast<const char*>(value), bytes));
    }
  }
  return static_cast<const TopicRecord*>(&record_);
}

}  // namespace orderlog::log::kafka
