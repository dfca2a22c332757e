#include "ops/cluster_member.h"

#include <spdlog/spdlog.h>

#include "ops/cluster.h"
#include "ops/version.h"

namespace orderlog::ops {
namespace {

// Who leads it publishes for all.
constexpr PartitionId publishing_partition(0);

}  // namespace

Result<std::unique_ptr<ClusterMember>> ClusterMember::join(
    const Configuration& all, const log::kafka::ClientOptions& client, runtime::Engine& engine,
    runtime::Loop& loop, log::KafkaLog& log, projections::Runner& rows, const Clock& wall_clock,
    const Clock& as_of) {
  const KafkaConfiguration& configuration = *all.kafka;
  std::unique_ptr<ClusterMember> member(new ClusterMember);
  member->topic_ = configuration.commands_topic;
  // Of this topic: a group gives a static member back what it had, also when that was another
  // topic.
  member->group_ = configuration.environment + ".engine." + configuration.commands_topic;
  auto publishing = publisher_options(all);
  if (!publishing.alerts_topic.empty() || !publishing.views.empty()) {
    publishing.sender.client = client;
    member->publisher_ =
        std::make_unique<kafka::Publisher>(std::move(publishing), log, rows, as_of);
  }
  kafka::InboxOptions inbox;
  inbox.client = client;
  inbox.topic = configuration.commands_topic;
  inbox.dead_letter_topic = dead_letter_topic(configuration);
  inbox.engine_version = version;
  inbox.complain = [](const std::string& text) { spdlog::error("inbox: {}", text); };
  auto opened = kafka::Inbox::start(std::move(inbox), engine, loop, wall_clock);
  if (!opened) return opened.error();
  member->inbox_ = std::move(opened).value();
  kafka::OwnershipOptions options;
  options.client = client;
  options.group.topic = configuration.commands_topic;
  options.group.group = member->group_;
  options.group.instance = configuration.node_id;
  options.group.session_timeout_ms = configuration.group_session_timeout_ms;
  options.fenced_retry_ms = configuration.group_session_timeout_ms / 2;
  options.led = [self = member.get()](PartitionId partition, std::int64_t offset) {
    self->inbox_->lead(partition, offset);
    if (self->publisher_ && partition == publishing_partition) self->publisher_->lead(true);
  };
  options.not_led = [self = member.get()](PartitionId partition) {
    self->inbox_->leave(partition);
    if (self->publisher_ && partition == publishing_partition) self->publisher_->lead(false);
  };
  options.consumed = [inbox = member->inbox_.get()] {
    log::kafka::Offsets consumed;
    for (const auto& of : inbox->progress()) consumed[of.partition] = of.consumed;
    return consumed;
  };
  auto ownership =
      kafka::Ownership::start(std::move(options), engine, loop, log,
                              [](const std::string& text) { spdlog::info("this node {}", text); });
  if (!ownership) return ownership.error();
  member->ownership_ = std::move(ownership).value();
  member->watch_ = std::make_unique<kafka::LogWatch>(log, engine, loop);
  return member;
}

// In this order: no partition is led when the inbox goes.
ClusterMember::~ClusterMember() {
  ownership_.reset();
  watch_.reset();
  inbox_.reset();
  publisher_.reset();
}

}  // namespace orderlog::ops
