#include "events/log/kafka/follower.h"

#include <librdkafka/rdkafka.h>

#include <utility>

namespace orderlog::log::kafka {
namespace {

constexpr int poll_ms = 100;

struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

std::optional<CommitIndex> index_header(const rd_kafka_headers_t* headers, std::string_view name) {
  const void* value = nullptr;
  std::size_t bytes = 0;
  if (rd_kafka_header_get_last(headers, name.data(), &value, &bytes) !=
          RD_KAFKA_RESP_ERR_NO_ERROR ||
      value == nullptr) {
    return std::nullopt;
  }
  return read_index({static_cast<const char*>(value), bytes});
}

LogRecord record_of(const rd_kafka_message_t& message) {
  LogRecord record;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  record.value = {static_cast<const std::uint8_t*>(message.payload), message.len};
  if (const auto event = index_header(headers, event_header)) {
    record.kind = RecordKind::Event;
    record.commit = *event;
  } else if (const auto commit = index_header(headers, commit_header)) {
    record.kind = RecordKind::Commit;
    record.commit = *commit;
  }
  return record;
}

// What ends following; the rest (no connection, a new leader) librdkafka gets over by itself.
bool is_final(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
         code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
         code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR__FATAL;
}

}  // namespace

Result<std::unique_ptr<Follower>> Follower::start(const ClientOptions& options,
                                                  const std::string& topic,
                                                  std::vector<std::int64_t> from,
                                                  FollowerSink& sink) {
  const ClientSettings own{{"group.id", "orderlog-follower"},  // never joined: offsets are our own
                           {"enable.auto.commit", "false"},
                           {"enable.auto.offset.store", "false"},
                           {"enable.partition.eof", "true"},
                           {"auto.offset.reset", "error"},
                           {"isolation.level", "read_committed"},
                           {"allow.auto.create.topics", "false"},
                           {"check.crcs", "true"},
                           // A claim waits for the news that nothing comes behind the last marker.
                           {"fetch.wait.max.ms", "100"},
                           {"fetch.error.backoff.ms", "50"},
                           {"reconnect.backoff.max.ms", "1000"}};
  auto client = Client::open(Client::Kind::Consumer, options, own);
  if (!client) return client.error();
  std::unique_ptr<Follower> follower(
      new Follower(std::move(client).value(), topic, from.size(), sink));
  rd_kafka_topic_partition_list_t* list =
      rd_kafka_topic_partition_list_new(static_cast<int>(from.size()));
  for (std::size_t p = 0; p < from.size(); ++p) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), static_cast<std::int32_t>(p))->offset =
        from[p];
  }
  const auto code = rd_kafka_assign(follower->client_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "following " + topic);
  follower->thread_ = std::thread([self = follower.get()] { self->run(); });
  return follower;
}

Follower::~Follower() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Follower::run() {
  while (!stopping_) {
    const Message message(rd_kafka_consumer_poll(client_.get(), poll_ms));
    if (!message) continue;
    const PartitionId partition(static_cast<std::uint32_t>(message->partition));
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      sink_.reached(partition, message->offset);
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (auto status = take(partition, record_of(*message), message->offset); !status) {
        return sink_.stopped(
            error(status.error().code, topic_ + ", partition " + std::to_string(partition.value) +
                                           ", offset " + std::to_string(message->offset) + ": " +
                                           status.error().message));
      }
    } else if (is_final(message->err)) {
      const char* text = rd_kafka_message_errstr(message.get());
      return sink_.stopped(error_of(
          message->err,
          "following " + topic_ + (text ? std::string(" (") + text + ")" : std::string())));
    }
  }
}

Status Follower::take(PartitionId partition, const LogRecord& record, std::int64_t offset) {
  switch (record.kind) {
    case RecordKind::Foreign:
      sink_.foreign(partition, offset);
      return {};
    case RecordKind::Event:
      break;
    case RecordKind::Commit: {
      auto closing = read_closing_record(record.value);
      if (!closing) return closing.error();
      auto knows = sink_.knows(partition, *closing, offset);
      if (!knows) return knows.error();
      if (!*knows) break;
      assemblers_[partition.value].reset();
      return {};
    }
  }
  auto frame = assemblers_[partition.value].add(record);
  if (!frame) return frame.error();
  if (!*frame) return {};
  auto commit = CommitView::parse(**frame);
  if (!commit) return commit.error();
  if (!commit->verify_hash()) {
    return error(ErrorCode::Corrupt, "commit " + std::to_string(commit->index().value) +
                                         ": the hash does not match the bytes");
  }
  return sink_.take(partition, *commit, offset);
}

}  // namespace orderlog::log::kafka
