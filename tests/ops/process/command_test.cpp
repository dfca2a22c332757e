// The process's own refusals, and copies of its log.
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

TEST_F(Command, ABackupUnderLoadIsRestoredWhole) {
  ServerProcess server(data());
  ASSERT_TRUE(server.start()) << server.output();
  ASSERT_EQ(run({"simulate", "--server", server.url(), "--orders", "50"}).code, 0);
  const auto saved = run({"backup", "--server", server.url(), "--to", data("backup")});
  ASSERT_EQ(saved.code, 0) << saved.out;
  const auto restored = run({"restore", "--from", data("backup"), "--data", data("restored")});
  ASSERT_EQ(restored.code, 0) << restored.out;
  EXPECT_EQ(run({"restore", "--from", data("backup"), "--data", data("restored")}).code, 1);
  ServerProcess again(data("restored"));
  ASSERT_TRUE(again.start()) << again.output();
  ASSERT_EQ(again.stop(), 0);
  EXPECT_EQ(run({"verify", "--data", data("restored")}).code, 0);
}

}  // namespace
}  // namespace orderlog::test
