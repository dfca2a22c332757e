// An engine on any log, run by hand on the test's own thread: post() queues, run() works off.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/outgoing.h"
#include "engine/runtime/engine.h"
#include "events/base/clock.h"

namespace orderlog::runtime::test {

class TestLoop final : public Loop {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    ready_.notify_one();
  }
  // One task; waits up to `wait` for it. False: there was none.
  bool run_one(std::chrono::milliseconds wait = std::chrono::milliseconds(0)) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      if (!ready_.wait_for(lock, wait, [this] { return !tasks_.empty(); })) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  // Until `done`, or ten seconds without any task: then the test has failed.
  void run_until(const std::function<bool()>& done) {
    while (!done())
      ASSERT_TRUE(run_one(std::chrono::seconds(10)))
          << "the engine came to rest before it was done";
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
};

// Outlives every log, as an engine's loop must: a log may answer when the engine is gone.
inline TestLoop& lasting_loop() {
  static std::deque<TestLoop> loops;
  return loops.emplace_back();
}

constexpr TimestampUs test_start_us = 1'750'000'000'000'000;  // 2025-06-15

// A client's command as an edge would build it.
class Command {
 public:
  template <class CommandT>
  explicit Command(CommandT&& command, std::string key = {}) {
    if (key.empty()) key = "command-" + std::to_string(next_number());
    engine::Outgoing out;
    out.send(std::forward<CommandT>(command));
    envelope_.payload = std::move(out.commands().front());
    envelope_.command_id = uuid_of_key("test", key);
    envelope_.correlation_id = envelope_.command_id;
    envelope_.causation_id = envelope_.command_id;
    envelope_.actor = "tester";
    envelope_.fingerprint = 1;
    envelope_.occurred_at = test_start_us;
  }
  Command& at(TimestampUs occurred_at) { return envelope_.occurred_at = occurred_at, *this; }
  Command& expecting(std::uint64_t version) { return envelope_.expected_version = version, *this; }
  Command& body(std::uint64_t fingerprint) { return envelope_.fingerprint = fingerprint, *this; }
  Command& role(schema::Role role) { return envelope_.role = role, *this; }

  std::vector<std::uint8_t> bytes() const {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::CommandEnvelope::Pack(builder, &envelope_));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }

 private:
  static std::uint64_t next_number() {
    static std::uint64_t number = 0;
    return ++number;
  }

  schema::CommandEnvelopeT envelope_;
};

inline Command receive(const std::string& item, std::int64_t milli, std::string key = {}) {
  schema::ReceiveStockT command;
  command.stock_item_id = item;
  command.quantity = schema::Quantity(milli);
  return Command(std::move(command), std::move(key));
}

inline Command reserve(const std::string& item, const std::string& reservation, std::int64_t milli,
                       std::string key = {}) {
  schema::ReserveStockT command;
  command.stock_item_id = item;
  command.reservation_id = reservation;
  command.quantity = schema::Quantity(milli);
  command.backorder = schema::BackorderPolicy::Never;
  return Command(std::move(command), std::move(key));
}

// The engine with what it needs; the log and the store outlive it and can be given to the next one.
class Bench {
 public:
  Bench(log::EventLog& log, StateStore& store, bool by_data = false)
      : data_clock_on_(by_data), log_(log), store_(store) {
    options.policy = engine::default_policy();
    options.engine_version = "test";
  }

  Status open() {
    auto opened =
        open_engine(options, log_, store_, clock, data_clock_on_ ? &data_clock : nullptr, loop);
    if (!opened) return opened.error();
    engine = std::move(opened).value();
    return Status();
  }

  // Submits, runs until the answer is there.
  Answer ask(const Command& command) {
    const auto bytes = command.bytes();
    std::optional<Answer> answer;
    engine->submit(bytes, [&](const Answer& given) { answer = given; });
    loop.run_until([&] { return answer.has_value(); });
    return answer.value_or(Answer{});
  }

  Status stop() {
    std::optional<Status> stopped;
    engine->stop([&](Status status) { stopped = std::move(status); });
    loop.run_until([&] { return stopped.has_value(); });
    engine.reset();
    return stopped.value_or(Status(error(ErrorCode::Timeout, "did not stop")));
  }

  EngineOptions options;
  ManualClock clock{test_start_us};
  DataClock data_clock;
  TestLoop& loop = lasting_loop();
  std::unique_ptr<Engine> engine;

 private:
  bool data_clock_on_;
  log::EventLog& log_;
  StateStore& store_;
};

}  // namespace orderlog::runtime::test
