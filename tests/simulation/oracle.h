// Knows what was promised and what the durable log says, and finds where they differ (proof.md 3e).
// It never asks the engine: it reads the log of record and hears the same answers as the clients.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/answer.h"
#include "tests/simulation/books.h"
#include "tests/simulation/workload.h"

namespace orderlog::sim {

// One time that a command was sent.
struct Attempt {
  std::int64_t sent_us = 0;
  std::uint64_t version_floor = 0;  // of its aggregate, acknowledged before it was sent
  bool altered = false;
};

class Oracle {
 public:
  Oracle(const Profile& profile, bool tell_events);

  // The next durable commit of the partition.
  void take(PartitionId partition, log::Bytes frame, std::int64_t now_us);
  std::uint64_t taken(PartitionId partition) const {
    return ends_[partition.value].last_commit.value;
  }

  Attempt attempt(const Operation& operation, bool altered, std::int64_t now_us) const;
  void hear(const Operation& operation, const Attempt& attempt, const runtime::Answer& answer,
            std::int64_t now_us);
  // The command was taken for good by the inbox topic, and none of its answers is known.
  bool is_decided(const Uuid& command) const { return decided_.contains(command); }
  // Commands of one partition for another that did not arrive yet.
  bool outbox_is_empty() const { return sent_ == consumed_; }

  void blame(std::string what);
  const std::vector<std::string>& violations() const { return violations_; }
  const Books& books() const { return books_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t trace() const { return trace_; }
  void trace(std::uint64_t value);

 private:
  struct Decision {
    PartitionId partition;
    std::int64_t durable_us = 0;
    std::uint64_t version = 0;
    std::vector<Uuid> events;
  };
  void check_decision(const Operation& operation, const Attempt& attempt,
                      const runtime::Answer& answer);

  bool tell_events_;
  std::vector<log::LogEnd> ends_;
  std::map<Uuid, Decision, UuidLess> decided_;
  std::map<std::string, std::uint64_t> acknowledged_;                      // version, by aggregate
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> sent_;  // source, target
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> consumed_;  // the same
  Books books_;
  std::vector<std::string> violations_;
  std::uint64_t events_ = 0;
  std::uint64_t trace_ = 0xcbf29ce484222325ULL;
};

}  // namespace orderlog::sim
