#include "connectors/kafka/ownership.h"

#include <algorithm>
#include <chrono>
#include <future>

#include "events/base/ensure.h"

namespace orderlog::kafka {
namespace {

using Clock = std::chrono::steady_clock;

std::string name_of(PartitionId partition) {
  return "partition " + std::to_string(partition.value);
}

}  // namespace

Result<std::unique_ptr<Ownership>> Ownership::start(OwnershipOptions options,
                                                    runtime::Engine& engine, runtime::Loop& loop,
                                                    log::KafkaLog& log, Tell tell) {
  std::unique_ptr<Ownership> ownership(
      new Ownership(std::move(options), engine, loop, log, std::move(tell)));
  auto member = log::kafka::GroupMember::join(ownership->options_.client, ownership->options_.group,
                                              *ownership);
  if (!member) return member.error();
  ownership->member_ = std::move(member).value();
  return ownership;
}

Ownership::Ownership(OwnershipOptions options, runtime::Engine& engine, runtime::Loop& loop,
                     log::KafkaLog& log, Tell tell)
    : options_(std::move(options)),
      engine_(engine),
      loop_(loop),
      log_(log),
      tell_(std::move(tell)),
      seats_(log.partition_count()) {
  engine_.on_lost([this](PartitionId partition, const Error& why) { on_lost(partition, why); });
  thread_ = std::thread([this] { run(); });
}

Ownership::~Ownership() {
  member_.reset();  // revokes what is left
  {
    const std::lock_guard lock(mutex_);
    for (Seat& seat : seats_) seat.wanted = false;  // if nothing was left to be revoked
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  // Nothing of this is called any more when the loop has come so far.
  std::promise<void> done;
  loop_.post([this, &done] {
    engine_.on_lost(nullptr);
    done.set_value();
  });
  done.get_future().wait();
}

OwnershipStats Ownership::stats() const {
  const std::lock_guard lock(mutex_);
  OwnershipStats now = stats_;
  for (const Seat& seat : seats_) {
    now.wanted += seat.wanted ? 1 : 0;
    now.leading += seat.state == State::Leading ? 1 : 0;
  }
  return now;
}

// ---- what the group says ------------------------------------------------------------------------

void Ownership::assigned(const std::vector<PartitionId>& partitions) {
  {
    const std::lock_guard lock(mutex_);
    for (const PartitionId partition : partitions) {
      if (partition.value >= seats_.size()) continue;
      seats_[partition.value].wanted = true;
      seats_[partition.value].not_before = {};
    }
    stats_.assigned = true;
  }
  changed_.notify_all();
}

void Ownership::revoked(bool lost) {
  std::unique_lock lock(mutex_);
  for (Seat& seat : seats_) seat.wanted = false;
  changed_.notify_all();
  if (lost) return;
  const bool left =
      changed_.wait_for(lock, std::chrono::milliseconds(options_.leave_ms_max), [this] {
        return std::all_of(seats_.begin(), seats_.end(),
                           [](const Seat& seat) { return seat.state == State::Idle; });
      });
  if (!left) stats_.last_trouble = "partitions were taken away before they could be left";
}

void Ownership::trouble(const Error& why) {
  tell_(why.message);
  const std::lock_guard lock(mutex_);
  stats_.last_trouble = why.message;
}

log::kafka::Offsets Ownership::consumed() {
  return options_.consumed ? options_.consumed() : log::kafka::Offsets();
}

// ---- what there is to do ------------------------------------------------------------------------

void Ownership::run() {
  std::unique_lock lock(mutex_);
  while (const auto partition = next_to_do(lock)) {
    Seat& seat = seats_[partition->value];
    const State state = seat.state;
    if (state == State::Idle) {
      seat.state = State::Claiming;
      seat.claim_began = Clock::now();
    }
    if (state == State::Leading) seat.state = State::Leaving;
    lock.unlock();
    work(*partition, state);
    lock.lock();
  }
}

void Ownership::work(PartitionId partition, State state) {
  switch (state) {
    case State::Idle:
      return claim(partition);
    case State::Leading:
      return leave(partition);
    case State::Left:
      return release(partition);
    case State::Claiming:
    case State::Leaving:
      break;
  }
  ORDERLOG_ENSURE(false, "nothing to do in this state");
}

// Waits for something to do; nothing: stopping, and all is left.
std::optional<PartitionId> Ownership::next_to_do(std::unique_lock<std::mutex>& lock) {
  while (true) {
    auto wake = Clock::now() + std::chrono::hours(1);
    bool idle = true;
    for (std::uint32_t p = 0; p < seats_.size(); ++p) {
      const Seat& seat = seats_[p];
      idle = idle && seat.state == State::Idle;
      if (seat.state == State::Left || (seat.state == State::Leading && !seat.wanted)) {
        return PartitionId(p);
      }
      if (seat.state != State::Idle || !seat.wanted) continue;
      if (seat.not_before <= Clock::now()) return PartitionId(p);
      wake = std::min(wake, seat.not_before);
    }
    if (stopping_ && idle) return std::nullopt;
    changed_.wait_until(lock, wake);
  }
}

void Ownership::claim(PartitionId partition) {
  auto claimed = log_.claim(partition);
  if (!claimed) {
    tell_("cannot claim " + name_of(partition) + ": " + claimed.error().message);
    const std::lock_guard lock(mutex_);
    stats_.last_trouble = claimed.error().message;
    return retry(seats_[partition.value], options_.claim_retry_ms);
  }
  loop_.post([this, claim = *claimed] {
    engine_.take(claim, [this, partition = claim.partition](const Status& status) {
      on_taken(partition, status);
    });
  });
}

// On the engine's thread.
void Ownership::on_taken(PartitionId partition, const Status& status) {
  if (status && options_.led) options_.led(partition, engine_.inbox_offset(partition));
  std::chrono::milliseconds taken{};
  {
    const std::lock_guard lock(mutex_);
    Seat& seat = seats_[partition.value];
    taken = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - seat.claim_began);
    if (status) {
      seat.state = State::Leading;
      ++stats_.taken;
      stats_.last_trouble.clear();
    } else {
      stats_.last_trouble = status.error().message;
      retry(seat, options_.claim_retry_ms);
    }
  }
  changed_.notify_all();
  tell_(status ? "leads " + name_of(partition) + ", " + std::to_string(taken.count()) +
                     " ms after it began to claim it"
               : "cannot lead " + name_of(partition) + ": " + status.error().message);
}

void Ownership::leave(PartitionId partition) {
  loop_.post([this, partition] {
    if (options_.not_led) options_.not_led(partition);
    engine_.leave(partition, [this, partition] {
      {
        const std::lock_guard lock(mutex_);
        seats_[partition.value].state = State::Left;
      }
      changed_.notify_all();
    });
  });
}

void Ownership::release(PartitionId partition) {
  log_.release(partition);
  tell_("has left " + name_of(partition));
  {
    const std::lock_guard lock(mutex_);
    seats_[partition.value].state = State::Idle;
  }
  changed_.notify_all();
}

// On the engine's thread.
void Ownership::on_lost(PartitionId partition, const Error& why) {
  if (options_.not_led) options_.not_led(partition);
  tell_("has lost " + name_of(partition) + ": " + why.message);
  {
    const std::lock_guard lock(mutex_);
    ++stats_.lost;
    stats_.last_trouble = why.message;
    retry(seats_[partition.value],
          why.code == ErrorCode::Fenced ? options_.fenced_retry_ms : options_.claim_retry_ms);
  }
  changed_.notify_all();
}

// Under the lock.
void Ownership::retry(Seat& seat, std::uint32_t after_ms) {
  seat.state = State::Idle;
  seat.not_before = Clock::now() + std::chrono::milliseconds(after_ms);
}

}  // namespace orderlog::kafka
