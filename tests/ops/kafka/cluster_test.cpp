// The scenarios on a real broker: one node that owns all three partitions.
#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

class Cluster final : public Deployment {
 public:
  void prepare(const std::filesystem::path& directory) override {
    config_ = write_cluster_file(directory, {.topics = new_topics()});
    apply_topics(config_);
  }
  std::vector<std::string> serve_options() const override { return {"--config", config_}; }
  std::vector<std::string> verify_options() const override { return {"--config", config_}; }
  std::string backend() const override { return "kafka"; }
  int disasters() const override { return 4; }
  int simulated_orders() const override { return 100; }
  // The log is elsewhere: the whole disk may go.
  void after_kill(int round, const std::string& data) const override {
    if (round % 2 == 1) std::filesystem::remove_all(data);
  }

 private:
  std::string config_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, Scenario,
                         testing::Values(Place{"ThreePartitions",
                                               []() -> std::unique_ptr<Deployment> {
                                                 return std::make_unique<Cluster>();
                                               }}),
                         place_name);

}  // namespace
}  // namespace orderlog::test
