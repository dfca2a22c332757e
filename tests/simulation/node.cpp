#include "tests/simulation/node.h"

#include <filesystem>

#include "engine/runtime/replay_check.h"
#include "projections/registry.h"

namespace orderlog::sim {
namespace {

constexpr std::int64_t step_us_max = 40;
constexpr std::int64_t restart_us_max = 300'000;
constexpr std::int64_t claim_us_max = 50'000;
constexpr std::int64_t claim_retry_us = 50'000;

}  // namespace

Node::Node(World& world, Random random, std::uint32_t number, std::string directory)
    : world_(world),
      random_(random),
      address_("node-" + std::to_string(number)),
      directory_(std::move(directory)),
      clock_(world) {
  for (std::uint32_t p = 0; p < world.profile.partitions; ++p)
    copy_.push_back(log::empty_end(PartitionId(p), world.profile.partitions));
}

Node::~Node() { end_process(); }

log::EventLog& Node::log() {
  if (kafka_) return *kafka_;
  return *world_.disk_log;
}

// ---- life and death -----------------------------------------------------------------------------

void Node::start() {
  const auto new_loop = [this](std::function<void()> after) {
    loops_.push_back(
        std::make_unique<SimLoop>(world_.schedule, random_.split(), step_us_max, std::move(after)));
    return loops_.back().get();
  };
  loop_ = new_loop(mine([this] { after_task(); }));
  background_ = new_loop([] {});
  wire_ = new_loop([] {});
  seats_.assign(world_.profile.partitions, {});
  started_us_ = world_.schedule.now_us();
  if (world_.cluster != nullptr) {
    kafka_ = std::make_unique<SimKafkaLog>(world_.schedule, random_.split(), world_.profile.brokers,
                                           *world_.cluster, *wire_, copy_);
  }
  runtime::EngineOptions options;
  options.policy = engine::default_policy();
  options.limits = world_.profile.limits;
  options.advertised_address = address_;
  options.engine_version = "simulation";
  options.claim_all = world_.cluster == nullptr;
  options.background = background_;
  if (world_.profile.data_clock) data_clock_ = std::make_unique<DataClock>();
  auto opened =
      runtime::open_engine(std::move(options), log(), store_, clock_, data_clock_.get(), *loop_);
  if (!opened) return world_.blame(address_ + " cannot start: " + opened.error().message);
  engine_ = std::move(opened).value();
  engine_->on_failure([this](const Error& why) {
    if (why.code == ErrorCode::Corrupt) note_loss(why);
    world_.schedule.after(0, mine([this] { crash(); }));
  });
  engine_->on_lost(mine([this](PartitionId partition, const Error&) {
    seats_[partition.value].state = Seat::Idle;
    retry(partition);
  }));
  if (world_.profile.projections) open_rows();
  world_.durable();
}

void Node::end_process() {
  ++life_;
  for (SimLoop* loop : {loop_, background_, wire_}) {
    if (loop != nullptr) loop->end();
  }
  rows_.reset();
  engine_.reset();
  kafka_.reset();
  paused_ = sync_scheduled_ = rows_scheduled_ = stopping_ = false;
}

void Node::crash() {
  if (!up()) return;
  end_process();
  store_.crash(random_.below(store_.unflushed() + 1));
  if (world_.disk_log != nullptr) {
    world_.disk_log->crash(random_.below(world_.disk_log->pending() + 1));
  }
  if (random_.chance(world_.profile.wiped_disk)) wipe();
  world_.durable();
  world_.schedule.after(random_.between(1, restart_us_max), mine([this] { start(); }));
}

// All that is derived from the log.
void Node::wipe() {
  store_.wipe();
  for (std::uint32_t p = 0; p < copy_.size() && world_.cluster != nullptr; ++p)
    copy_[p] = log::empty_end(PartitionId(p), world_.profile.partitions);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Node::pause(std::int64_t for_us) {
  if (!up() || paused_) return;
  paused_ = true;
  for (SimLoop* loop : {loop_, background_, wire_}) loop->pause();
  world_.schedule.after(for_us, mine([this] {
                          paused_ = false;
                          for (SimLoop* loop : {loop_, background_, wire_}) loop->resume();
                        }));
}

void Node::note_loss(const Error& why) {
  knows_of_loss_ = true;
  if (!world_.profile.truncation) world_.blame(address_ + ": " + why.message);
}

// ---- work ---------------------------------------------------------------------------------------

void Node::submit(std::vector<std::uint8_t> command, runtime::AnswerDone done) {
  if (!up()) return;
  loop_->post(mine([this, command = std::move(command), done = std::move(done)] {
    engine_->submit(command, done);
  }));
}

void Node::tick() {
  if (!up() || paused_) return;
  loop_->post(mine([this] {
    if (!stopping_) engine_->tick();
    const auto stats = engine_->stats();
    if (stats.in_flight > world_.profile.limits.commands_in_flight_max)
      world_.blame(address_ + ": more commands in flight than the limit");
  }));
  store_.fail_next_write(random_.chance(world_.profile.failed_store_write));
  if (kafka_) {
    for (std::uint32_t p = 0; p < seats_.size(); ++p) {
      kafka_->follow(PartitionId(p));
      read_inbox(PartitionId(p));
    }
    if (kafka_->failure()) note_loss(*kafka_->failure());
  }
  if (rows_ && !rows_scheduled_) {
    rows_scheduled_ = true;
    world_.schedule.after(random_.between(1, 20'000), mine([this] {
                            rows_scheduled_ = false;
                            auto stepped = rows_->step();
                            if (!stepped)
                              world_.blame(address_ + ": rows: " + stepped.error().message);
                          }));
  }
}

void Node::after_task() {
  if (world_.disk_log == nullptr || sync_scheduled_ || world_.disk_log->pending() == 0) return;
  sync_scheduled_ = true;
  if (random_.chance(world_.profile.refused_append)) world_.disk_log->refuse_appends(1);
  world_.schedule.after(random_.between(1, world_.profile.sync_us_max), mine([this] { sync(); }));
}

void Node::sync() {
  sync_scheduled_ = false;
  const std::size_t pending = world_.disk_log->pending();
  if (pending == 0) return;
  if (random_.chance(world_.profile.failed_sync)) {
    world_.disk_log->fail_next_sync(error(ErrorCode::Io, "the disk failed"),
                                    random_.below(pending + 1));
  }
  world_.disk_log->step(1 + random_.below(pending));
  world_.durable();
  after_task();
}

void Node::stop(std::function<void(const Status&)> stopped) {
  stopping_ = true;
  // The faults are over, also for one that was paused when they ended and has not ticked since.
  store_.fail_next_write(false);
  engine_->stop(std::move(stopped));
}

// ---- partitions ---------------------------------------------------------------------------------

void Node::assign(PartitionId partition) {
  if (!up()) return;
  wire_->post(mine([this, partition] {
    seats_[partition.value].wanted = true;
    retry(partition);
  }));
}

void Node::revoke(PartitionId partition) {
  if (!up()) return;
  wire_->post(mine([this, partition] {
    seats_[partition.value].wanted = false;
    if (seats_[partition.value].state == Seat::Leading) leave(partition);
  }));
}

void Node::retry(PartitionId partition) {
  world_.schedule.after(random_.between(1, claim_retry_us), mine([this, partition] {
                          wire_->post(mine([this, partition] { claim(partition); }));
                        }));
}

void Node::claim(PartitionId partition) {
  Seat& seat = seats_[partition.value];
  if (!seat.wanted || seat.state != Seat::Idle || stopping_) return;
  seat.state = Seat::Claiming;
  auto claimed = kafka_->claim(partition);
  if (!claimed) {
    seat.state = Seat::Idle;
    return retry(partition);
  }
  world_.schedule.after(random_.between(1, claim_us_max), mine([this, partition, claim = *claimed] {
                          loop_->post(mine([this, partition, claim] {
                            engine_->take(claim, mine([this, partition](const Status& taken) {
                                            Seat& now = seats_[partition.value];
                                            now.state = taken ? Seat::Leading : Seat::Idle;
                                            if (!taken) return retry(partition);
                                            if (!now.wanted) leave(partition);
                                          }));
                          }));
                        }));
}

void Node::leave(PartitionId partition) {
  seats_[partition.value].state = Seat::Leaving;
  loop_->post(mine([this, partition] {
    engine_->leave(partition, mine([this, partition] {
                     kafka_->release(partition);
                     seats_[partition.value].state = Seat::Idle;
                     if (seats_[partition.value].wanted) retry(partition);
                   }));
  }));
}

// ---- the inbox topic ----------------------------------------------------------------------------

void Node::read_inbox(PartitionId partition) {
  Seat& seat = seats_[partition.value];
  if (seat.state != Seat::Leading || seat.reading) return;
  seat.reading = true;
  loop_->post(mine([this, partition] {
    Seat& now = seats_[partition.value];
    const auto& records = world_.cluster->inbox()[partition.value];
    const auto next = static_cast<std::size_t>(engine_->inbox_offset(partition));
    if (now.state != Seat::Leading || next >= records.size()) {
      now.reading = false;
      return;
    }
    engine_->submit_from_inbox(partition, static_cast<std::int64_t>(next) + 1, records[next],
                               mine([this, partition](const runtime::Answer&) {
                                 seats_[partition.value].reading = false;
                               }));
  }));
}

bool Node::inbox_is_read() const {
  for (std::uint32_t p = 0; p < seats_.size(); ++p) {
    if (!leads(PartitionId(p))) continue;
    const auto& records = world_.cluster->inbox()[p];
    if (engine_->inbox_offset(PartitionId(p)) < static_cast<std::int64_t>(records.size()))
      return false;
  }
  return true;
}

// ---- read models and the end --------------------------------------------------------------------

void Node::open_rows() {
  projections::RunnerOptions options;
  options.directory = directory_;
  options.own_thread = false;
  options.flush_on_close = false;
  options.idle_scheduling = false;
  options.memtable_bytes = 64 * 1024;  // the least that RocksDB takes: many flushes
  std::filesystem::create_directories(directory_);
  auto opened = projections::Runner::open(log(), options, projections::all_models());
  if (!opened) return world_.blame(address_ + ": rows: " + opened.error().message);
  rows_ = std::move(opened).value();
}

void Node::check_rows() {
  while (true) {
    auto stepped = rows_->step();
    if (!stepped) return world_.blame(address_ + ": rows: " + stepped.error().message);
    if (!*stepped) break;
  }
  projections::RunnerOptions options;
  options.directory = directory_ + "-anew";
  options.own_thread = false;
  options.flush_on_close = false;
  options.idle_scheduling = false;
  std::filesystem::create_directories(options.directory);
  auto anew = projections::Runner::open(log(), options, projections::all_models());
  if (!anew) return world_.blame(address_ + ": rows anew: " + anew.error().message);
  while (true) {
    auto stepped = (*anew)->step();
    if (!stepped) return world_.blame(address_ + ": rows anew: " + stepped.error().message);
    if (!*stepped) break;
  }
  for (const auto& model : (*anew)->stats().models) {
    const auto live = rows_->state_hash(model.name);
    const auto built = (*anew)->state_hash(model.name);
    if (!live || !built || *live != *built)
      world_.blame(address_ + ": the rows of " + model.name + " are not those of a rebuild");
  }
}

void Node::check_at_rest() {
  const auto stats = engine_->stats();
  if (stats.internal_rejections > 0 && world_.profile.inbox == 0)
    world_.blame(address_ + ": a follow-up was refused: " + stats.last_internal_rejection);
  SimStore scratch;
  auto checked = runtime::check_replay(log(), store_, scratch, engine::default_policy(),
                                       world_.profile.limits, clock_);
  if (!checked) return world_.blame(address_ + ": replay: " + checked.error().message);
  for (const auto& difference : checked->differences)
    world_.blame(address_ + ": replay is not live: " + difference);
  if (rows_) check_rows();
}

}  // namespace orderlog::sim
