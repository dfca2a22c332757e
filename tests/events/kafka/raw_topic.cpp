#include "tests/events/kafka/raw_topic.h"

#include <librdkafka/rdkafka.h>

#include <future>
#include <memory>
#include <stdexcept>

#include "events/log/kafka/topic_reader.h"
#include "events/log/kafka/topic_writer.h"
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
  auto writer = must(kafka::TopicWriter::open(kafka_client()));
  std::vector<std::future<Status>> written;
  for (const auto& [key, value, headers] : records) {
    const std::vector<std::pair<std::string_view, std::string_view>> list(headers.begin(),
                                                                          headers.end());
    kafka::OutgoingRecord record;
    record.topic = topic_;
    record.partition = 0;
    if (!key.empty()) record.key = bytes_of(key);
    record.value = bytes_of(value);
    record.headers = list;
    auto outcome = std::make_shared<std::promise<Status>>();
    written.push_back(outcome->get_future());
    must(writer->write(record, [outcome](const Status& status) { outcome->set_value(status); }));
  }
  for (auto& outcome : written) must(outcome.get());
}

std::vector<RawRecord> RawTopic::consume(std::size_t count) {
  auto reader = must(kafka::TopicReader::open(kafka_client(), topic_));
  must(reader->read({{PartitionId(0), 0}}));
  std::vector<RawRecord> records;
  while (records.size() < count) {
    const kafka::TopicRecord* record = must(reader->poll(timeout_ms));
    if (record == nullptr) throw std::runtime_error("no record came");
    RawRecord raw{text_of(record->key), text_of(record->value), {}};
    for (const auto& [name, value] : record->headers) {
      raw.headers.emplace(std::string(name), std::string(value));
    }
    records.push_back(std::move(raw));
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
