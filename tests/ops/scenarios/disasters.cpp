// The server under load, killed, stopped and paused at any moment, and started with other options
// each time: what was acknowledged is there with its answer, and everything has one effect.
// ORDERLOG_DISASTERS: how many; ORDERLOG_DISASTER_SEED: which. What happens follows from the seed,
// when it meets the server does not.
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/ops/scenarios/load.h"
#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

using std::chrono::milliseconds;

constexpr int verify_every = 10;          // disasters
constexpr int acknowledged_most = 2'000;  // between two disasters
constexpr int pause_most_ms = 1'200;      // clients wait for 400
constexpr int recovery_most_ms = 150;     // from the start to a kill

enum class Disaster { Kill, KillPaused, KillStarting, Pause, Stop };
constexpr std::array disasters{Disaster::Kill, Disaster::KillPaused, Disaster::KillStarting,
                               Disaster::Pause, Disaster::Stop};
constexpr std::array names{"kill -9", "kill -9 while paused", "kill -9 while starting",
                           "SIGSTOP and SIGCONT", "SIGTERM"};
constexpr std::array odds{50, 10, 15, 20, 5};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

Disaster draw_disaster(std::mt19937_64& random) {
  std::discrete_distribution<std::size_t> chance(odds.begin(), odds.end());
  return disasters[chance(random)];
}
// Few as often as many.
std::uint64_t draw_acknowledged(std::mt19937_64& random) {
  std::uniform_real_distribution<double> power(0, std::log(acknowledged_most));
  return static_cast<std::uint64_t>(std::exp(power(random)));
}
milliseconds draw_ms(std::mt19937_64& random, int most) {
  return milliseconds(std::uniform_int_distribution<int>(0, most)(random));
}

// What it does to the process. False: it goes on by itself.
bool strike(Disaster disaster, ServerProcess& server, std::mt19937_64& random) {
  switch (disaster) {
    case Disaster::Pause:
    case Disaster::KillPaused:
      server.signal(SIGSTOP);
      std::this_thread::sleep_for(draw_ms(random, pause_most_ms));
      if (disaster == Disaster::KillPaused) break;
      server.signal(SIGCONT);
      return false;
    case Disaster::Stop:
      EXPECT_EQ(server.stop(), 0) << server.output();
      return true;
    case Disaster::Kill:
    case Disaster::KillStarting:
      break;
  }
  server.kill9();
  return true;
}

// With what is in the file that they name.
std::string written_out(const std::vector<std::string>& options) {
  std::ostringstream text;
  for (const auto& option : options) {
    text << option << ' ';
    if (std::filesystem::is_regular_file(option))
      text << '\n' << std::ifstream(option).rdbuf() << '\n';
  }
  return text.str();
}

TEST_P(Scenario, DisastersLoseNothingAndRepeatNothing) {
  const std::uint64_t seed = from_environment("ORDERLOG_DISASTER_SEED", 1);
  const auto rounds = static_cast<int>(
      from_environment("ORDERLOG_DISASTERS", static_cast<std::uint64_t>(deployment->disasters())));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::map<Disaster, int> happened;
  auto options = deployment->serve_options();

  ServerProcess server = node();
  server.long_lived();
  ASSERT_TRUE(started(server)) << server.output();
  prepare_trade(server.url());
  Load load(server.url(), trade(seed), seed);
  for (int round = 0; round < rounds; ++round) {
    const Disaster disaster = draw_disaster(random);
    SCOPED_TRACE("round " + std::to_string(round) + ", " +
                 names[static_cast<std::size_t>(disaster)] + " after a start with " +
                 written_out(options));
    ASSERT_TRUE(load.acknowledged(draw_acknowledged(random))) << server.output();
    ++happened[disaster];
    if (!strike(disaster, server, random)) continue;
    if (round % verify_every == 0) expect_whole();
    deployment->after_kill(round, data());
    options = deployment->drawn_options(random);
    server.set_options(on_data_clock(options));
    if (disaster == Disaster::KillStarting)
      server.start_and_kill9(draw_ms(random, recovery_most_ms));
    ASSERT_TRUE(started(server)) << server.output();
    if (HasFailure()) return;
  }
  auto record = load.finish();
  const auto unknown = std::count_if(record.begin(), record.end(),
                                     [](const Sent& sent) { return !sent.answer.has_value(); });
  settle(server.url(), record);
  expect_effects(server.url(), record);
  ASSERT_EQ(server.stop(), 0) << server.output();
  expect_whole();
  // The rows too were written down, or are built anew.
  ASSERT_TRUE(started(server)) << server.output();
  expect_effects(server.url(), record);
  std::printf("%zu commands, of which %td had an unknown outcome at the end;", record.size(),
              unknown);
  for (const auto& [disaster, times] : happened)
    std::printf(" %d × %s;", times, names[static_cast<std::size_t>(disaster)]);
  std::printf(" seed %" PRIu64 "\n", seed);
}

}  // namespace
}  // namespace orderlog::test
