// One run of a seed: the load with its faults, then rest, then the checks. Longer than 400 lines
// because all of it acts on one schedule; nodes, workload and oracle have files of their own.
#include "tests/simulation/simulation.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "tests/simulation/node.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/workload.h"

namespace orderlog::sim {
namespace {

constexpr std::int64_t tick_us = 5'000;
constexpr TimestampUs start_us = 1'750'000'000'000'000;  // 2025-06-15
// How long the load with faults may last, and how soon all must rest once they have stopped.
constexpr std::int64_t load_us_max = 60'000'000;
constexpr std::int64_t rest_us_max = 120'000'000;
constexpr std::int64_t quiet_us = 500'000;
constexpr std::int64_t network_us_max = 2'000;
constexpr std::int64_t think_us_max = 20'000;
constexpr std::int64_t retry_us_max = 50'000;
constexpr std::int64_t late_us_max = 5'000'000;
constexpr std::int64_t pause_us_max = 3'000'000;
constexpr std::int64_t session_us = 400'000;
constexpr std::uint32_t truncation_per_tick = 5'000;
// Of the extra draws of a seed (draw_more). With this value those seeds draw no further kind of
// load or fault that are kept because they once failed; only their snapshots take other steps than
// then.
constexpr std::uint64_t more_salt = 0x9e3779b97f4aa50cULL;
// A client's clock is behind those of all nodes.
constexpr std::int64_t client_clock_behind_us = clocks_apart_us_max / 2;

class Simulation {
 public:
  Simulation(std::uint64_t seed, const SimulationOptions& options);
  Outcome run();

 private:
  struct Request {
    Operation operation;
    bool final = false;
    std::size_t client = 0;
    int copies = 0;
  };
  using RequestPtr = std::shared_ptr<Request>;

  void tick();
  void see_durable();
  void hear_group();
  void tell(std::uint32_t partition);
  void next_operation(std::size_t client);
  void send(const RequestPtr& request, bool altered, const std::string& to);
  void answered(const RequestPtr& request, const Attempt& attempt, const runtime::Answer& answer,
                bool too_late);
  void retry(const RequestPtr& request, const std::string& to);
  void publish(Operation operation);
  void deliver(const Operation& operation);
  void later(std::function<void()> come);
  bool import_is_done() const { return import_next_ == import_.size(); }
  void truncate();
  bool all_know_of_loss() const;
  Node* node_at(const std::string& address);
  bool rests() const;
  bool run_until(const std::function<bool()>& done, std::int64_t within_us);
  void stop_and_check();
  TimestampUs business_time() const;

  Random random_;
  Profile profile_;
  Schedule schedule_;
  std::string directory_;
  std::unique_ptr<log::MemoryLog> disk_log_;
  std::unique_ptr<SimCluster> cluster_;
  Oracle oracle_;
  World world_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Workload workload_;
  std::deque<Operation> setup_;
  std::size_t setup_open_ = 0;
  std::vector<Operation> import_;
  std::size_t import_next_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t open_ = 0;         // requests without a final answer
  std::uint64_t late_ = 0;         // repeats and records that are still to come
  std::int64_t last_late_us_ = 0;  // when the last of them came
  std::int64_t last_durable_us_ = 0;
  std::optional<TimestampUs> frozen_;  // business time stands still
  // Commits that an unclean election left of a partition. What is durable can't be said any more.
  std::optional<std::pair<PartitionId, std::size_t>> left_;
  // The group: who has which partition, and since when it does not hear of a node.
  std::vector<std::optional<std::size_t>> owners_;
  std::vector<std::int64_t> told_;  // by partition: when its owner was told last
  std::vector<std::int64_t> heard_;
  Outcome outcome_;
  bool ticking_ = true;
};

Simulation::Simulation(std::uint64_t seed, const SimulationOptions& options)
    : random_(seed),
      profile_(draw_profile(random_)),
      directory_(options.directory + "/" + std::to_string(seed)),
      oracle_(profile_, options.tell_events),
      world_{schedule_,
             profile_,
             nullptr,
             nullptr,
             [this] { see_durable(); },
             [this](const std::string& what) { oracle_.blame(what); },
             [this] { return business_time(); }},
      workload_(random_.split(), profile_, oracle_.books()),
      owners_(profile_.partitions),
      told_(profile_.partitions),
      heard_(profile_.nodes) {
  draw_more(Random(seed ^ more_salt), profile_);
  profile_.brokers.fencing = options.fencing;
  outcome_.seed = seed;
  outcome_.profile = to_string(profile_);
  if (profile_.kafka) {
    cluster_ = std::make_unique<SimCluster>(profile_.partitions);
    world_.cluster = cluster_.get();
  } else {
    log::MemoryLogOptions log;
    log.partition_count = profile_.partitions;
    disk_log_ = std::move(*log::open_memory_log(log));
    world_.disk_log = disk_log_.get();
  }
  for (std::uint32_t n = 0; n < profile_.nodes; ++n) {
    nodes_.push_back(std::make_unique<Node>(world_, random_.split(), n,
                                            directory_ + "/node" + std::to_string(n)));
  }
}

TimestampUs Simulation::business_time() const {
  return frozen_.value_or(start_us + schedule_.now_us() * profile_.clock_pace);
}

// ---- what happens by itself ---------------------------------------------------------------------

void Simulation::see_durable() {
  if (left_) return;
  for (std::uint32_t p = 0; p < profile_.partitions; ++p) {
    const PartitionId partition(p);
    const std::uint64_t before = oracle_.taken(partition);
    if (cluster_) {
      const auto& committed = cluster_->committed(partition);
      while (oracle_.taken(partition) < committed.size()) {
        const auto at = oracle_.taken(partition);
        oracle_.take(partition, committed[at].view(), schedule_.now_us());
        if (oracle_.taken(partition) != at + 1) return;  // blamed
      }
    } else {
      auto cursor = disk_log_->read(partition, log::CommitIndex(before + 1));
      while (true) {
        auto frame = (*cursor)->next_frame();
        if (!frame || !*frame) break;
        oracle_.take(partition, (*frame)->frame, schedule_.now_us());
      }
    }
    if (oracle_.taken(partition) != before) last_durable_us_ = schedule_.now_us();
  }
}

void Simulation::tick() {
  if (!ticking_) return;
  see_durable();
  for (auto& node : nodes_) {
    if (random_.chance(profile_.crash_per_tick)) {
      outcome_.crashes += node->up() ? 1 : 0;
      node->crash();
    }
    if (random_.chance(profile_.pause_per_tick)) node->pause(random_.between(1, pause_us_max));
    if (random_.chance(profile_.clock_jump_per_tick))
      node->set_clock(random_.between(-clocks_apart_us_max / 4, clocks_apart_us_max / 4));
    node->tick();
  }
  if (cluster_) hear_group();
  if (profile_.truncation) truncate();
  schedule_.after(tick_us, [this] { tick(); });
}

// Takes from a partition what every node has seen of it, once; nothing may be written behind that.
void Simulation::truncate() {
  if (left_) {
    if (cluster_->committed(left_->first).size() != left_->second)
      oracle_.blame("written behind an end that was lost");
    return;
  }
  if (frozen_ || !random_.chance(truncation_per_tick)) return;
  const PartitionId partition(static_cast<std::uint32_t>(random_.below(profile_.partitions)));
  std::uint64_t seen = cluster_->committed(partition).size();
  for (const auto& node : nodes_) seen = std::min(seen, node->copied(partition).value);
  if (seen == 0) return;
  left_ = {partition, random_.below(seen)};
  cluster_->truncate(partition, left_->second);
}

bool Simulation::all_know_of_loss() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const auto& node) { return node->knows_of_loss(); });
}

void Simulation::tell(std::uint32_t partition) {
  told_[partition] = schedule_.now_us();
  nodes_[*owners_[partition]]->assign(PartitionId(partition));
}

// Gives partitions to nodes; what it knows of them is old.
void Simulation::hear_group() {
  const std::int64_t now = schedule_.now_us();
  std::vector<std::size_t> alive;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (nodes_[n]->up() && !nodes_[n]->paused()) heard_[n] = now;
    if (now - heard_[n] <= session_us) alive.push_back(n);
  }
  if (alive.empty()) return;
  for (std::uint32_t p = 0; p < owners_.size(); ++p) {
    auto& owner = owners_[p];
    const bool lost = owner && now - heard_[*owner] > session_us;
    const bool moved = random_.chance(profile_.rebalance_per_tick);
    if (owner && !lost && !moved) {
      // A new process of the same member asks again, as soon as the group can hear it.
      if (nodes_[*owner]->up() && nodes_[*owner]->lives_since(told_[p] + 1)) tell(p);
      continue;
    }
    if (owner) nodes_[*owner]->revoke(PartitionId(p));
    owner = random_.pick(alive);
    schedule_.after(random_.between(1, session_us / 4), [this, p, to = *owner] {
      if (owners_[p] == to) tell(p);
    });
  }
}

// ---- clients ------------------------------------------------------------------------------------

Node* Simulation::node_at(const std::string& address) {
  for (auto& node : nodes_) {
    if (node->address() == address) return node.get();
  }
  return nodes_[random_.below(nodes_.size())].get();
}

void Simulation::next_operation(std::size_t client) {
  auto request = std::make_shared<Request>();
  request->client = client;
  const bool is_importer = client == profile_.clients;
  const TimestampUs at = business_time() - client_clock_behind_us;
  if (client == 0 && !setup_.empty()) {
    request->operation = std::move(setup_.front());
    setup_.pop_front();
    ++setup_open_;
  } else if (setup_open_ > 0 || !setup_.empty()) {
    schedule_.after(think_us_max, [this, client] { next_operation(client); });
    return;
  } else if (is_importer) {
    if (import_is_done()) return;
    request->operation = import_[import_next_++];
  } else {
    if (started_ >= profile_.operations) return;
    ++started_;
    request->operation = workload_.next(at);
    if (random_.chance(profile_.inbox)) {
      publish(std::move(request->operation));
      schedule_.after(random_.between(1, think_us_max), [this, client] { next_operation(client); });
      return;
    }
  }
  ++open_;
  ++outcome_.commands;
  send(request, false, "");
  if (random_.chance(profile_.duplicate)) send(request, false, "");
}

void Simulation::publish(Operation operation) {
  ++outcome_.commands;
  deliver(operation);
  if (random_.chance(profile_.duplicate)) deliver(operation);
}

// To the inbox topic, perhaps behind what is sent after it.
void Simulation::deliver(const Operation& operation) {
  auto& topic = cluster_->inbox()[operation.home(profile_.partitions).value];
  if (profile_.inbox_late == 0 || !random_.chance(profile_.inbox_late)) {
    topic.push_back(operation.bytes);
    return;
  }
  later([&topic, bytes = operation.bytes] { topic.push_back(bytes); });
}

// There is no rest before that: a repeat of what was rejected may be accepted.
void Simulation::later(std::function<void()> come) {
  ++late_;
  schedule_.after(random_.between(1, late_us_max), [this, come = std::move(come)] {
    --late_;
    last_late_us_ = schedule_.now_us();
    come();
  });
}

void Simulation::send(const RequestPtr& request, bool altered, const std::string& to) {
  const Attempt attempt = oracle_.attempt(request->operation, altered, schedule_.now_us());
  Node* node = node_at(to);
  auto heard = std::make_shared<bool>(false);
  schedule_.after(random_.between(1, network_us_max), [this, request, attempt, node, heard] {
    const auto& bytes = attempt.altered ? request->operation.altered : request->operation.bytes;
    node->submit(bytes, [this, request, attempt, heard](const runtime::Answer& answer) {
      // As the node gives it, before the network takes its time.
      see_durable();
      if (!left_) oracle_.hear(request->operation, attempt, answer, schedule_.now_us());
      schedule_.after(random_.between(1, network_us_max), [this, request, attempt, heard, answer] {
        answered(request, attempt, answer, std::exchange(*heard, true));
      });
    });
  });
  // Then nobody listens any more: one try has one that follows it, or they would breed.
  schedule_.after(profile_.client_timeout_us, [this, request, heard, altered] {
    if (std::exchange(*heard, true) || altered) return;
    if (!request->final) retry(request, "");
  });
}

void Simulation::retry(const RequestPtr& request, const std::string& to) {
  schedule_.after(random_.between(1, retry_us_max), [this, request, to] {
    if (!request->final) send(request, false, to);
  });
}

void Simulation::answered(const RequestPtr& request, const Attempt& attempt,
                          const runtime::Answer& answer, bool too_late) {
  if (attempt.altered || request->final || too_late) return;
  const bool decided = answer.outcome == runtime::Outcome::Accepted ||
                       answer.outcome == runtime::Outcome::Rejected ||
                       answer.outcome == runtime::Outcome::KeyReused;
  if (!decided) return retry(request, answer.leader_address);
  request->final = true;
  --open_;
  if (setup_open_ > 0) {
    --setup_open_;
    if (answer.outcome != runtime::Outcome::Accepted) {
      oracle_.blame("setup: " + request->operation.aggregate + " was refused: " +
                    (answer.rejection ? answer.rejection->detail : answer.reason));
    }
  }
  if (request->client == profile_.clients) {
    if (answer.outcome != runtime::Outcome::Accepted) {
      oracle_.blame("import: " + request->operation.aggregate + " was refused: " +
                    (answer.rejection ? answer.rejection->detail : answer.reason));
    }
    // The same again: all of it is known, as long as ids are remembered.
    const bool is_known = business_time() - start_us < profile_.limits.dedup.age_max_us / 2;
    if (random_.chance(profile_.import_anew) && is_known) import_next_ = 0;
  }
  if (random_.chance(profile_.late_repeat)) later([this, request] { send(request, false, ""); });
  const bool in_log = answer.outcome == runtime::Outcome::Accepted && !answer.events.empty();
  if (in_log && random_.chance(profile_.reused_id)) {
    later([this, request] { send(request, true, ""); });
  }
  schedule_.after(random_.between(1, think_us_max),
                  [this, client = request->client] { next_operation(client); });
}

// ---- from beginning to end ----------------------------------------------------------------------

bool Simulation::run_until(const std::function<bool()>& done, std::int64_t within_us) {
  const std::int64_t deadline = schedule_.now_us() + within_us;
  while (schedule_.now_us() < deadline) {
    if (done()) return true;
    if (!oracle_.violations().empty() || !schedule_.run_one()) return false;
  }
  return false;
}

bool Simulation::rests() const {
  if (open_ > 0 || late_ > 0 || started_ < profile_.operations || !setup_.empty() ||
      !import_is_done())
    return false;
  if (schedule_.now_us() - std::max(last_durable_us_, last_late_us_) < quiet_us) return false;
  if (!oracle_.outbox_is_empty()) return false;
  for (std::uint32_t p = 0; p < profile_.partitions && cluster_; ++p) {
    bool led = false;
    for (const auto& node : nodes_) led |= node->up() && node->leads(PartitionId(p));
    if (!led) return false;
  }
  for (const auto& node : nodes_) {
    if (!node->up() || node->paused() || (cluster_ && !node->inbox_is_read())) return false;
  }
  return true;
}

void Simulation::stop_and_check() {
  ticking_ = false;
  for (auto& node : nodes_) {
    bool stopped = false;
    node->stop([&](const Status& status) {
      stopped = true;
      if (!status) oracle_.blame(node->address() + ": " + status.error().message);
    });
    if (!run_until([&] { return stopped; }, rest_us_max)) {
      oracle_.blame(node->address() + " does not stop");
      return;
    }
  }
  see_durable();
  if (auto found = oracle_.books().discrepancy(); !found.empty())
    oracle_.blame("at rest: " + found);
  for (auto& node : nodes_) node->check_at_rest();
}

Outcome Simulation::run() {
  for (auto& operation : workload_.setup(business_time() - client_clock_behind_us))
    setup_.push_back(std::move(operation));
  if (profile_.history_orders > 0) {
    import_ = workload_.history(business_time() - client_clock_behind_us);
    schedule_.after(1, [this] { next_operation(profile_.clients); });
  }
  for (auto& node : nodes_) node->start();
  schedule_.after(1, [this] { tick(); });
  for (std::size_t c = 0; c < profile_.clients; ++c)
    schedule_.after(random_.between(1, think_us_max), [this, c] { next_operation(c); });
  (void)run_until(
      [this] {
        return left_ || (started_ >= profile_.operations && import_is_done() && open_ == 0);
      },
      load_us_max);
  const auto fencing = profile_.brokers.fencing;
  profile_ = calm(profile_);
  profile_.brokers.fencing = fencing;
  frozen_ = business_time();
  // What was not begun is left.
  profile_.operations = static_cast<std::uint32_t>(started_);
  import_.resize(import_next_);
  if (left_) {
    if (!run_until([this] { return all_know_of_loss(); }, rest_us_max))
      oracle_.blame("a node does not see that its topic has lost what it knew");
  } else if (oracle_.violations().empty()) {
    if (run_until([this] { return rests(); }, rest_us_max)) {
      stop_and_check();
    } else {
      oracle_.blame("it does not come to rest: " + std::to_string(open_) + " commands open");
    }
  }
  nodes_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  outcome_.violations = oracle_.violations();
  outcome_.trace = oracle_.trace();
  outcome_.events = oracle_.events();
  outcome_.simulated_us = schedule_.now_us();
  return outcome_;
}

}  // namespace

Outcome simulate(std::uint64_t seed, const SimulationOptions& options) {
  return Simulation(seed, options).run();
}

}  // namespace orderlog::sim
