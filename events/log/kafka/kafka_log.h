// The log on an Apache Kafka cluster: one topic, one transaction of the partition's own producer
// for whatever was appended while the last one was committed (records.h draws the records). Readers
// use this node's copy of the topic (replica.h), which a follower keeps up to date for all
// partitions, also those that others write. Must hold: 1. claim() fences the earlier owner before
// it reads the end, and reads it up to the high watermark; 2. after any outcome but success the
// claim is void: only a new one finds out what is in the log; 3. a topic that could lose
// acknowledged records is not written to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/kafka/client.h"

namespace orderlog::log {

// How an event shows to other programs: the record's key and header fields. The views live until
// the describer is called again.
struct EventRecord {
  std::string_view key;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};
using DescribeEvent = std::function<void(Bytes event, EventRecord& record)>;

inline constexpr std::size_t transaction_bytes_default = 1024 * 1024;

struct KafkaLogOptions {
  std::string directory;  // of this node's copy
  std::string topic = "orders.events.v1";
  std::uint32_t partition_count = 0;  // 0: the topic's
  kafka::ClientOptions client;        // at least bootstrap.servers
  // Before the partition's number in the producer's transactional.id; two environments on one
  // cluster must not share it.
  std::string transactional_id_prefix = "orderlog";
  // Makes a describer for one writer, which calls it from one thread. None: records without key and
  // further headers.
  std::function<DescribeEvent()> make_describer;
  // The topic's min.insync.replicas must be at least this, or nothing is written.
  std::uint32_t min_insync_replicas = 2;

  // Off: no claim fences another. Only for the test that shows what happens then.
  bool fencing = true;

  std::size_t transaction_bytes_max = transaction_bytes_default;
  std::size_t queue_bytes_max = 32 * 1024 * 1024;  // of each partition; above: Unavailable
  std::size_t queue_commits_max = 65'536;
  std::uint32_t request_timeout_ms = 10'000;  // for a cluster that does not answer
  std::uint32_t message_timeout_ms = 5'000;   // below transaction_timeout_ms
  std::uint32_t transaction_timeout_ms = 10'000;
  std::uint32_t catch_up_timeout_ms = 60'000;  // without progress

  std::size_t memtable_bytes = 32 * 1024 * 1024;  // of the copy
  std::size_t block_cache_bytes = 32 * 1024 * 1024;
};

struct KafkaLogStats {
  std::uint64_t foreign_records = 0;  // in the topic, and not ours
  std::uint64_t followed_commits = 0;
  std::uint64_t claims = 0;
  std::uint64_t condemned_writers = 0;
};

class KafkaLog : public EventLog {
 public:
  virtual KafkaLogStats kafka_stats() const = 0;
  // Whether this node may append to the partition, as far as it knows.
  virtual bool owns(PartitionId partition) const = 0;
  // Writes what is queued and gives the partition up. Any thread but an append's completion's.
  virtual void release(PartitionId partition) = 0;
};

// Opens this node's copy and brings it up to date. Errors: InvalidArgument (options), Unavailable
// (no broker answers), NotFound (no such topic), Conflict (other partition count, a directory of
// another log), Corrupt (the topic has lost what this node has seen), Locked, DiskFull, Io.
Result<std::unique_ptr<KafkaLog>> open_kafka_log(KafkaLogOptions options);

}  // namespace orderlog::log
