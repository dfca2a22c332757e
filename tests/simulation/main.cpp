// orderlog-sim: runs seeds, says what each broke, and how to run it again.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <vector>

#include "events/base/planted_bug.h"
#include "tests/simulation/simulation.h"

#ifndef ORDERLOG_COMMIT
#define ORDERLOG_COMMIT "unknown"
#endif

namespace {

using orderlog::PlantedBug;
using orderlog::sim::Outcome;

const std::map<std::string, PlantedBug> bugs{
    {"none", PlantedBug::None},
    {"ack-before-sync", PlantedBug::AckBeforeSync},
    {"no-deduplication", PlantedBug::NoDeduplication},
    {"apply-before-commit", PlantedBug::ApplyBeforeCommit},
    {"epoch-check-off", PlantedBug::EpochCheckOff},
    {"applied-position-apart", PlantedBug::AppliedPositionApart},
    {"retry-after-failed-sync", PlantedBug::RetryAfterFailedSync},
    {"off-by-one-in-reserve", PlantedBug::OffByOneInReserve},
    {"compensation-skipped", PlantedBug::CompensationSkipped},
    {"timer-fired-early", PlantedBug::TimerFiredEarly},
    {"checkpoint-ahead-of-rows", PlantedBug::CheckpointAheadOfRows},
};

struct Options {
  std::vector<std::uint64_t> seeds;
  std::string bug = "none";
  bool until_failure = false;
  bool twice = false;
  bool verbose = false;
  bool events = false;
  std::string table;
};

// "A..B" or a single number, several of them with commas between.
bool parse_seeds(const std::string& text, std::vector<std::uint64_t>& seeds) {
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    const int read = std::sscanf(part.c_str(), "%lu..%lu", &from, &to);
    if (read < 1) return false;
    if (read == 1) to = from;
    if (from > to) return false;
    for (std::uint64_t seed = from; seed <= to; ++seed) seeds.push_back(seed);
  }
  return !seeds.empty();
}

void tell(const Outcome& outcome, const Options& options) {
  std::printf("seed %lu FAILED (commit %s)\n  %s\n", outcome.seed, ORDERLOG_COMMIT,
              outcome.profile.c_str());
  for (const auto& violation : outcome.violations) std::printf("  %s\n", violation.c_str());
  std::printf("  again: orderlog-sim --seeds %lu..%lu%s --verbose\n", outcome.seed, outcome.seed,
              options.bug == "none" ? "" : (" --bug " + options.bug).c_str());
}

// Exit code: 0 all kept, 1 some failed.
int run(const Options& options) {
  orderlog::planted_bug = bugs.at(options.bug);
  orderlog::sim::SimulationOptions how;
  how.directory =
      std::filesystem::temp_directory_path() / ("orderlog-sim-" + std::to_string(getpid()));
  how.tell_events = options.events;
  how.fencing = options.bug != "epoch-check-off";
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::uint64_t crashes = 0;
  std::uint64_t failed = 0;
  std::uint64_t done = 0;
  std::int64_t simulated_us = 0;
  const auto began = std::chrono::steady_clock::now();
  for (const std::uint64_t seed : options.seeds) {
    Outcome outcome = orderlog::sim::simulate(seed, how);
    if (options.twice && orderlog::sim::simulate(seed, how).trace != outcome.trace)
      outcome.violations.emplace_back("a second run of the same seed went another way");
    if (options.verbose)
      std::printf("seed %lu: %s; %lu commands, %lu events, %lu crashes, trace %016lx\n", seed,
                  outcome.profile.c_str(), outcome.commands, outcome.events, outcome.crashes,
                  outcome.trace);
    ++done;
    commands += outcome.commands;
    events += outcome.events;
    crashes += outcome.crashes;
    simulated_us += outcome.simulated_us;
    if (outcome.violations.empty()) continue;
    ++failed;
    tell(outcome, options);
    if (options.until_failure) break;
  }
  std::error_code ignored;
  std::filesystem::remove_all(how.directory, ignored);
  const double real =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double simulated = static_cast<double>(simulated_us) / 1e6;
  std::printf(
      "%lu seeds, %lu failed: %lu commands, %lu events, %lu crashes; %.0f simulated "
      "seconds in %.1f (%.0f : 1), %.0f commands checked a second\n",
      done, failed, commands, events, crashes, simulated, real, simulated / real,
      static_cast<double>(commands) / real);
  return failed == 0 ? 0 : 1;
}

// One bug, in a process of its own: one that the engine itself notices ends the process.
bool is_caught(const std::string& bug, std::uint64_t within) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    Options options;
    for (std::uint64_t seed = 1; seed <= within; ++seed) options.seeds.push_back(seed);
    options.bug = bug;
    options.until_failure = true;
    std::_Exit(run(options));
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return false;
  return WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT : WEXITSTATUS(status) == 1;
}

// Rows "| `bug` | N | …": each bug must be there, and be caught by the seeds 1..N.
int check_table(const std::string& path) {
  std::ifstream file(path);
  const std::regex row("^\\| `([a-z-]+)` \\| ([0-9]+) \\|.*");
  std::map<std::string, std::uint64_t> stated;
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (std::regex_match(line, found, row)) stated[found[1]] = std::stoull(found[2]);
  }
  int missed = 0;
  for (const auto& [name, bug] : bugs) {
    if (bug == PlantedBug::None) continue;
    const bool caught = stated.contains(name) && is_caught(name, stated[name]);
    std::printf("%s: %s\n", name.c_str(), caught ? "caught" : "NOT CAUGHT");
    missed += caught ? 0 : 1;
  }
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Simulates the whole node under seeded faults and checks what must hold");
  Options options;
  std::string range = "1..100";
  app.add_option("--seeds", range, "A..B, both included, or single ones: 1..100,7330")
      ->capture_default_str();
  app.add_option("--bug", options.bug, "one of the planted bugs")->capture_default_str();
  app.add_flag("--until-failure", options.until_failure, "stop at the first failure");
  app.add_flag("--twice", options.twice, "run each seed twice and compare");
  app.add_option("--planted-bugs", options.table,
                 "check that each is caught within the seeds that this file's table states");
  app.add_flag("--events", options.events, "print every durable event");
  app.add_flag("--verbose", options.verbose, "a line for each seed");
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  if (!parse_seeds(range, options.seeds) || !bugs.contains(options.bug)) {
    std::fprintf(stderr, "orderlog-sim: --seeds A..B, --bug NAME\n");
    return 2;
  }
  return options.table.empty() ? run(options) : check_table(options.table);
}
