// Makes this node lead the partitions that the consumer group on the inbox topic gives it: claims
// them in the log, has the engine take them, and gives them up again. For each partition:
//
//   idle ──wanted──▶ claiming ──claimed, taken──▶ leading ──revoked──▶ leaving ──▶ left ──▶ idle
//     ▲─── failed: pause ──╯                        │
//     ╰──── lost: pause ────────────────────────────╯
//
// Must hold: 1. a revoked partition is given up (its producer closed, its last commit durable or
// lost) before the group hands it to another node, or the time for that is over; 2. who was fenced
// waits before claiming again: perhaps it is the group that this node has to hear from first.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/runtime/engine.h"
#include "events/log/kafka/group_member.h"
#include "events/log/kafka/kafka_log.h"

namespace orderlog::kafka {

struct OwnershipOptions {
  log::kafka::ClientOptions client;
  log::kafka::GroupOptions group;
  std::uint32_t leave_ms_max = 5'000;  // to give up a revoked partition
  std::uint32_t claim_retry_ms = 500;  // after a claim that failed
  // Who reads the inbox topic of what is led: from that offset; and no more. On the engine's
  // thread.
  std::function<void(PartitionId, std::int64_t offset)> led;
  std::function<void(PartitionId)> not_led;
  // How far the inbox topic of what is led is done with: what the group shows to others. Any
  // thread.
  std::function<log::kafka::Offsets()> consumed;
  std::uint32_t fenced_retry_ms = 3'000;  // after losing a partition to another owner
};

struct OwnershipStats {
  bool assigned = false;  // the group has answered; before, nothing is wanted yet
  std::uint32_t wanted = 0;
  std::uint32_t leading = 0;
  std::uint64_t taken = 0;
  std::uint64_t lost = 0;
  std::string last_trouble;  // why a wanted partition is not led; empty: all are
};

class Ownership final : private log::kafka::GroupListener {
 public:
  // Something to say to people; any thread.
  using Tell = std::function<void(const std::string& text)>;

  // Joins the group. The engine (opened without claim_all), its loop and the log outlive this.
  // Errors: those of the client.
  static Result<std::unique_ptr<Ownership>> start(OwnershipOptions options, runtime::Engine& engine,
                                                  runtime::Loop& loop, log::KafkaLog& log,
                                                  Tell tell);
  // Gives everything up and leaves the group. Not on the engine's thread, which must still run.
  ~Ownership() override;

  OwnershipStats stats() const;  // any thread

 private:
  enum class State { Idle, Claiming, Leading, Leaving, Left };
  struct Seat {
    bool wanted = false;
    State state = State::Idle;
    std::chrono::steady_clock::time_point not_before;
    std::chrono::steady_clock::time_point claim_began;
  };

  Ownership(OwnershipOptions options, runtime::Engine& engine, runtime::Loop& loop,
            log::KafkaLog& log, Tell tell);

  // GroupListener
  void assigned(const std::vector<PartitionId>& partitions) override;
  void revoked(bool lost) override;
  void trouble(const Error& why) override;
  log::kafka::Offsets consumed() override;

  void run();
  std::optional<PartitionId> next_to_do(std::unique_lock<std::mutex>& lock);
  void work(PartitionId partition, State state);
  void claim(PartitionId partition);
  void leave(PartitionId partition);
  void release(PartitionId partition);
  void on_taken(PartitionId partition, const Status& status);
  void on_lost(PartitionId partition, const Error& why);
  void retry(Seat& seat, std::uint32_t after_ms);

  const OwnershipOptions options_;
  runtime::Engine& engine_;
  runtime::Loop& loop_;
  log::KafkaLog& log_;
  const Tell tell_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Seat> seats_;
  OwnershipStats stats_;
  bool stopping_ = false;
  std::thread thread_;
  std::unique_ptr<log::kafka::GroupMember> member_;
};

}  // namespace orderlog::kafka
