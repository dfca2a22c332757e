// All subscriptions of a runner. publish() and stop() are called by the runner's thread, the rest
// by any.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "projections/runner/feed.h"
#include "projections/runner/lane.h"

namespace orderlog::projections {

class FeedQueue;

class FeedHub {
 public:
  Result<std::unique_ptr<Subscription>> subscribe(FeedOptions options);
  bool wanted() const;
  void publish(const FeedEvents& events);
  // Events went by that nobody wanted when they were read: who has subscribed since must know.
  void passed_by();
  void stop(const Error& reason);

  std::size_t subscriptions() const;
  std::uint64_t dropped() const;

 private:
  std::vector<std::shared_ptr<FeedQueue>> queues() const;

  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<FeedQueue>> queues_;
  std::optional<Error> stopped_;
  std::uint64_t dropped_ = 0;
};

}  // namespace orderlog::projections
