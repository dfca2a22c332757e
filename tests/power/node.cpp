#include "tests/power/node.h"

#include <algorithm>
#include <chrono>

#include "engine/policy.h"
#include "engine/runtime/replay_check.h"
#include "events/log/verify.h"
#include "events/schema/envelope_generated.h"

namespace orderlog::power {
namespace {

using runtime::Answer;
using runtime::Outcome;

const std::string data_directory = "/power/data";
// As small as RocksDB allows, so that a script of fifty commands has flushes of the log in it.
constexpr std::size_t memtable_bytes = 64 * 1024;
constexpr std::size_t commands_at_once = 4;  // pipelined

runtime::EngineLimits limits() {
  runtime::EngineLimits limits;
  limits.snapshot_interval_us = us_per_second;
  return limits;
}

bool same(const Answer& a, const Answer& b) {
  if (a.outcome != b.outcome || a.version != b.version || a.position != b.position ||
      a.partition != b.partition || a.aggregate_id != b.aggregate_id ||
      a.events.size() != b.events.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    if (a.events[i].seq != b.events[i].seq || a.events[i].type != b.events[i].type ||
        !(a.events[i].event_id == b.events[i].event_id)) {
      return false;
    }
  }
  return true;
}

// Credit and stock answer an order from partitions of their own, in either order: which of its
// checks it heard of first is the one thing that a restart in between may change.
std::string comparable(std::string_view key, std::string_view value) {
  constexpr std::size_t kind_at = 5;
  constexpr std::size_t version_bytes = 8;
  if (key[4] != 'S' || key[kind_at] != static_cast<char>(schema::AnyEvent::OrderEvents)) {
    return std::string(value);
  }
  schema::OrderStateT order;
  flatbuffers::GetRoot<schema::OrderState>(value.data() + version_bytes)->UnPackTo(&order);
  std::sort(order.passed.begin(), order.passed.end());
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::OrderState::Pack(builder, &order));
  return std::string(value.substr(0, version_bytes))
      .append(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

std::string name_of(std::size_t step) { return "step " + std::to_string(step); }

}  // namespace

Node::Node(std::shared_ptr<FaultFileSystem> files, Client& client)
    : files_(std::move(files)),
      client_(client),
      loop_(runtime::test::lasting_loop()),
      background_loop_(runtime::test::lasting_loop()),
      clock_(client.done() ? client.script.back().at : client.script[client.next].at) {}

Node::~Node() {
  files_->stop_holding();
  engine_.reset();
  background_.while_free([this] {
    store_.reset();
    watched_.reset();
    log_.reset();
    return true;
  });
}

void Node::fault(std::string what) {
  if (!problem_) problem_ = std::move(what);
}

bool Node::stopped(const Error& why) {
  if (!failure_) failure_ = why;
  return false;
}

bool Node::open() {
  return open_log() && check_log() && open_state() && open_engine() && !problem_;
}

bool Node::open_log() {
  if (!client_.pipelined) files_->hold_spare(data_directory + "/log/prepared-wal");
  log::EmbeddedLogOptions options;
  options.directory = data_directory;
  options.partition_count = partitions;
  options.memtable_bytes = memtable_bytes;
  options.files = files_;
  auto opened = log::open_embedded_log(options);
  if (!opened) return stopped(opened.error());
  log_ = std::move(opened).value();
  watched_ = std::make_unique<WatchedLog>(*log_, client_.history, client_.pipelined);
  return true;
}

// The log is whole, holds everything that was reported durable, nothing that was never appended,
// each command once, and no command that was refused with "nothing was appended".
bool Node::check_log() {
  std::map<Uuid, std::pair<PartitionId, log::CommitIndex>, UuidLess> decided;
  log::VerifyOptions options;
  options.on_commit = [&](const log::CommitView& commit) {
    if (!client_.history.contains(commit.partition(), commit.index(), commit.end().last_hash)) {
      fault("the log holds a commit that nobody appended: partition " +
            std::to_string(commit.partition().value) + ", commit " +
            std::to_string(commit.index().value));
    }
  };
  options.on_event = [&](const log::VerifiedEvent& event) -> std::optional<std::string> {
    if (event.envelope.command_fingerprint() == 0) return {};
    const auto place = std::pair(event.partition, event.commit);
    const auto [at, added] = decided.emplace(*event.envelope.command_id(), place);
    if (!added && at->second != place) return "a command that was decided twice";
    return {};
  };
  const auto report = log::verify_log(*log_, options);
  if (!report) return stopped(report.error());
  if (!report->ok()) fault("the log is damaged: " + to_string(report->bad.front()));
  for (std::uint32_t p = 0; p < partitions; ++p) {
    const auto promised = client_.history.durable(PartitionId(p));
    if (report->ends[p].last_commit < promised) {
      fault("lost: partition " + std::to_string(p) + " ends at commit " +
            std::to_string(report->ends[p].last_commit.value) + ", but " +
            std::to_string(promised.value) + " was reported durable");
    }
  }
  for (const std::size_t step : client_.not_taken) {
    if (decided.contains(client_.script[step].id)) {
      fault(name_of(step) + " was refused as not appended, and is in the log");
    }
  }
  for (const auto& [step, answer] : client_.answers) {
    if (answer.events.empty()) continue;
    if (!decided.contains(client_.script[step].id)) {
      fault(name_of(step) + " was acknowledged and is lost");
    }
  }
  return !problem_;
}

// What the store holds is what replay gives, at the position that it says.
bool Node::open_state() {
  runtime::StateStoreOptions options;
  options.directory = data_directory + "/state";
  options.memtable_bytes = memtable_bytes;
  options.files = files_;
  auto opened = runtime::open_state_store(options);
  if (!opened) return stopped(opened.error());
  store_ = std::move(opened).value();
  state();
  return !failure_;
}

State Node::state() {
  const auto scratch = runtime::make_memory_state_store();
  const auto policy = engine::default_policy();
  const auto check = runtime::check_replay(*log_, *store_, *scratch, policy, limits(), clock_);
  if (!check) {
    stopped(check.error());
    return {};
  }
  if (!check->differences.empty()) fault("replay differs: " + check->differences.front());
  State state;
  for (std::uint32_t p = 0; p < partitions; ++p) {
    for (const char section : {'S', 'P'}) {
      const auto [from, to] = runtime::section_range(PartitionId(p), section);
      (void)scratch->scan(from, to, [&](std::string_view key, std::string_view value) {
        state.emplace(key, comparable(key, value));
        return true;
      });
    }
  }
  return state;
}

bool Node::open_engine() {
  runtime::EngineOptions options;
  options.policy = engine::default_policy();
  options.limits = limits();
  options.engine_version = "power";
  options.background = &background_loop_;
  auto opened =
      runtime::open_engine(std::move(options), *watched_, *store_, clock_, nullptr, loop_);
  if (!opened) return stopped(opened.error());
  engine_ = std::move(opened).value();
  engine_->on_failure([this](const Error& why) { stopped(why); });
  settle();
  send_again();
  return !failure_;
}

// Until nothing moves any more: no task, no commit on its way, no flush.
void Node::settle() {
  bool moved = true;
  while (moved) {
    moved = false;
    while (loop_.run_one() || background_loop_.run_one()) moved = true;
    std::uint64_t seen = 0;
    while (watched_->stats().queue_commits > 0) {
      seen = watched_->wait_durable(seen, 1 /* ms */);
      moved = true;
    }
  }
  if (unknown_ && !failure_) fault(name_of(*unknown_) + " is unknown without a failure");
  if (client_.pipelined) return;
  files_->let_spare_be_made();
  background_.work_off();
}

void Node::ask(std::size_t step) {
  // A second answer to what a failure has answered Unknown would be one too many.
  auto given = std::make_shared<bool>(false);
  engine_->submit(client_.script[step].command, [this, step, given](const Answer& answer) {
    if (*given) fault(name_of(step) + " was answered twice");
    *given = true;
    answered(step, answer);
  });
}

void Node::answered(std::size_t step, const Answer& answer) {
  switch (answer.outcome) {
    case Outcome::Accepted:
    case Outcome::Rejected: {
      const auto [at, added] = client_.answers.emplace(step, answer);
      client_.not_taken.erase(step);
      if (!added && !same(at->second, answer)) {
        fault(name_of(step) + " was answered otherwise before");
      }
      return;
    }
    case Outcome::Unavailable:
    case Outcome::Stopping:
      if (!failure_) fault(name_of(step) + " was refused: " + answer.reason);
      // Says nothing of the same command that was sent before and is unknown.
      if (!client_.unknown.contains(step) && !client_.answers.contains(step)) {
        client_.not_taken.insert(step);
      }
      return;
    case Outcome::Unknown:
      unknown_ = step;  // its reason comes right behind
      client_.unknown.insert(step);
      client_.not_taken.erase(step);
      return;
    case Outcome::KeyReused:
    case Outcome::NotLeading:
      fault(name_of(step) + ": " + answer.reason);
  }
}

// Each keeps its answer and has no second effect. What was rejected has its answer and is not asked
// again: later the answer might be another.
void Node::send_again() {
  for (std::size_t step = 0; step < client_.next && !failure_; ++step) {
    const auto found = client_.answers.find(step);
    if (found == client_.answers.end() || found->second.events.empty()) continue;
    ask(step);
  }
  settle();
}

void Node::run() {
  while (!client_.done() && !failure_ && !problem_) {
    const std::size_t step = client_.next;
    clock_.set(client_.script[step].at);
    switch (client_.script[step].kind) {
      case Step::Kind::Restart:
        stop();
        if (!failure_) ++client_.next;
        return;
      case Step::Kind::FlushState: {
        const Status flushed = background_.while_free([this] { return store_->flush(); });
        if (!flushed) stopped(flushed.error());
        settle();
        if (!failure_) ++client_.next;
        break;
      }
      case Step::Kind::Command: {
        engine_->tick();
        std::size_t end = step + 1;
        if (client_.pipelined) {
          while (end < client_.script.size() && end < step + commands_at_once &&
                 client_.script[end].kind == Step::Kind::Command) {
            ++end;
          }
        }
        for (std::size_t i = step; i < end; ++i) {
          if (!client_.answers.contains(i)) ask(i);
        }
        settle();
        while (client_.next < end && client_.answers.contains(client_.next)) ++client_.next;
        if (client_.next < end && !failure_) fault(name_of(client_.next) + " was never answered");
        break;
      }
    }
  }
  // Whoever asks now is told that nothing was appended.
  const std::size_t after = client_.next + 1;
  if (engine_->stats().failed && after < client_.script.size() &&
      client_.script[after].kind == Step::Kind::Command && !client_.answers.contains(after)) {
    ask(after);
    settle();
  }
}

void Node::stop() {
  std::optional<Status> outcome;
  files_->stop_holding();
  engine_->stop([&](Status status) { outcome = std::move(status); });
  background_.while_free([&] {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!outcome && std::chrono::steady_clock::now() < until) {
      if (!loop_.run_one() && !background_loop_.run_one())
        (void)loop_.run_one(std::chrono::milliseconds(1));
    }
    return true;
  });
  if (!outcome) return fault("the engine does not stop");
  if (!*outcome) stopped(outcome->error());
}

}  // namespace orderlog::power
