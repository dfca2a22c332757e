#include "tests/ops/kafka/published_topics.h"

#include "events/log/kafka/topic_reader.h"
#include "events/log/kafka/topics.h"

namespace orderlog::test {
namespace {

constexpr std::uint32_t timeout_ms = 10'000;
constexpr std::uint32_t poll_ms = 50;

std::string text_of(log::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::vector<PublishedRecord> all_records(const std::string& topic) {
  auto inspector = log::kafka::open_inspector(log::test::kafka_client()).value();
  const auto partitions = log::kafka::partitions_of(inspector, topic, timeout_ms).value();
  auto reader = log::kafka::TopicReader::open(log::test::kafka_client(), topic).value();
  std::map<PartitionId, std::int64_t> from;
  for (std::uint32_t p = 0; p < partitions; ++p) from[PartitionId(p)] = 0;
  reader->read(from).value();
  std::vector<PublishedRecord> records;
  while (!reader->at_end()) {
    const auto* record = reader->poll(poll_ms).value();
    if (record == nullptr) continue;
    PublishedRecord seen{record->partition.value,         text_of(record->key),
                         record->key.data() != nullptr,   text_of(record->value),
                         record->value.data() != nullptr, {}};
    for (const auto& [name, value] : record->headers)
      seen.headers.emplace(std::string(name), std::string(value));
    records.push_back(std::move(seen));
  }
  return records;
}

std::map<std::string, std::string> last_values(const std::string& topic) {
  std::map<std::string, std::string> last;
  for (const auto& record : all_records(topic)) {
    if (record.has_value) {
      last[record.key] = record.value;
    } else {
      last.erase(record.key);
    }
  }
  return last;
}

}  // namespace orderlog::test
