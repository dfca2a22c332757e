// Reads the events topic as other nodes wrote it: committed records only, all partitions, on a
// thread of its own. What it finds goes to a Sink, on that thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "events/log/kafka/client.h"
#include "events/log/kafka/records.h"

namespace orderlog::log::kafka {

class FollowerSink {
 public:
  virtual ~FollowerSink() = default;

  // Whether the commit is known already (its hash as well); then it is not put together again.
  // Errors: Corrupt (another commit has this index).
  virtual Result<bool> knows(PartitionId partition, const ClosingRecord& closing,
                             std::int64_t offset) = 0;
  // A whole commit; its hash holds. `offset`: of its closing record.
  virtual Status take(PartitionId partition, const CommitView& commit, std::int64_t offset) = 0;
  // Everything committed before this offset has been taken.
  virtual void reached(PartitionId partition, std::int64_t next) = 0;
  // A record that is not ours lies in the topic.
  virtual void foreign(PartitionId partition, std::int64_t offset) = 0;
  // Following has ended: Corrupt (also: the topic has lost records), NotFound (no such topic).
  virtual void stopped(const Error& why) = 0;
};

class Follower {
 public:
  // `from`: by partition, the offset to go on at. Errors: those of the client.
  static Result<std::unique_ptr<Follower>> start(const ClientOptions& options,
                                                 const std::string& topic,
                                                 std::vector<std::int64_t> from,
                                                 FollowerSink& sink);
  ~Follower();

 private:
  Follower(Client client, std::string topic, std::size_t partitions, FollowerSink& sink)
      : client_(std::move(client)),
        topic_(std::move(topic)),
        assemblers_(partitions),
        sink_(sink) {}
  void run();
  Status take(PartitionId partition, const LogRecord& record, std::int64_t offset);

  Client client_;
  std::string topic_;
  std::vector<CommitAssembler> assemblers_;
  FollowerSink& sink_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace orderlog::log::kafka
