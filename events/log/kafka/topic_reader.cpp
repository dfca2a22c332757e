#include "events/log/kafka/topic_reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>

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

TopicReader::TopicReader(Client client, std::string topic, OnTopicGap on_gap)
    : client_(std::move(client)),
      topic_(std::move(topic)),
      on_gap_(std::move(on_gap)),
      message_(std::make_unique<Message>()) {}

TopicReader::~TopicReader() {
  message_.reset();  // before the client
}

Result<std::unique_ptr<TopicReader>> TopicReader::open(const ClientOptions& options,
                                                       const std::string& topic,
                                                       OnTopicGap on_gap) {
  auto client = Client::open(Client::Kind::Consumer, options,
                             {{"group.id", "orderlog-reader"},  // never joined
                              {"enable.auto.commit", "false"},
                              {"enable.auto.offset.store", "false"},
                              {"auto.offset.reset", "error"},
                              {"enable.partition.eof", "true"},
                              {"isolation.level", "read_committed"},
                              {"allow.auto.create.topics", "false"},
                              {"reconnect.backoff.max.ms", "1000"}});
  if (!client) return client.error();
  return std::unique_ptr<TopicReader>(
      new TopicReader(std::move(client).value(), topic, std::move(on_gap)));
}

Status TopicReader::read(const std::map<PartitionId, std::int64_t>& from) {
  positions_.clear();
  gaps_.clear();
  for (const auto& [partition, offset] : from) positions_[partition] = {offset, false};
  return assign();
}

// From the positions; where there is a gap, from the first record.
Status TopicReader::assign() {
  rd_kafka_topic_partition_list_t* list =
      rd_kafka_topic_partition_list_new(static_cast<int>(positions_.size()));
  for (const auto& [partition, position] : positions_) {
    rd_kafka_topic_partition_list_add(list, topic_.c_str(),
                                      static_cast<std::int32_t>(partition.value))
        ->offset = gaps_.contains(partition) ? RD_KAFKA_OFFSET_BEGINNING : position.next;
  }
  const auto code = rd_kafka_assign(client_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Status()
                                            : Status(error_of(code, "reading " + topic_));
}

void TopicReader::close_gap(PartitionId partition, std::int64_t first) {
  const auto gap = gaps_.find(partition);
  if (gap == gaps_.end()) return;
  const std::int64_t expected = gap->second;
  gaps_.erase(gap);
  if (on_gap_ && first != expected) on_gap_({partition, expected, first});
}

Result<const TopicRecord*> TopicReader::poll(std::uint32_t timeout_ms) {
  constexpr const TopicRecord* nothing = nullptr;
  message_->reset(rd_kafka_consumer_poll(client_.get(), static_cast<int>(timeout_ms)));
  const rd_kafka_message_t* message = message_->handle;
  if (message == nullptr) return nothing;
  if (is_final(message->err)) return error_of(message->err, "reading " + topic_);
  const PartitionId partition(static_cast<std::uint32_t>(message->partition));
  const auto position = positions_.find(partition);
  if (position == positions_.end()) return nothing;
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      close_gap(partition, message->offset);
      position->second = {message->offset + 1, false};
      return take_up();
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      close_gap(partition, message->offset);
      position->second = {message->offset, true};
      return nothing;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      gaps_.emplace(partition, position->second.next);
      if (auto status = assign(); !status) return status.error();
      return nothing;
    default:
      return nothing;
  }
}

// The message as a record.
const TopicRecord* TopicReader::take_up() {
  const rd_kafka_message_t* message = message_->handle;
  record_.partition = PartitionId(static_cast<std::uint32_t>(message->partition));
  record_.offset = message->offset;
  record_.at = std::max<std::int64_t>(rd_kafka_message_timestamp(message, nullptr), 0) * us_per_ms;
  record_.key = bytes_of(message->key, message->key_len);
  record_.value = bytes_of(message->payload, message->len);
  record_.headers.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return &record_;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record_.headers.emplace_back(name, std::string_view(static_cast<const char*>(value), bytes));
  }
  return &record_;
}

bool TopicReader::at_end() const {
  return std::all_of(positions_.begin(), positions_.end(),
                     [](const auto& entry) { return entry.second.at_end; });
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
