#include "tests/events/kafka/raw_topic.h"

#include <librdkafka/rdkafka.h>

#include <stdexcept>

#include "events/log/kafka/topics.h"
#include "tests/events/kafka/kafka_setup.h"

namespace orderlog::log::test {
namespace {

constexpr int timeout_ms = 20'000;

void check(rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(code));
}

void await(rd_kafka_queue_t* queue) {
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, timeout_ms);
  if (event == nullptr) throw std::runtime_error("no answer");
  const auto code = rd_kafka_event_error(event);
  rd_kafka_event_destroy(event);
  check(code);
}

}  // namespace

void RawTopic::produce(const std::string& key, const std::string& value,
                       const std::map<std::string, std::string>& headers) {
  produce_all({{key, value, headers}});
}

void RawTopic::produce_all(const std::vector<RawRecord>& records) {
  auto client = must(kafka::Client::open(kafka::Client::Kind::Producer, kafka_client(),
                                         {{"acks", "all"}, {"enable.idempotence", "true"}}));
  for (const auto& [key, value, headers] : records) {
    rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
    for (const auto& [name, text] : headers) {
      check(rd_kafka_header_add(list, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                                static_cast<ssize_t>(text.size())));
    }
    check(rd_kafka_producev(client.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                            RD_KAFKA_V_KEY(key.empty() ? nullptr : key.data(), key.size()),
                            RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                            RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_END));
  }
  check(rd_kafka_flush(client.get(), timeout_ms));
}

std::vector<RawRecord> RawTopic::consume(std::size_t count) {
  auto client = must(kafka::Client::open(kafka::Client::Kind::Consumer, kafka_client(),
                                         {{"group.id", "raw"},
                                          {"isolation.level", "read_committed"},
                                          {"auto.offset.reset", "error"}}));
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic_.c_str(), 0)->offset = 0;
  check(rd_kafka_assign(client.get(), list));
  rd_kafka_topic_partition_list_destroy(list);
  std::vector<RawRecord> records;
  while (records.size() < count) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client.get(), timeout_ms);
    if (message == nullptr) throw std::runtime_error("no record came");
    check(message->err);
    RawRecord record;
    record.key.assign(static_cast<const char*>(message->key), message->key_len);
    record.value.assign(static_cast<const char*>(message->payload), message->len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t bytes = 0;
      for (std::size_t i = 0;
           rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR;
           ++i) {
        record.headers[name] = std::string(static_cast<const char*>(value), bytes);
      }
    }
    rd_kafka_message_destroy(message);
    records.push_back(std::move(record));
  }
  return records;
}

void RawTopic::delete_records_before(std::int64_t offset) {
  auto client = must(kafka::Client::open(kafka::Client::Kind::Producer, kafka_client(), {}));
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic_.c_str(), 0)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue);
  await(queue);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(request);
}

void RawTopic::make_anew(std::uint32_t partitions) {
  auto client = must(kafka::Client::open(kafka::Client::Kind::Producer, kafka_client(), {}));
  rd_kafka_DeleteTopic_t* request = rd_kafka_DeleteTopic_new(topic_.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_DeleteTopics(client.get(), &request, 1, nullptr, queue);
  await(queue);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy(request);
  kafka::TopicSpec spec;
  spec.name = topic_;
  spec.partitions = partitions;
  spec.replicas = 1;
  spec.settings = {{"retention.ms", "-1"}, {"max.message.bytes", "9437184"}};
  // The broker may still be at deleting.
  std::vector<std::string> made;
  while (made.empty()) made = must(kafka::make_missing_topics(kafka_client(), {spec}, timeout_ms));
}

}  // namespace orderlog::log::test
