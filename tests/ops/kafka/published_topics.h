// The topics that a node publishes to, as another program reads them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/events/kafka/kafka_setup.h"

namespace orderlog::test {

struct PublishedRecord {
  std::uint32_t partition = 0;
  std::string key;
  bool has_key = false;
  std::string value;
  bool has_value = false;
  std::map<std::string, std::string> headers;
};

// All committed records there are, in the order of each partition.
std::vector<PublishedRecord> all_records(const std::string& topic);
// The last value of each key; those that were deleted are not there.
std::map<std::string, std::string> last_values(const std::string& topic);

}  // namespace orderlog::test
