// What a client hears about its command.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "events/base/ids.h"
#include "events/base/result.h"
#include "events/base/uuid.h"

namespace orderlog::runtime {

enum class Outcome {
  Accepted,     // its events (perhaps none) are durable
  Rejected,     // domain data says no; nothing was appended
  KeyReused,    // the command id was used before with another body
  Unavailable,  // a bound is reached: try again later; nothing was appended
  Stopping,     // the engine stops, or its log has failed: nothing was appended
  NotLeading,   // another node leads the partition, or none does just now: nothing was appended
  Unknown,      // the log failed while the command was on its way: ask again with the same id
};

struct AnsweredEvent {
  std::string type;
  Sequence seq;
  Uuid event_id;
};

struct Answer {
  Outcome outcome = Outcome::Accepted;
  Uuid command_id;
  std::string aggregate;
  std::string aggregate_id;
  // Version of the aggregate after the command's own events.
  std::uint64_t version = 0;
  PartitionId partition;
  // The last event of everything that followed in the same commit: read models that have it show
  // the effect.
  Sequence position;
  std::vector<AnsweredEvent> events;
  // A repeat of a command that was decided before.
  bool replayed = false;
  std::optional<engine::Rejection> rejection;
  // Present with VersionConflict.
  std::optional<std::uint64_t> current_version;
  // With NotLeading, if somebody else does: ADDRESS:PORT.
  std::string leader_address;
  // With Unavailable, Stopping, NotLeading and Unknown.
  std::string reason;
};

// Called once, on the engine's thread.
using AnswerDone = std::function<void(const Answer&)>;

}  // namespace orderlog::runtime
