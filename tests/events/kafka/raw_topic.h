// A topic as any other client sees it: for records that the log did not write, and for what other
// programs read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "events/log/kafka/client.h"

namespace orderlog::log::test {

struct RawRecord {
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;
};

// Partition 0 of a topic.
class RawTopic {
 public:
  explicit RawTopic(std::string topic) : topic_(std::move(topic)) {}

  // Returns when the broker has it. An empty key is none.
  void produce(const std::string& key, const std::string& value,
               const std::map<std::string, std::string>& headers);
  // One after the other.
  void produce_all(const std::vector<RawRecord>& records);
  // The first `count` committed records.
  std::vector<RawRecord> consume(std::size_t count);
  void delete_records_before(std::int64_t offset);
  // Deletes the topic and makes one of the same name.
  void make_anew(std::uint32_t partitions);

 private:
  std::string topic_;
};

}  // namespace orderlog::log::test
