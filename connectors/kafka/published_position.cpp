#include "connectors/kafka/published_position.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/kafka/record.h"
#include "connectors/kafka/whole_topic.h"

namespace orderlog::kafka {
namespace {

namespace json = boost::json;

json::array numbers(const std::vector<Sequence>& sequences) {
  json::array list;
  for (const Sequence sequence : sequences) list.push_back(sequence.value);
  return list;
}

std::optional<std::vector<Sequence>> sequences_in(const json::object& object, const char* name,
                                                  std::size_t partitions) {
  const json::value* found = object.if_contains(name);
  if (found == nullptr || !found->is_array() || found->get_array().size() != partitions)
    return std::nullopt;
  std::vector<Sequence> sequences;
  for (const json::value& number : found->get_array()) {
    boost::system::error_code failed;
    const auto value = number.to_number<std::uint64_t>(failed);
    if (failed) return std::nullopt;
    sequences.emplace_back(value);
  }
  return sequences;
}

}  // namespace

std::string position_text(const PublishedPosition& position) {
  return json::serialize(
      json::object{{"alerts", numbers(position.alerts)}, {"rows", numbers(position.rows)}});
}

Result<PublishedPosition> read_position_text(std::string_view text, std::size_t partitions) {
  boost::system::error_code failed;
  const json::value parsed = json::parse({text.data(), text.size()}, failed);
  if (!failed && parsed.is_object()) {
    auto alerts = sequences_in(parsed.get_object(), "alerts", partitions);
    auto rows = sequences_in(parsed.get_object(), "rows", partitions);
    if (alerts && rows) return PublishedPosition{std::move(*alerts), std::move(*rows)};
  }
  return error(ErrorCode::Corrupt, "no position of " + std::to_string(partitions) +
                                       " partition(s): " + quote_input(text));
}

Result<PublishedPosition> read_position(const log::kafka::ClientOptions& client,
                                        const std::string& topic, std::size_t partitions,
                                        std::uint32_t timeout_ms,
                                        const std::function<bool()>& go_on) {
  const std::vector<Sequence> nothing(partitions);
  PublishedPosition position{nothing, nothing};
  Status understood;
  const auto visit = [&](const log::kafka::TopicRecord& record) {
    if (as_text(record.key) != position_key) return;
    auto read = read_position_text(as_text(record.value), partitions);
    understood = read ? Status() : Status(read.error());
    if (read) position = std::move(*read);
  };
  if (auto status = read_whole_topic(client, topic, timeout_ms, go_on, visit); !status)
    return status.error();
  if (!understood) return error(understood.error().code, topic + ": " + understood.error().message);
  return position;
}

}  // namespace orderlog::kafka
