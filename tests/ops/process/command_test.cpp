// The process's own refusals.
#include "tests/ops/process/server_process.h"

namespace orderlog::test {
namespace {

using Command = ProcessTest;

TEST_F(Command, ABadConfigurationNamesItsLine) {
  const auto path = (directory_ / "bad.toml").string();
  std::ofstream(path) << "[server]\nlisten = \"127.0.0.1:0\"\n[http]\nbody_bytes_max = \"much\"\n";
  const auto refused = run({"serve", "--data", data(), "--config", path});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.out.find("bad.toml:4"), std::string::npos) << refused.out;
  std::ofstream(path) << "[http]\nno_such_limit = 1\n";
  EXPECT_NE(run({"serve", "--data", data(), "--config", path})
                .out.find("unknown setting http.no_such_limit"),
            std::string::npos);
}

TEST_F(Command, TheReferenceConfigurationIsAccepted) {
  const auto path = (directory_ / "all.toml").string();
  std::ofstream(path) << run({"config"}).out;
  ServerProcess server(data(), {"--config", path});
  EXPECT_TRUE(server.start()) << server.output();
}

}  // namespace
}  // namespace orderlog::test
