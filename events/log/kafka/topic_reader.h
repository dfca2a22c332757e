// Reads records of any topic, from offsets that its user keeps. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/base/ids.h"
#include "events/base/time.h"
#include "events/log/commit_entries.h"
#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

// Views; what is null in Kafka has a null address, what is empty has another.
struct TopicRecord {
  PartitionId partition;
  std::int64_t offset = 0;
  TimestampUs at = 0;  // when it was sent, or appended: as the topic is set
  Bytes key;
  Bytes value;
  std::vector<std::pair<std::string_view, std::string_view>> headers;  // in their order
};

class TopicReader {
 public:
  // Errors: those of the client.
  static Result<std::unique_ptr<TopicReader>> open(const ClientOptions& options,
                                                   const std::string& topic);
  ~TopicReader();

  // Reads these partitions from now on, and no others. An offset that the topic no longer has, or
  // does not have yet, becomes its first.
  Status read(const std::map<PartitionId, std::int64_t>& from);
  // The next record, valid until the next call; nothing if none came in time. Errors: NotFound,
  // InvalidArgument (not allowed).
  Result<const TopicRecord*> poll(std::uint32_t timeout_ms);
  // Where poll() last met the end of what is committed: all before it was given out, or is never
  // given out (control records, aborted transactions). Nothing if that was not since read().
  std::optional<std::int64_t> drained_to(PartitionId partition) const;
  // The offset behind the partition's last record, committed or not, as the broker said with the
  // last answer; nothing before there was one. Asks nobody. Any thread.
  std::optional<std::int64_t> end_of(PartitionId partition) const;

 private:
  struct Message;
  TopicReader(Client client, std::string topic);
  void take(const Message& message);

  Client client_;
  std::string topic_;
  std::unique_ptr<Message> message_;
  TopicRecord record_;
  std::map<PartitionId, std::int64_t> drained_to_;
};

}  // namespace orderlog::log::kafka
