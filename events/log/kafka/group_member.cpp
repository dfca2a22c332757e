#include "events/log/kafka/group_member.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>

namespace orderlog::log::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int poll_ms = 100;
constexpr std::chrono::seconds show_interval(1);
// A member hears with its next heartbeat that another one is gone.
constexpr std::uint32_t heartbeats_per_session = 10;
constexpr std::size_t fatal_bytes_max = 512;

}  // namespace

Result<std::unique_ptr<GroupMember>> GroupMember::join(const ClientOptions& client,
                                                       const GroupOptions& options,
                                                       GroupListener& listener) {
  ClientSettings own{
      {"group.id", options.group},
      {"partition.assignment.strategy", "range"},
      {"session.timeout.ms", std::to_string(options.session_timeout_ms)},
      {"heartbeat.interval.ms",
       std::to_string(std::max(options.session_timeout_ms / heartbeats_per_session, 100U))},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "latest"},
      {"allow.auto.create.topics", "false"},
      {"reconnect.backoff.max.ms", "1000"}};
  if (!options.instance.empty()) own["group.instance.id"] = options.instance;
  std::unique_ptr<GroupMember> member(new GroupMember(options, listener));
  auto opened = Client::open(Client::Kind::Consumer, client, own,
                             {.context = member.get(), .rebalance = &GroupMember::on_rebalance});
  if (!opened) return opened.error();
  member->client_ = std::move(opened).value();
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, options.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(member->client_.get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "joining group " + options.group);
  member->thread_ = std::thread([self = member.get()] { self->run(); });
  return member;
}

GroupMember::~GroupMember() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void GroupMember::run() {
  auto shown = SteadyClock::now();
  while (!stopping_) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), poll_ms);
    if (message != nullptr) {
      note(*message);
      rd_kafka_message_destroy(message);
    }
    if (SteadyClock::now() - shown < show_interval) continue;
    shown = SteadyClock::now();
    show_consumed();
  }
  // Here, so that the listener hears of it on this thread.
  client_.close();
}

// librdkafka tries again by itself, and says the same each time.
void GroupMember::note(const rd_kafka_message_s& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR || message.err == last_trouble_) return;
  last_trouble_ = message.err;
  auto trouble = error_of(message.err, "cannot be in consumer group " + group_);
  char fatal[fatal_bytes_max] = "";
  if (message.err == RD_KAFKA_RESP_ERR__FATAL) {
    const auto cause = rd_kafka_fatal_error(client_.get(), fatal, sizeof fatal);
    trouble = error_of(cause, "cannot be in consumer group " + group_);
    if (cause == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
      trouble.message += ": another node has the same node_id; this one leads nothing from now on";
  }
  listener_.trouble(trouble);
}

// Waits for no answer: a broker that does not take it is about to give the partitions out anew, and
// then all is shown again.
void GroupMember::show_consumed() {
  Offsets consumed = listener_.consumed();
  if (consumed.empty() || consumed == shown_) return;
  rd_kafka_topic_partition_list_t* list =
      rd_kafka_topic_partition_list_new(static_cast<int>(consumed.size()));
  for (const auto& [partition, offset] : consumed) {
    rd_kafka_topic_partition_list_add(list, topic_.c_str(),
                                      static_cast<std::int32_t>(partition.value))
        ->offset = offset;
  }
  const auto code = rd_kafka_commit(client_.get(), list, /*async=*/1);
  rd_kafka_topic_partition_list_destroy(list);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) shown_ = std::move(consumed);
}

void GroupMember::on_rebalance(rd_kafka_t* client, int code,
                               rd_kafka_topic_partition_list_t* partitions, void* context) {
  auto& member = *static_cast<GroupMember*>(context);
  member.last_trouble_ = 0;
  if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    member.show_consumed();
    member.listener_.revoked(rd_kafka_assignment_lost(client) != 0);
    (void)rd_kafka_assign(client, nullptr);
    return;
  }
  member.shown_.clear();
  std::vector<PartitionId> assigned;
  for (int i = 0; i < partitions->cnt; ++i) {
    partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
    if (member.topic_ == partitions->elems[i].topic) {
      assigned.emplace_back(static_cast<std::uint32_t>(partitions->elems[i].partition));
    }
  }
  (void)rd_kafka_assign(client, partitions);
  (void)rd_kafka_pause_partitions(client, partitions);
  member.listener_.assigned(assigned);
}

}  // namespace orderlog::log::kafka
