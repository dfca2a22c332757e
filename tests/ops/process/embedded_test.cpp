// The scenarios on the embedded log.
#include "tests/ops/process/drawn_options.h"
#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

class Embedded final : public Deployment {
 public:
  // The simulator waits for what crosses partitions: fewer orders there.
  explicit Embedded(int partitions)
      : simulated_orders_(partitions == 1 ? 400 : 100), partitions_(std::to_string(partitions)) {}
  void prepare(const std::filesystem::path& directory) override {
    drawn_ = directory / "drawn.toml";
  }
  std::vector<std::string> serve_options() const override { return {"--partitions", partitions_}; }
  std::vector<std::string> drawn_options(std::mt19937_64& random) const override {
    write_drawn_options(drawn_, random);
    return {"--partitions", partitions_, "--config", drawn_};
  }
  std::string backend() const override { return "embedded"; }
  int disasters() const override { return 20; }
  int simulated_orders() const override { return simulated_orders_; }
  // The log is on this disk: it may lose everything else.
  void after_kill(int round, const std::string& data) const override {
    if (round % 10 == 9) std::filesystem::remove_all(data + "/state");
  }

 private:
  const int simulated_orders_;
  const std::string partitions_;
  std::filesystem::path drawn_;
};

template <int partitions>
std::unique_ptr<Deployment> embedded() {
  return std::make_unique<Embedded>(partitions);
}

INSTANTIATE_TEST_SUITE_P(Embedded, Scenario,
                         testing::Values(Place{"OnePartition", embedded<1>},
                                         Place{"ThreePartitions", embedded<3>}),
                         place_name);

}  // namespace
}  // namespace orderlog::test
