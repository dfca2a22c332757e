// The dead letter topic as `orderlog dlq` reads it: one partition after the other, committed
// records, up to where the partition ended when it was first read. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/dead_letter.h"
#include "events/log/kafka/topic_reader.h"
#include "ops/configuration.h"

namespace orderlog::ops {

// Of a record: "0:12".
struct TopicPlace {
  std::uint32_t partition = 0;
  std::int64_t offset = 0;

  friend auto operator<=>(const TopicPlace&, const TopicPlace&) = default;
};
std::string to_string(const TopicPlace& place);
// Errors: InvalidArgument.
Result<TopicPlace> parse_place(const std::string& text);

struct Replay {
  TimestampUs at = 0;
  std::string by;
};

class DeadLetterTopic {
 public:
  // Errors: the configuration's; InvalidArgument (no section [kafka]), Unavailable, NotFound.
  static Result<std::unique_ptr<DeadLetterTopic>> open(const std::string& config);
  ~DeadLetterTopic();

  const std::string& name() const { return name_; }
  const KafkaConfiguration& configuration() const { return kafka_; }
  const log::kafka::ClientOptions& client() const { return client_; }
  std::uint32_t partition_count() const { return partition_count_; }

  // Errors: NotFound.
  Status check_partition(TopicPlace place) const;
  // Calls `visit` with each record from that place on in its partition, in their order, until it
  // returns false. What is passed is valid during the call. Errors: NotFound (no such partition),
  // Unavailable (no more came in time).
  Status scan(TopicPlace from, const std::function<bool(const kafka::RecordView&)>& visit);
  // Calls `visit` with the record there. Errors: as scan(); NotFound (deleted, behind the end, or
  // no record has this offset).
  Status visit_one(TopicPlace place, const std::function<void(const kafka::RecordView&)>& visit);
  // The last replay noted of each letter from that place on in its partition. Errors: as scan().
  Result<std::map<std::int64_t, Replay>> replays(TopicPlace from);

 private:
  DeadLetterTopic() = default;
  Result<std::int64_t> end_of(std::uint32_t partition);
  Result<const log::kafka::TopicRecord*> next(PartitionId partition, std::int64_t end);
  kafka::RecordView view(const log::kafka::TopicRecord& record);

  std::string name_;
  KafkaConfiguration kafka_;
  log::kafka::ClientOptions client_;
  std::uint32_t partition_count_ = 0;
  std::unique_ptr<log::kafka::TopicReader> reader_;
  std::optional<log::kafka::TopicGap> gap_;  // the last that was met
  std::map<std::uint32_t, std::int64_t> ends_;
  std::vector<kafka::Header> headers_;  // of the record that is shown
};

}  // namespace orderlog::ops
