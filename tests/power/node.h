// The engine on the embedded log and the state store, all on a disk that may fail; run by hand on
// the test's thread. What must hold is checked here: at each opening, what was found against what
// was promised; after each answer, the answer against the one that was given before.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/engine.h"
#include "events/base/clock.h"
#include "events/log/embedded_log.h"
#include "tests/engine/runtime/engine_fixture.h"
#include "tests/power/background.h"
#include "tests/power/fault_file_system.h"
#include "tests/power/history.h"
#include "tests/power/script.h"

namespace orderlog::power {

// Key and value of each aggregate and each part of one (engine/runtime/state_store.h).
using State = std::map<std::string, std::string>;

// Who sends the script; outlives every node.
struct Client {
  const std::vector<Step>& script;
  bool pipelined = false;  // several commands at once, and not repeatable
  std::size_t next = 0;    // step
  std::map<std::size_t, runtime::Answer> answers = {};  // by step; accepted or rejected: certain
  std::set<std::size_t> unknown = {};
  std::set<std::size_t> not_taken = {};  // refused with "nothing was appended"
  History history = {};

  bool done() const { return next == script.size(); }
};

class Node {
 public:
  Node(std::shared_ptr<FaultFileSystem> files, Client& client);
  ~Node();

  // What does not hold, and what the log or the engine said why it stopped.
  const std::optional<std::string>& problem() const { return problem_; }
  const std::optional<Error>& failure() const { return failure_; }

  // Opens, checks what is there, sends again what was accepted. False: it could not, see above.
  bool open();
  // Goes on with the script until its end, a restart or a failure. A restart is a clean stop.
  void run();
  // All aggregates, replayed from zero and equal to what the store has.
  State state();

 private:
  bool open_log();
  bool check_log();
  bool open_state();
  bool open_engine();
  void ask(std::size_t step);
  void send_again();
  void settle();
  void stop();
  void answered(std::size_t step, const runtime::Answer& answer);
  void fault(std::string what);
  bool stopped(const Error& why);

  std::shared_ptr<FaultFileSystem> files_;
  Client& client_;
  runtime::test::TestLoop& loop_;
  runtime::test::TestLoop& background_loop_;
  Background background_;
  ManualClock clock_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<WatchedLog> watched_;
  std::unique_ptr<runtime::StateStore> store_;
  std::unique_ptr<runtime::Engine> engine_;
  std::optional<std::string> problem_;
  std::optional<Error> failure_;
  std::optional<std::size_t> unknown_;  // a step that was answered so
};

}  // namespace orderlog::power
