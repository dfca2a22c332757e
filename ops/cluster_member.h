// What a node does as one of several at a cluster: leads what the group gives it, takes commands
// from their inbox, follows what the others write, and publishes if it is the one that does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/inbox.h"
#include "connectors/kafka/log_watch.h"
#include "connectors/kafka/ownership.h"
#include "connectors/kafka/publisher.h"
#include "ops/configuration.h"

namespace orderlog::ops {

class ClusterMember {
 public:
  // `as_of`: for columns of rows that depend on the time of the question. What is passed outlives
  // the member. Errors: those of the Kafka clients.
  static Result<std::unique_ptr<ClusterMember>> join(const Configuration& configuration,
                                                     const log::kafka::ClientOptions& client,
                                                     runtime::Engine& engine, runtime::Loop& loop,
                                                     log::KafkaLog& log, projections::Runner& rows,
                                                     const Clock& wall_clock, const Clock& as_of);
  // Leaves: gives up what is led. Not on the engine's thread, which must still run.
  ~ClusterMember();

  kafka::OwnershipStats ownership() const { return ownership_->stats(); }
  kafka::InboxStats inbox() const { return inbox_->stats(); }
  std::vector<kafka::InboxProgress> inbox_progress() const { return inbox_->progress(); }
  // Of the inbox.
  const std::string& group() const { return group_; }
  const std::string& topic() const { return topic_; }
  // Nothing: this installation publishes nothing.
  std::optional<kafka::PublisherStats> publishing() const {
    return publisher_ ? std::optional(publisher_->stats()) : std::nullopt;
  }

 private:
  ClusterMember() = default;

  std::string group_;
  std::string topic_;
  std::unique_ptr<kafka::Publisher> publisher_;  // null: nothing is published
  std::unique_ptr<kafka::Inbox> inbox_;
  std::unique_ptr<kafka::LogWatch> watch_;
  std::unique_ptr<kafka::Ownership> ownership_;
};

}  // namespace orderlog::ops
