// The end-to-end scenarios of the engine, through the real binary: they hold wherever its log is.
// Each is a TEST_P in this folder, built into every executable that instantiates it with the
// deployments it knows.
#pragma once

#include <memory>
#include <ostream>
#include <random>

#include "tests/ops/process/ready.h"

namespace orderlog::test {

// How a node is started, and how much of a scenario fits.
class Deployment {
 public:
  virtual ~Deployment() = default;
  // Before the first start. `directory`: the test's own, removed afterwards.
  virtual void prepare(const std::filesystem::path& directory) = 0;
  // Of `serve`, beside --data and --listen.
  virtual std::vector<std::string> serve_options() const = 0;
  // The same with everything drawn anew that may change from one start to the next.
  virtual std::vector<std::string> drawn_options(std::mt19937_64&) const { return serve_options(); }
  // Of `verify`, beside --data.
  virtual std::vector<std::string> verify_options() const { return {}; }
  virtual std::string backend() const = 0;  // as the metrics name it
  virtual int disasters() const = 0;
  virtual int simulated_orders() const = 0;
  // After a kill: what a disaster may take besides the process.
  virtual void after_kill(int round, const std::string& data) const = 0;
};

struct Place {
  const char* name;
  std::unique_ptr<Deployment> (*make)();
  friend void PrintTo(const Place& place, std::ostream* out) { *out << place.name; }
};

class Scenario : public ProcessTest, public testing::WithParamInterface<Place> {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    deployment = GetParam().make();
    deployment->prepare(directory_);
  }
  // Not started yet.
  ServerProcess node() const {
    return ServerProcess(data(), on_data_clock(deployment->serve_options()));
  }
  static std::vector<std::string> on_data_clock(std::vector<std::string> options) {
    options.insert(options.end(), {"--clock", "data"});
    return options;
  }
  // The log, and that replay equals what the stopped node has.
  void expect_whole() const {
    std::vector<std::string> arguments{"verify", "--data", data()};
    const auto more = deployment->verify_options();
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto verified = run(arguments);
    EXPECT_EQ(verified.code, 0) << verified.out;
    EXPECT_NE(verified.out.find("replay equals live"), std::string::npos) << verified.out;
  }

  std::unique_ptr<Deployment> deployment;
};

inline std::string place_name(const testing::TestParamInfo<Place>& place) {
  return place.param.name;
}

}  // namespace orderlog::test
