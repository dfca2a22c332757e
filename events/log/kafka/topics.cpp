#include "events/log/kafka/topics.h"

#include <librdkafka/rdkafka.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "events/log/kafka/records.h"

namespace orderlog::log::kafka {
namespace {

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* handle) const { destroy(handle); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_t, rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_t, rd_kafka_event_destroy>>;
using NewTopic =
    std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t,
                                Destroy<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>>;
using Resource =
    std::unique_ptr<rd_kafka_ConfigResource_t,
                    Destroy<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>>;

constexpr std::size_t reason_bytes_max = 512;
constexpr std::chrono::milliseconds look_again(20);

Options admin_options(const Client& client, rd_kafka_admin_op_t operation,
                      std::uint32_t timeout_ms) {
  Options options(rd_kafka_AdminOptions_new(client.get(), operation));
  char reason[reason_bytes_max];
  (void)rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout_ms),
                                                  reason, sizeof reason);
  return options;
}

// The answer to an admin request. Errors: Unavailable when none came.
Result<Event> answer(const Client& client, const Queue& queue, const std::string& doing,
                     std::uint32_t timeout_ms) {
  // The request has its own time limit; this one only bounds a client that stays silent.
  Event event(rd_kafka_queue_poll(queue.get(), static_cast<int>(timeout_ms) + 1'000));
  const std::string trouble = client.last_trouble();
  const std::string hint = trouble.empty() ? "" : " (" + trouble + ")";
  if (!event) return error(ErrorCode::Unavailable, doing + ": no answer" + hint);
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    auto failed = error_of(code, doing);
    if (failed.code == ErrorCode::Timeout) failed.code = ErrorCode::Unavailable;
    failed.message += hint;
    return failed;
  }
  return event;
}

Result<NewTopic> new_topic(const TopicSpec& spec) {
  char reason[reason_bytes_max];
  NewTopic topic(rd_kafka_NewTopic_new(spec.name.c_str(), static_cast<int>(spec.partitions),
                                       static_cast<int>(spec.replicas), reason, sizeof reason));
  if (!topic) return error(ErrorCode::InvalidArgument, "topic " + spec.name + ": " + reason);
  for (const auto& [name, value] : spec.settings) {
    (void)rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  }
  return topic;
}

std::int64_t number_in(const std::map<std::string, std::string>& settings,
                       const std::string& name) {
  const auto found = settings.find(name);
  std::int64_t value = 0;
  if (found != settings.end()) {
    (void)std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  }
  return value;
}

std::string text_in(const std::map<std::string, std::string>& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? "not known" : found->second;
}

void compare(const TopicSpec& spec, const TopicShape& shape,
             const std::map<std::string, std::string>& settings,
             std::vector<TopicFinding>& findings) {
  const auto count = [&](const char* what, std::uint32_t is, std::uint32_t wanted) {
    if (is == wanted) return;
    findings.push_back(
        {spec.name, "has " + std::to_string(is) + " " + what + ", not " + std::to_string(wanted)});
  };
  count("partitions", shape.partitions, spec.partitions);
  count("replicas", shape.replicas, spec.replicas);
  for (const auto& [name, value] : spec.settings) {
    const std::string is = text_in(settings, name);
    if (is != value) findings.push_back({spec.name, name + " is " + is + ", not " + value});
  }
}

// As a broker sees it; without one, any of them.
Result<std::map<std::string, std::string>> settings_as_seen_by(std::optional<std::int32_t> broker,
                                                               const Client& client,
                                                               const std::string& topic,
                                                               std::uint32_t timeout_ms) {
  const std::string doing = "asking for the settings of topic " + topic;
  const Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  const Queue queue(rd_kafka_queue_new(client.get()));
  const auto admin = admin_options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
  if (broker) {
    char reason[reason_bytes_max];
    (void)rd_kafka_AdminOptions_set_broker(admin.get(), *broker, reason, sizeof reason);
  }
  rd_kafka_DescribeConfigs(client.get(), resources, 1, admin.get(), queue.get());
  auto event = answer(client, queue, doing, timeout_ms);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  if (count != 1) return error(ErrorCode::Io, doing + ": no answer");
  if (const auto code = rd_kafka_ConfigResource_error(found[0]);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return error_of(code, doing);
  }
  const auto* entries = rd_kafka_ConfigResource_configs(found[0], &count);
  std::map<std::string, std::string> settings;
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) settings[rd_kafka_ConfigEntry_name(entries[i])] = value;
  }
  return settings;
}

Result<std::vector<std::int32_t>> brokers_of(const Client& client, std::uint32_t timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code =
      rd_kafka_metadata(client.get(), 0, nullptr, &metadata, static_cast<int>(timeout_ms));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "asking for the brokers");
  std::vector<std::int32_t> brokers;
  for (int i = 0; i < metadata->broker_cnt; ++i) brokers.push_back(metadata->brokers[i].id);
  rd_kafka_metadata_destroy(metadata);
  return brokers;
}

// A broker learns of a new topic a moment after the controller has made it. Errors: Unavailable.
Status await_everywhere(const Client& client, const std::vector<std::string>& topics,
                        std::uint32_t timeout_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  auto brokers = brokers_of(client, timeout_ms);
  if (!brokers) return brokers.error();
  for (const std::int32_t broker : *brokers) {
    for (const auto& topic : topics) {
      while (true) {
        auto seen = settings_as_seen_by(broker, client, topic, timeout_ms);
        if (seen) break;
        if (seen.error().code != ErrorCode::NotFound) return seen.error();
        if (std::chrono::steady_clock::now() >= deadline)
          return error(ErrorCode::Unavailable,
                       "broker " + std::to_string(broker) + " does not show topic " + topic);
        std::this_thread::sleep_for(look_again);
      }
    }
  }
  return {};
}

}  // namespace

// A consumer, since a producer that asks for a topic has the broker make it where that is allowed.
Result<Client> open_inspector(const ClientOptions& options) {
  return Client::open(Client::Kind::Consumer, options,
                      {{"group.id", "orderlog-topics"}, {"allow.auto.create.topics", "false"}});
}

Result<std::vector<std::string>> make_missing_topics(const ClientOptions& options,
                                                     const std::vector<TopicSpec>& specs,
                                                     std::uint32_t timeout_ms) {
  auto client = open_inspector(options);
  if (!client) return client.error();
  std::vector<NewTopic> wanted;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const auto& spec : specs) {
    auto topic = new_topic(spec);
    if (!topic) return topic.error();
    wanted.push_back(std::move(topic).value());
    pointers.push_back(wanted.back().get());
  }
  const Queue queue(rd_kafka_queue_new(client->get()));
  const auto admin = admin_options(*client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
  rd_kafka_CreateTopics(client->get(), pointers.data(), pointers.size(), admin.get(), queue.get());
  auto event = answer(*client, queue, "making topics", timeout_ms);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  std::vector<std::string> made;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = rd_kafka_topic_result_name(results[i]);
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* text = rd_kafka_topic_result_error_string(results[i]);
      return error(ErrorCode::InvalidArgument,
                   "making topic " + name + ": " + (text ? text : rd_kafka_err2str(code)));
    }
    made.push_back(name);
  }
  if (auto status = await_everywhere(*client, made, timeout_ms); !status) return status.error();
  return made;
}

Result<std::map<std::string, std::string>> topic_settings(const Client& client,
                                                          const std::string& topic,
                                                          std::uint32_t timeout_ms) {
  return settings_as_seen_by(std::nullopt, client, topic, timeout_ms);
}

Result<std::vector<TopicFinding>> compare_topics(const ClientOptions& options,
                                                 const std::vector<TopicSpec>& specs,
                                                 std::uint32_t timeout_ms) {
  auto client = open_inspector(options);
  if (!client) return client.error();
  std::vector<TopicFinding> findings;
  for (const auto& spec : specs) {
    auto shape = shape_of(*client, spec.name, timeout_ms);
    if (!shape && shape.error().code == ErrorCode::NotFound) {
      findings.push_back({spec.name, "is missing", true});
      continue;
    }
    if (!shape) return shape.error();
    auto settings = topic_settings(*client, spec.name, timeout_ms);
    if (!settings) return settings.error();
    compare(spec, *shape, *settings, findings);
  }
  return findings;
}

Status check_safety(const Client& client, const std::string& topic,
                    std::uint32_t min_insync_replicas, std::uint32_t timeout_ms) {
  auto settings = topic_settings(client, topic, timeout_ms);
  if (!settings) return settings.error();
  const auto refuse = [&](const std::string& name, const std::string& wanted) {
    return error(ErrorCode::InvalidArgument, "topic " + topic + " could lose orders: " + name +
                                                 " is " + text_in(*settings, name) +
                                                 ", it must be " + wanted);
  };
  if (text_in(*settings, "cleanup.policy") != "delete") return refuse("cleanup.policy", "delete");
  if (text_in(*settings, "retention.ms") != "-1") return refuse("retention.ms", "-1");
  if (text_in(*settings, "retention.bytes") != "-1") return refuse("retention.bytes", "-1");
  if (text_in(*settings, "unclean.leader.election.enable") != "false") {
    return refuse("unclean.leader.election.enable", "false");
  }
  if (number_in(*settings, "min.insync.replicas") < min_insync_replicas) {
    return refuse("min.insync.replicas", "at least " + std::to_string(min_insync_replicas));
  }
  if (number_in(*settings, "max.message.bytes") < static_cast<std::int64_t>(record_bytes_max)) {
    return refuse("max.message.bytes", "at least " + std::to_string(record_bytes_max));
  }
  return {};
}

}  // namespace orderlog::log::kafka
