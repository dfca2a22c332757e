// The scenarios on the embedded log.
#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

class Embedded final : public Deployment {
 public:
  void prepare(const std::filesystem::path&) override {}
  std::vector<std::string> serve_options() const override { return {}; }
  std::string backend() const override { return "embedded"; }
  int kill_rounds() const override { return 50; }
  int simulated_orders() const override { return 400; }
  // The log is on this disk: it may lose everything else.
  void after_kill(int round, const std::string& data) const override {
    if (round % 10 == 9) std::filesystem::remove_all(data + "/state");
  }
};

INSTANTIATE_TEST_SUITE_P(Embedded, Scenario,
                         testing::Values(Place{"OnePartition",
                                               []() -> std::unique_ptr<Deployment> {
                                                 return std::make_unique<Embedded>();
                                               }}),
                         place_name);

}  // namespace
}  // namespace orderlog::test
