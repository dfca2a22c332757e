#include "connectors/kafka/publisher.h"

#include <algorithm>

#include "connectors/kafka/publishing_session.h"

namespace orderlog::kafka {

using SteadyClock = std::chrono::steady_clock;

Publisher::Publisher(PublisherOptions options, log::LogReader& log, projections::Runner& runner,
                     const Clock& as_of)
    : options_(std::move(options)),
      log_(log),
      runner_(runner),
      as_of_(as_of),
      through_(log.partition_count()),
      thread_([this] { run(); }) {}

Publisher::~Publisher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Publisher::lead(bool leads) {
  {
    const std::lock_guard lock(mutex_);
    if (leads && !leads_) caught_up_ = SteadyClock::now();
    leads_ = leads;
  }
  changed_.notify_all();
}

bool Publisher::go_on() const {
  const std::lock_guard lock(mutex_);
  return leads_ && !stopping_;
}

void Publisher::rest(std::uint32_t ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

void Publisher::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return leads_ || stopping_; });
      if (stopping_) return;
    }
    const Status ended = publish();
    note(ended);
    if (!ended && go_on()) {
      rest(ended.error().code == ErrorCode::Fenced ? options_.fenced_retry_ms : options_.retry_ms);
    }
  }
}

// Until this node is not the one any more, or something goes wrong.
Status Publisher::publish() {
  auto session = PublishingSession::open(*this);
  if (!session) return session.error();
  {
    const std::lock_guard lock(mutex_);
    stats_.publishing = true;
    stats_.last_trouble.clear();
  }
  while (go_on()) {
    if (auto status = (*session)->step(); !status) return status;
  }
  return {};
}

void Publisher::note(const Status& ended) {
  const std::lock_guard lock(mutex_);
  stats_.publishing = false;
  stats_.rows_waiting = 0;
  stats_.last_trouble = ended || !leads_ || stopping_ ? "" : ended.error().message;
}

// Under the lock.
std::uint64_t Publisher::lag_events() const {
  std::uint64_t lag = 0;
  for (std::uint32_t p = 0; p < through_.size(); ++p) {
    const std::uint64_t end = log_.durable_end(PartitionId(p)).last_seq.value;
    lag += end - std::min(end, through_[p].value);
  }
  return lag;
}

PublisherStats Publisher::stats() const {
  const std::lock_guard lock(mutex_);
  PublisherStats now = stats_;
  if (!leads_) return now;
  now.lag_events = lag_events();
  if (now.lag_events > 0) {
    now.lag_us =
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - caught_up_)
            .count();
  }
  return now;
}

}  // namespace orderlog::kafka
