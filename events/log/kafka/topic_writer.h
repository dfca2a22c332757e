// Writes records to any topic: idempotent, acknowledged by all replicas, keys placed as Java's
// producer places them. For what is not part of a commit: dead letters.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "events/log/kafka/client.h"
#include "events/log/kafka/outgoing_record.h"

namespace orderlog::log::kafka {

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
