#include "connectors/kafka/whole_topic.h"

#include <chrono>

#include "events/log/kafka/topics.h"

namespace orderlog::kafka {
namespace {

constexpr std::uint32_t poll_ms = 50;

}  // namespace

Status read_whole_topic(const log::kafka::ClientOptions& client, const std::string& topic,
                        std::uint32_t timeout_ms, const std::function<bool()>& go_on,
                        const std::function<void(const log::kafka::TopicRecord&)>& visit) {
  auto inspector = log::kafka::open_inspector(client);
  if (!inspector) return inspector.error();
  const auto partitions = log::kafka::partitions_of(*inspector, topic, timeout_ms);
  if (!partitions) return partitions.error();
  auto reader = log::kafka::TopicReader::open(client, topic);
  if (!reader) return reader.error();
  std::map<PartitionId, std::int64_t> from;
  for (std::uint32_t p = 0; p < *partitions; ++p) from[PartitionId(p)] = 0;
  if (auto status = (*reader)->read(from); !status) return status;
  const auto patience = std::chrono::milliseconds(timeout_ms);
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!(*reader)->at_end()) {
    const auto record = (*reader)->poll(poll_ms);
    if (!record) return record.error();
    if (*record != nullptr) {
      visit(**record);
      deadline = std::chrono::steady_clock::now() + patience;
      continue;
    }
    if (!go_on()) return error(ErrorCode::Unavailable, "stopping");
    if (std::chrono::steady_clock::now() >= deadline)
      return error(ErrorCode::Unavailable, "reading " + topic + ": nothing comes");
  }
  return {};
}

}  // namespace orderlog::kafka
