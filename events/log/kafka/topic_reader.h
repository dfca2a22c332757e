// Reads records of any topic, from offsets that its user keeps. Must hold: records that are not
// there any more when it is their turn are noticed, and reading goes on behind them. One thread at
// a time.
#pragma once

#include <cstdint>
#include <functional>
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

// An offset that the partition does not have: what lay there was deleted (`first` is greater), or
// the partition ends before it (`first` is less), as one does that was made anew.
struct TopicGap {
  PartitionId partition;
  std::int64_t expected = 0;
  std::int64_t first = 0;  // where reading goes on: at the partition's first record
};
using OnTopicGap = std::function<void(const TopicGap&)>;

struct TopicPosition {
  std::int64_t next = 0;  // behind the last record that was read
  bool at_end = false;    // and there was nothing more
};

class TopicReader {
 public:
  // `on_gap`, if there is one, is called by poll(), before the record behind the gap is returned.
  // Errors: those of the client.
  static Result<std::unique_ptr<TopicReader>> open(const ClientOptions& options,
                                                   const std::string& topic,
                                                   OnTopicGap on_gap = nullptr);
  ~TopicReader();

  // Reads these partitions from now on, and no others.
  Status read(const std::map<PartitionId, std::int64_t>& from);
  // The next record, valid until the next call; nothing if none came in time, or the end of a
  // partition was reached. Errors: NotFound, InvalidArgument (not allowed).
  Result<const TopicRecord*> poll(std::uint32_t timeout_ms);
  // Of a partition that is read. At its end, all before was given out or is never given out
  // (control records, aborted transactions).
  TopicPosition position(PartitionId partition) const { return positions_.at(partition); }
  // Whether every partition has been read to where it ended when its last records were asked for.
  bool at_end() const;
  // The offset behind the partition's last record, committed or not, as the broker said with the
  // last answer; nothing before there was one. Asks nobody. Any thread.
  std::optional<std::int64_t> end_of(PartitionId partition) const;

 private:
  TopicReader(Client client, std::string topic, OnTopicGap on_gap);
  Status assign();
  const TopicRecord* take_up();
  void close_gap(PartitionId partition, std::int64_t first);

  Client client_;
  std::string topic_;
  OnTopicGap on_gap_;
  std::map<PartitionId, TopicPosition> positions_;
  std::map<PartitionId, std::int64_t> gaps_;  // expected there; the first record is awaited
  struct Message;
  std::unique_ptr<Message> message_;
  TopicRecord record_;
};

}  // namespace orderlog::log::kafka
