// Membership of a consumer group, which shares the partitions of a topic out among the nodes that
// live. Only who has what is taken from it: no record is read. The offsets that the group keeps are
// written for other programs (kafka-consumer-groups.sh, kafka_exporter) and never read: the log has
// the true ones. The eager range assignor, since the incremental one of librdkafka 2.0 loses
// assignments (platform.md 5).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "events/base/ids.h"
#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

using Offsets = std::map<PartitionId, std::int64_t>;

// Called on the member's thread (`revoked` also on that of its destructor).
class GroupListener {
 public:
  virtual ~GroupListener() = default;
  // All that this node has from now on.
  virtual void assigned(const std::vector<PartitionId>& partitions) = 0;
  // All of them go. Nobody else gets one before this returns, unless `lost`: then somebody may have
  // it already.
  virtual void revoked(bool lost) = 0;
  // The group can't be joined or held, for now or for good. Once for each kind of trouble.
  virtual void trouble(const Error& why) = 0;
  // Of what this node has: the offset before which every record is done with.
  virtual Offsets consumed() = 0;
};

struct GroupOptions {
  std::string topic;
  std::string group;
  // A node that comes back under its name within the session gets its partitions again, and nobody
  // else meanwhile, also when it stopped cleanly. Empty: what it had goes to the others at once.
  std::string instance;
  std::uint32_t session_timeout_ms = 6'000;  // at least the brokers' group.min.session.timeout.ms
};

class GroupMember {
 public:
  // Errors: those of the client. The listener outlives the member.
  static Result<std::unique_ptr<GroupMember>> join(const ClientOptions& client,
                                                   const GroupOptions& options,
                                                   GroupListener& listener);
  // Leaves.
  ~GroupMember();

 private:
  GroupMember(const GroupOptions& options, GroupListener& listener)
      : topic_(options.topic), group_(options.group), listener_(listener) {}
  static void on_rebalance(rd_kafka_s* client, int code,
                           rd_kafka_topic_partition_list_s* partitions, void* context);
  void run();
  void note(const rd_kafka_message_s& message);
  void show_consumed();

  std::string topic_;
  std::string group_;
  GroupListener& listener_;
  Client client_;
  int last_trouble_ = 0;  // librdkafka's number
  Offsets shown_;         // to the group
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace orderlog::log::kafka
