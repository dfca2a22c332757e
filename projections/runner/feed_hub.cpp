#include "projections/runner/feed_hub.h"

#include <algorithm>
#include <deque>
#include <optional>

namespace orderlog::projections {

class FeedQueue {
 public:
  explicit FeedQueue(FeedOptions options) : options_(std::move(options)) {}

  // True when this made the subscription end because it is too slow.
  bool push(const FeedEvents& events) {
    bool overflowed = false;
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return false;
      for (const auto& event : events) {
        if (!wants(*event)) continue;
        if (queue_.size() >= options_.queue_events_max ||
            bytes_ + event->bytes.size() > options_.queue_bytes_max) {
          ended_ = error(ErrorCode::Overflow,
                         "the subscriber was too slow: events after position " +
                             std::to_string(event->position.partition.value) + "/" +
                             std::to_string(event->position.seq.value - 1) + " were dropped");
          overflowed = true;
          break;
        }
        bytes_ += event->bytes.size();
        queue_.push_back(event);
      }
      wake = (overflowed || !queue_.empty()) && !std::exchange(notified_, true);
    }
    if (wake) notify();
    return overflowed;
  }

  void end(const Error& reason) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      ended_ = reason;
      wake = !std::exchange(notified_, true);
    }
    if (wake) notify();
  }

  Result<FeedEvents> take(std::size_t events_max) {
    const std::lock_guard lock(mutex_);
    notified_ = false;
    if (queue_.empty() && ended_) return *ended_;
    FeedEvents taken;
    while (!queue_.empty() && taken.size() < events_max) {
      bytes_ -= queue_.front()->bytes.size();
      taken.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return taken;
  }

  // Waits out a notify that runs, so that none comes afterwards.
  void close() {
    const std::lock_guard notifying(notify_mutex_);
    closed_ = true;
  }

 private:
  bool wants(const FeedEvent& event) const {
    const schema::Envelope& envelope = event.envelope();
    const auto kind = static_cast<unsigned>(envelope.payload_type());
    if (kind >= 64 || !(options_.wants >> kind & 1)) return false;
    if (options_.alerts_only) {
      const auto* order = envelope.payload_as_OrderEvents();
      if (!order || (order->event_type() != schema::OrderEvent::DeliveryDelayed &&
                     order->event_type() != schema::OrderEvent::DelayCleared)) {
        return false;
      }
    }
    return !options_.filter ||
           options_.filter({envelope, event.position, text_of(envelope.aggregate_id())});
  }
  void notify() {
    const std::lock_guard notifying(notify_mutex_);
    if (!closed_ && options_.notify) options_.notify();
  }

  const FeedOptions options_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<const FeedEvent>> queue_;
  std::size_t bytes_ = 0;
  bool notified_ = false;
  std::optional<Error> ended_;
  std::mutex notify_mutex_;
  bool closed_ = false;
};

namespace {

class QueueSubscription final : public Subscription {
 public:
  explicit QueueSubscription(std::shared_ptr<FeedQueue> queue) : queue_(std::move(queue)) {}
  ~QueueSubscription() override { queue_->close(); }
  Result<FeedEvents> take(std::size_t events_max) override { return queue_->take(events_max); }

 private:
  std::shared_ptr<FeedQueue> queue_;
};

}  // namespace

Result<std::unique_ptr<Subscription>> FeedHub::subscribe(FeedOptions options) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return *stopped_;
  std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
  if (queues_.size() >= feed_subscriptions_max) {
    return error(ErrorCode::Unavailable, "there are " + std::to_string(queues_.size()) +
                                             " subscribers to the feed already, the most it takes");
  }
  auto queue = std::make_shared<FeedQueue>(std::move(options));
  queues_.push_back(queue);
  return std::unique_ptr<Subscription>(std::make_unique<QueueSubscription>(std::move(queue)));
}

std::vector<std::shared_ptr<FeedQueue>> FeedHub::queues() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<FeedQueue>> alive;
  for (const auto& queue : queues_) {
    if (auto locked = queue.lock()) alive.push_back(std::move(locked));
  }
  return alive;
}

bool FeedHub::wanted() const { return subscriptions() > 0; }

void FeedHub::publish(const FeedEvents& events) {
  std::uint64_t dropped = 0;
  for (const auto& queue : queues()) dropped += queue->push(events);
  const std::lock_guard lock(mutex_);
  dropped_ += dropped;
}

void FeedHub::passed_by() {
  for (const auto& queue : queues()) {
    queue->end(error(ErrorCode::Overflow,
                     "the subscription began amid a batch, whose events it was not given"));
  }
}

void FeedHub::stop(const Error& reason) {
  const Error ended =
      error(ErrorCode::Unavailable, "the read models have stopped: " + reason.message);
  for (const auto& queue : queues()) queue->end(ended);
  const std::lock_guard lock(mutex_);
  stopped_ = ended;
}

std::size_t FeedHub::subscriptions() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      queues_.begin(), queues_.end(), [](const auto& queue) { return !queue.expired(); }));
}

std::uint64_t FeedHub::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace orderlog::projections
