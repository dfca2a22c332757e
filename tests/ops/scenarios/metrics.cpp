// What Prometheus reads is as it wants it, and says where the log is.
#include <cstdlib>

#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

TEST_P(Scenario, TheMetricsPassPrometheusOwnCheck) {
  ServerProcess server = node();
  ASSERT_TRUE(started(server)) << server.output();
  auto client = client::HttpClient::open(server.url());
  ASSERT_TRUE(client.ok());
  auto metrics = client->get("/metrics");
  ASSERT_TRUE(metrics.ok());
  EXPECT_NE(metrics->body.find("\norderlog_log_backend_info{backend=\"" + deployment->backend() +
                               "\"} 1\n"),
            std::string::npos)
      << metrics->body;
  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "NOT TESTED: promtool is not installed";
  const auto page = data("metrics");
  std::ofstream(page) << metrics->body;
  const auto found = data("found");
  EXPECT_EQ(std::system(("promtool check metrics <" + page + " >" + found + " 2>&1").c_str()), 0);
  std::stringstream said;
  said << std::ifstream(found).rdbuf();
  EXPECT_EQ(said.str(), "");
}

}  // namespace
}  // namespace orderlog::test
