// Writes records to any topic: idempotent, acknowledged by all replicas, keys placed as Java's
// producer places them. For what is not part of a commit: dead letters, alerts.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "events/log/commit_entries.h"
#include "events/log/kafka/client.h"

namespace orderlog::log::kafka {

// Views; what has a null address is null in Kafka.
struct OutgoingRecord {
  std::string_view topic;
  std::optional<std::int32_t> partition;  // none: by the key
  Bytes key;
  Bytes value;
  std::span<const std::pair<std::string_view, std::string_view>> headers;
};

class TopicWriter {
 public:
  // Errors: those of the client.
  static Result<std::unique_ptr<TopicWriter>> open(const ClientOptions& options);
  // What was not delivered is dropped; its `done` hears so.
  ~TopicWriter();

  // `done` is called once, on the writer's thread. Errors (then it is never called): Unavailable
  // (queue full), InvalidArgument (record too large). Any thread.
  Status write(const OutgoingRecord& record, std::function<void(const Status&)> done);

 private:
  TopicWriter() = default;
  void run();

  Client client_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace orderlog::log::kafka
