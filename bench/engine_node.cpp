#include "bench/engine_node.h"

#include <cstdio>
#include <cstdlib>

namespace orderlog::bench {

void must(bool ok, const std::string& what) {
  if (ok) return;
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

void HandLoop::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  ready_.notify_one();
}

void HandLoop::run_some(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) ready_.wait(lock, [this] { return !tasks_.empty(); });
  while (!tasks_.empty()) {
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

HandDriven::HandDriven(log::EventLog& log, runtime::StateStore& store, const Clock& clock,
                       HandLoop& loop, runtime::EngineOptions options)
    : loop_(loop) {
  options.policy = engine::default_policy();
  options.limits.commit_bytes_target = 4 * 1024 * 1024;
  // No commit waits and grows: each has its 256 events.
  options.limits.appends_in_flight_max = 64;
  auto made = runtime::open_engine(std::move(options), log, store, clock, nullptr, loop);
  must(made.ok(), "the engine does not open");
  engine_ = std::move(made).value();
}

void HandDriven::run(const std::vector<Bytes>& commands, std::size_t events_per_command) {
  std::size_t answered = 0;
  std::size_t gathered = 0;
  std::size_t sent = 0;
  for (const auto& bytes : commands) {
    engine_->submit(bytes, [&](const runtime::Answer& answer) {
      must(answer.outcome == runtime::Outcome::Accepted, "a command was refused");
      ++answered;
    });
    ++sent;
    gathered += events_per_command;
    if (gathered >= events_per_commit) {
      gathered = 0;
      engine_->tick();
      loop_.run_some(false);
      while (sent - answered > 4 * events_per_commit) loop_.run_some(true);
    }
  }
  engine_->tick();
  while (answered < commands.size()) loop_.run_some(true);
}

EmbeddedNode::EmbeddedNode(const std::string& directory) {
  log::EmbeddedLogOptions log_options;
  log_options.directory = directory;
  log_options.partition_count = 1;
  auto opened = log::open_embedded_log(log_options);
  must(opened.ok(), "the log does not open");
  log = std::move(opened).value();
  runtime::StateStoreOptions store_options;
  store_options.directory = directory + "/state";
  auto opened_store = runtime::open_state_store(store_options);
  must(opened_store.ok(), "the state store does not open");
  store = std::move(opened_store).value();
  engine = std::make_unique<HandDriven>(*log, *store, clock, loop, runtime::EngineOptions{});
}

std::vector<Bytes> orders(int from, int count, int skus, TimestampUs at) {
  std::vector<Bytes> commands;
  commands.reserve(static_cast<std::size_t>(count));
  for (int i = from; i < from + count; ++i) {
    commands.push_back(place_order(mixed_order(i, skus), at + i));
  }
  return commands;
}

}  // namespace orderlog::bench
