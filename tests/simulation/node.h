// One simulated process: the real engine, on its own loops, with a store and a log that outlive it.
// It starts, is killed, stands still and goes on; on Kafka it claims and leaves partitions as the
// group says, rightly or wrongly.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/log/memory_log.h"
#include "projections/runner/runner.h"
#include "tests/simulation/profile.h"
#include "tests/simulation/sim_kafka.h"
#include "tests/simulation/sim_loop.h"
#include "tests/simulation/sim_store.h"

namespace orderlog::sim {

// What a node is part of.
struct World {
  Schedule& schedule;
  Profile& profile;
  SimCluster* cluster = nullptr;       // with Kafka
  log::MemoryLog* disk_log = nullptr;  // without
  // Something became durable, or may have.
  std::function<void()> durable;
  std::function<void(const std::string&)> blame;
  std::function<TimestampUs()> business_time;
};

class Node {
 public:
  Node(World& world, Random random, std::uint32_t number, std::string directory);
  ~Node();

  // kill -9, and after some time a new process.
  void crash();
  void start();
  void pause(std::int64_t for_us);
  bool up() const { return engine_ != nullptr; }
  bool paused() const { return paused_; }
  // Virtual time at which the process began.
  bool lives_since(std::int64_t us) const { return started_us_ >= us; }
  const std::string& address() const { return address_; }

  // A request that has arrived; not answered if the process ends before.
  void submit(std::vector<std::uint8_t> command, runtime::AnswerDone done);
  // ---- what the group says
  void assign(PartitionId partition);
  void revoke(PartitionId partition);
  bool leads(PartitionId partition) const { return seats_[partition.value].state == Seat::Leading; }

  void tick();
  // The wall clock of this machine is set: so far from the true time.
  void set_clock(std::int64_t off_us) { clock_.off_us = off_us; }
  // A clean stop. Then the state is checked against a replay, and the rows against a rebuild.
  void stop(std::function<void(const Status&)> stopped);
  void check_at_rest();
  bool inbox_is_read() const;
  // How far this machine's copy of the topic reaches.
  log::CommitIndex copied(PartitionId partition) const {
    return copy_[partition.value].last_commit;
  }
  // A process here has seen that the log lost what it knew.
  bool knows_of_loss() const { return knows_of_loss_; }

 private:
  struct MachineClock final : Clock {
    explicit MachineClock(const World& where) : world(where) {}
    TimestampUs now() const override { return world.business_time() + off_us; }
    const World& world;
    std::int64_t off_us = 0;
  };
  struct Seat {
    enum State { Idle, Claiming, Leading, Leaving };
    State state = Idle;
    bool wanted = false;
    bool reading = false;  // a record of the inbox topic is on its way
  };
  void end_process();
  void wipe();
  void after_task();
  void sync();
  void claim(PartitionId partition);
  void retry(PartitionId partition);
  void leave(PartitionId partition);
  void read_inbox(PartitionId partition);
  void note_loss(const Error& why);
  void open_rows();
  void check_rows();
  log::EventLog& log();
  // Runs only if the process is still the same.
  template <class Task>
  auto mine(Task task) {
    return [this, life = life_, task](auto&&... given) {
      if (life == life_) task(std::forward<decltype(given)>(given)...);
    };
  }

  World& world_;
  Random random_;
  std::string address_;
  std::string directory_;
  // Outlive a process.
  MachineClock clock_;
  SimStore store_;
  CopyEnds copy_;
  std::vector<std::unique_ptr<SimLoop>> loops_;
  std::uint64_t life_ = 0;
  bool knows_of_loss_ = false;
  std::int64_t started_us_ = 0;
  // Of the process.
  SimLoop* loop_ = nullptr;        // the engine's
  SimLoop* background_ = nullptr;  // the store's writer
  SimLoop* wire_ = nullptr;        // librdkafka's, and who claims
  std::unique_ptr<SimKafkaLog> kafka_;
  std::unique_ptr<DataClock> data_clock_;
  std::unique_ptr<runtime::Engine> engine_;
  std::unique_ptr<projections::Runner> rows_;
  std::vector<Seat> seats_;
  bool paused_ = false;
  bool sync_scheduled_ = false;
  bool rows_scheduled_ = false;
  bool stopping_ = false;
};

}  // namespace orderlog::sim
