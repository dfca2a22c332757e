#include "ops/dead_letter_topic.h"

#include <charconv>
#include <chrono>

#include "events/log/kafka/topics.h"
#include "events/log/kafka/watermark.h"
#include "ops/cluster.h"

namespace orderlog::ops {
namespace {

constexpr std::uint32_t poll_ms = 100;
// How long the broker waits for more before it says that a partition ends.
constexpr std::uint32_t end_wait_ms = 10;

template <class Int>
bool read_number(std::string_view text, Int& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() && value >= 0;
}

}  // namespace

std::string to_string(const TopicPlace& place) {
  return std::to_string(place.partition) + ":" + std::to_string(place.offset);
}

Result<TopicPlace> parse_place(const std::string& text) {
  TopicPlace place;
  const auto colon = text.find(':');
  if (colon == std::string::npos ||
      !read_number(std::string_view(text).substr(0, colon), place.partition) ||
      !read_number(std::string_view(text).substr(colon + 1), place.offset)) {
    return error(ErrorCode::InvalidArgument,
                 "PARTITION:OFFSET is expected, such as 0:12, not " + quote_input(text));
  }
  return place;
}

Result<std::unique_ptr<DeadLetterTopic>> DeadLetterTopic::open(const std::string& config) {
  auto configuration = load_configuration(config);
  if (!configuration) return configuration.error();
  if (!configuration->kafka)
    return error(ErrorCode::InvalidArgument, config + " has no section [kafka]");
  std::unique_ptr<DeadLetterTopic> topic(new DeadLetterTopic);
  topic->kafka_ = *configuration->kafka;
  topic->name_ = dead_letter_topic(topic->kafka_);
  topic->client_ = cluster_log_options(*configuration, "").client;
  topic->client_.settings["fetch.wait.max.ms"] = std::to_string(end_wait_ms);
  auto inspector = log::kafka::open_inspector(topic->client_);
  if (!inspector) return inspector.error();
  auto partitions =
      log::kafka::partitions_of(*inspector, topic->name_, topic->kafka_.request_timeout_ms);
  if (!partitions) return with_advice(partitions.error(), config);
  topic->partition_count_ = *partitions;
  auto reader = log::kafka::TopicReader::open(
      topic->client_, topic->name_,
      [self = topic.get()](const log::kafka::TopicGap& gap) { self->gap_ = gap; });
  if (!reader) return reader.error();
  topic->reader_ = std::move(reader).value();
  return topic;
}

DeadLetterTopic::~DeadLetterTopic() = default;

Status DeadLetterTopic::check_partition(TopicPlace place) const {
  if (place.partition < partition_count_) return {};
  return error(ErrorCode::NotFound, "there is no partition " + std::to_string(place.partition) +
                                        ": " + name_ + " has " + std::to_string(partition_count_));
}

Result<std::int64_t> DeadLetterTopic::end_of(std::uint32_t partition) {
  if (const auto known = ends_.find(partition); known != ends_.end()) return known->second;
  auto end =
      log::kafka::high_watermark(client_, name_, PartitionId(partition), kafka_.request_timeout_ms);
  if (end) ends_[partition] = *end;
  return end;
}

// Nothing: the end is reached. What transactions leave behind has offsets, but is no record.
Result<const log::kafka::TopicRecord*> DeadLetterTopic::next(PartitionId partition,
                                                             std::int64_t end) {
  constexpr const log::kafka::TopicRecord* nothing = nullptr;
  using SteadyClock = std::chrono::steady_clock;
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(kafka_.request_timeout_ms);
  while (SteadyClock::now() < deadline) {
    const auto position = reader_->position(partition);
    if (position.at_end || position.next >= end) return nothing;
    auto record = reader_->poll(poll_ms);
    if (!record || *record != nullptr) return record;
  }
  return error(ErrorCode::Unavailable, "reading partition " + std::to_string(partition.value) +
                                           " of " + name_ + ": no answer in time");
}

kafka::RecordView DeadLetterTopic::view(const log::kafka::TopicRecord& record) {
  headers_.clear();
  for (const auto& [name, value] : record.headers) headers_.push_back({name, value});
  return {.topic = name_,
          .partition = static_cast<std::int32_t>(record.partition.value),
          .offset = record.offset,
          .key = record.key,
          .value = record.value,
          .headers = headers_};
}

Status DeadLetterTopic::scan(TopicPlace from,
                             const std::function<bool(const kafka::RecordView&)>& visit) {
  if (auto status = check_partition(from); !status) return status;
  const PartitionId partition(from.partition);
  auto end = end_of(from.partition);
  if (!end) return end.error();
  if (from.offset >= *end) return {};
  gap_.reset();
  if (auto status = reader_->read({{partition, from.offset}}); !status) return status;
  while (true) {
    auto record = next(partition, *end);
    if (!record) return record.error();
    // One that came after the end was asked for can be the first behind a gap.
    if (*record == nullptr || (*record)->offset >= *end || !visit(view(**record))) return {};
  }
}

Status DeadLetterTopic::visit_one(TopicPlace place,
                                  const std::function<void(const kafka::RecordView&)>& visit) {
  bool found = false;
  std::optional<std::int64_t> behind;
  auto status = scan(place, [&](const kafka::RecordView& record) {
    found = record.offset == place.offset;
    if (found) visit(record);
    if (!found) behind = record.offset;
    return false;
  });
  if (!status || found) return status;
  const std::string said = "there is no record " + to_string(place) + " on " + name_ + ": ";
  auto end = end_of(place.partition);
  if (!end) return end.error();
  if (place.offset >= *end)
    return error(ErrorCode::NotFound, said + "the partition ends at " + std::to_string(*end));
  if (gap_) {
    return error(ErrorCode::NotFound, said + "the topic has deleted what is older than " +
                                          to_string({place.partition, gap_->first}));
  }
  return error(ErrorCode::NotFound,
               said + (behind ? "the next one is " + to_string({place.partition, *behind})
                              : "nothing follows there"));
}

Result<std::map<std::int64_t, Replay>> DeadLetterTopic::replays(TopicPlace from) {
  std::map<std::int64_t, Replay> found;
  auto status = scan(from, [&](const kafka::RecordView& record) {
    if (const auto note = kafka::read_replay_note(record))
      found[note->offset] = {note->at, std::string(note->by)};
    return true;
  });
  if (!status) return status.error();
  return found;
}

}  // namespace orderlog::ops
