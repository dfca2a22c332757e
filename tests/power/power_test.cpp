// Real RocksDB under power cuts and failing disks: at every operation of a script.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>

#include "tests/power/trial.h"

namespace orderlog::power {
namespace {

const std::vector<Step>& script() {
  static const std::vector<Step> steps = make_script();
  return steps;
}

// The script without any misfortune.
const Outcome& reference() {
  static const Outcome outcome = run(script(), {});
  return outcome;
}

std::uint64_t targets(FileClass file_class, FaultKind kind) {
  return reference().targets[static_cast<std::size_t>(file_class)][static_cast<std::size_t>(kind)];
}

std::string readable(const std::string& key) {
  std::string text;
  for (const char c : key) {
    if (c < ' ' || c > '~') {
      text += '\\' + std::to_string(static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text;
}

std::optional<std::string> difference(const State& state, const State& expected) {
  for (const auto& [key, value] : expected) {
    const auto found = state.find(key);
    if (found == state.end()) return readable(key) + " is missing at the end";
    if (found->second != value) return readable(key) + " is another at the end";
  }
  if (state.size() > expected.size()) return "there is more at the end";
  return {};
}

// Nothing if all holds: with the same state at the end as without the misfortune.
std::optional<std::string> trouble(const Misfortune& misfortune, Outcome* result = nullptr) {
  Outcome outcome = run(script(), misfortune);
  std::optional<std::string> problem = outcome.problem;
  if (!problem && !misfortune.pipelined) {
    problem = difference(outcome.state, reference().state);
  }
  if (problem) problem = to_string(misfortune) + ": " + *problem;
  if (result != nullptr) *result = std::move(outcome);
  return problem;
}

TEST(PowerCut, TheScriptItselfIsRepeatableAndReachesEverything) {
  const Outcome& once = reference();
  ASSERT_FALSE(once.problem) << *once.problem;
  const Outcome again = run(script(), {.seed = 2});
  ASSERT_FALSE(again.problem) << *again.problem;
  EXPECT_EQ(once.operations, again.operations);
  EXPECT_EQ(difference(once.state, again.state), std::nullopt);
  for (const auto file_class : {FileClass::Wal, FileClass::Sst, FileClass::Manifest,
                                FileClass::Current, FileClass::Directory}) {
    EXPECT_GT(targets(file_class, FaultKind::FailedSync), 3u);
  }
}

// A power cut at every operation, each with another remainder; with every second seed, another one
// while the log recovers.
class AtEveryOperation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(AtEveryOperation, NothingIsLostAndNothingIsDoneTwice) {
  ASSERT_FALSE(reference().problem) << *reference().problem;
  const std::uint64_t last = reference().operations + 1;
  std::uint64_t cuts = 0;
  int found = 0;
  for (std::uint64_t at = 1; at <= last && found < 5; ++at) {
    Misfortune misfortune{.seed = GetParam() * 100'000 + at, .cut_before = at};
    if (GetParam() % 2 == 0) misfortune.cut_recovery_after = 1 + at % 67;
    Outcome outcome;
    if (const auto problem = trouble(misfortune, &outcome)) {
      ADD_FAILURE() << *problem;
      ++found;
    }
    cuts += outcome.happened ? 1 : 0;
  }
  EXPECT_GE(cuts + 1, last) << "some operations were not reached";
}

INSTANTIATE_TEST_SUITE_P(PowerCut, AtEveryOperation, testing::Values(1, 2));

// Commits on their way while the next commands are decided, in groups, with flushes beside them.
// What is where differs from run to run, so the end may, too.
TEST(PowerCut, AmidstCommitsInGroups) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto problem = trouble(
        {.seed = seed, .cut_before = 1 + seed * reference().operations / 100, .pipelined = true});
    ASSERT_FALSE(problem) << *problem;
  }
}

// ---- a disk that fails --------------------------------------------------------------------------

class EveryFault : public testing::TestWithParam<FileClass> {};

// Either nobody is told "done" any more and the process stops, or it goes on and all is well. Then
// it starts again on a disk that works, with every second seed after a power cut.
TEST_P(EveryFault, StopsTheEngineOrChangesNothing) {
  ASSERT_FALSE(reference().problem) << *reference().problem;
  for (const auto kind :
       {FaultKind::Io, FaultKind::DiskFull, FaultKind::ShortWrite, FaultKind::FailedSync}) {
    const std::uint64_t last = targets(GetParam(), kind);
    int found = 0;
    for (std::uint64_t at = 1; at <= last && found < 3; ++at) {
      Outcome outcome;
      const Misfortune misfortune{.seed = at, .fault = Fault{GetParam(), kind, at}};
      if (const auto problem = trouble(misfortune, &outcome)) {
        ADD_FAILURE() << *problem;
        ++found;
      }
      EXPECT_TRUE(outcome.happened) << to_string(misfortune) << " was not reached";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(FailingDisk, EveryFault,
                         testing::Values(FileClass::Wal, FileClass::Sst, FileClass::Manifest,
                                         FileClass::Current, FileClass::Directory,
                                         FileClass::Other));

// ---- what catches nothing proves nothing --------------------------------------------------------

// How many power cuts it takes until a lie shows; 0: it never does.
std::uint64_t cuts_until_found(const Lies& lies) {
  for (std::uint64_t at = 1; at <= reference().operations; ++at) {
    if (trouble({.seed = at, .cut_before = at, .lies = lies})) return at;
  }
  return 0;
}

TEST(PlantedBug, WritesThatAreNotSyncedAreFound) {
  EXPECT_GT(cuts_until_found({.wal_syncs = true}), 0u);
}

TEST(PlantedBug, TablesThatAreNotSyncedAreFound) {
  EXPECT_GT(cuts_until_found({.sst_syncs = true}), 0u);
}

TEST(PlantedBug, DirectoriesThatAreNotSyncedAreFound) {
  EXPECT_GT(cuts_until_found({.directory_syncs = true}), 0u);
}

}  // namespace
}  // namespace orderlog::power
