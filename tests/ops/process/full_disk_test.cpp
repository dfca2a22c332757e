// A disk that fills up under the server while clients keep commands coming: it says so, stops
// taking commands and ends; what it acknowledged is there once there is room again, once, and
// nothing else is lost.
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include "tests/ops/process/ready.h"
#include "tests/ops/scenarios/load.h"

namespace orderlog::test {
namespace {

constexpr std::uint64_t seed = 20'240'229;
constexpr std::size_t note_bytes = 6'000;  // of each order: the disk holds some thousand

class FullDisk : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    disk_ = data("disk");
    std::filesystem::create_directories(disk_);
    mounted_ = ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=48m") == 0;
    if (!mounted_)
      GTEST_SKIP() << "NOT TESTED: a full disk under the server (mounting a tmpfs needs root): "
                   << std::strerror(errno);
  }
  void TearDown() override {
    if (mounted_) ::umount2(disk_.c_str(), MNT_DETACH);
    ProcessTest::TearDown();
  }
  bool enlarge() { return ::mount("tmpfs", disk_.c_str(), "tmpfs", MS_REMOUNT, "size=512m") == 0; }
  // The last free byte goes as well.
  void fill() const {
    std::ofstream ballast(disk_ + "/ballast");
    while (ballast << std::string(4'096, 'b') << std::flush) {
    }
  }
  void free_ballast() const { std::filesystem::remove(disk_ + "/ballast"); }

  std::string disk_;
  bool mounted_ = false;
};

// Each client's refusals are of the right kind, and after one nothing of it is accepted any more.
void expect_final_refusals(const std::vector<Sent>& record) {
  std::map<int, bool> refused;  // by client
  std::set<std::string> types;
  for (const auto& sent : record) {
    types.insert(sent.refusals.begin(), sent.refusals.end());
    bool& before = refused[sent.client];
    before |= !sent.refusals.empty();
    EXPECT_FALSE(before && sent.answer) << "accepted after a refusal: " << sent.key;
  }
  EXPECT_TRUE(types.contains("urn:orderlog:problem:unknown-outcome"))
      << "it ended without a word to its clients";
  for (const auto& type : types) {
    EXPECT_TRUE(type == "urn:orderlog:problem:unknown-outcome" ||
                type == "urn:orderlog:problem:shutting-down")
        << type;
  }
}

TEST_F(FullDisk, UnderLoadStopsTheServerClearlyAndLosesNothing) {
  const std::string directory = disk_ + "/data";
  std::vector<Sent> record;
  {
    ServerProcess server(directory, {});
    ASSERT_TRUE(server.start()) << server.output();
    prepare_trade(server.url());
    Load load(server.url(), trade(seed, note_bytes), seed);
    // It ends by itself: who supervises it may try again, and nobody talks to a server that cannot
    // write.
    EXPECT_EQ(server.wait(), 1) << server.output();
    EXPECT_NE(server.output().find("space left on"), std::string::npos) << server.output();
    record = load.finish();
  }
  expect_final_refusals(record);

  // On a disk that is still full it does not begin.
  fill();
  const auto refused = run({"serve", "--data", directory, "--listen", "127.0.0.1:0"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.out.find("space left on"), std::string::npos) << refused.out;

  free_ballast();
  ASSERT_TRUE(enlarge());
  ServerProcess server(directory, {});
  ASSERT_TRUE(started(server)) << server.output();
  const auto acknowledged =
      std::count_if(record.begin(), record.end(), [](const Sent& sent) { return sent.answer; });
  EXPECT_GT(acknowledged, 100);
  settle(server.url(), record);
  expect_effects(server.url(), record);
  ASSERT_EQ(server.stop(), 0);
  const auto verified = run({"verify", "--data", directory});
  EXPECT_EQ(verified.code, 0) << verified.out;
}

}  // namespace
}  // namespace orderlog::test
