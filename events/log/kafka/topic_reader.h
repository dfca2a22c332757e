// Reads records of any topic, from offsets that its user keeps. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/base/ids.h"
#include "events/log/commit_entries.h"
#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

// Views; what is null in Kafka has a null address, what is empty has another.
struct TopicRecord {
  PartitionId partition;
  std::int64_t offset = 0;
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
  // Whether every partition has been read to where it ended when its last records were asked for.
  bool at_end() const { return ended_.size() == partitions_; }

 private:
  TopicReader(Client client, std::string topic);

  Client client_;
  std::string topic_;
  struct Message;
  std::unique_ptr<Message> message_;
  TopicRecord record_;
  std::size_t partitions_ = 0;
  std::set<std::int32_t> ended_;
};

}  // namespace orderlog::log::kafka
