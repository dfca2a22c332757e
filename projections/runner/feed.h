// The live feed: durable events, after the rows that follow from them are readable. Every
// subscription has a bounded queue; one that is too slow ends with an error instead of growing or
// holding the others up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events/base/result.h"
#include "projections/model.h"

namespace orderlog::projections {

inline constexpr std::size_t feed_events_default = 10'000;
inline constexpr std::size_t feed_bytes_default = 8 * 1024 * 1024;
inline constexpr std::size_t feed_subscriptions_max = 256;

struct FeedEvent {
  Position position;
  std::string bytes;  // a FlatBuffer Envelope, 8-byte aligned

  const schema::Envelope& envelope() const {
    return *flatbuffers::GetRoot<schema::Envelope>(bytes.data());
  }
};

struct FeedOptions {
  EventMask wants = ~EventMask{0};
  // Delay alerts only: DeliveryDelayed and DelayCleared.
  bool alerts_only = false;
  // A narrower choice; called by the runner's thread, must be short. Empty: all.
  std::function<bool(const EventView&)> filter;
  // There is something to take, or the subscription has ended. Called by the runner's thread, once
  // until the next take(); must be short and must not call into the runner.
  std::function<void()> notify;
  std::size_t queue_events_max = feed_events_default;
  std::size_t queue_bytes_max = feed_bytes_default;
};

// Destroying it ends it: notify is not called afterwards. Any thread.
class Subscription {
 public:
  virtual ~Subscription() = default;

  // What has come, oldest first, up to `events_max`. Errors, once all that came before is taken:
  // Overflow (too slow, or begun amid a batch: events are missing, the log has them), Unavailable
  // (the runner has stopped).
  virtual Result<std::vector<std::shared_ptr<const FeedEvent>>> take(std::size_t events_max) = 0;
};

}  // namespace orderlog::projections
