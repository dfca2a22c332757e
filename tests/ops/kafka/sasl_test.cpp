// Brokers that let nobody in without a password: it stands in a file beside the configuration, and
// is never shown.
#include <cstdlib>

#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

constexpr int no_broker_here = 77;

class Sasl : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    const int code = script("up --sasl");
    if (WIFEXITED(code) && WEXITSTATUS(code) == no_broker_here)
      GTEST_SKIP() << "NOT TESTED: brokers with passwords (no broker can be had here)";
    ASSERT_EQ(code, 0);
    for (const auto& [name, value] : client_settings()) {
      if (name == "sasl.password") password_ = value;
      if (name == "bootstrap.servers") bootstrap_ = value;
    }
    ASSERT_FALSE(password_.empty());
    ASSERT_FALSE(bootstrap_.empty());
  }
  void TearDown() override {
    EXPECT_EQ(script("down --wipe"), 0);
    ProcessTest::TearDown();
  }
  int script(const std::string& what) const {
    return std::system(
        (ORDERLOG_SOURCE_DIR "/ops/kafka/" + what + " --dir '" + data("broker") + "' >/dev/null")
            .c_str());
  }
  std::vector<std::pair<std::string, std::string>> client_settings() const {
    std::vector<std::pair<std::string, std::string>> settings;
    std::ifstream in(data("broker") + "/client.conf");
    for (std::string line; std::getline(in, line);) {
      const auto equals = line.find('=');
      settings.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return settings;
  }
  std::string config(const std::string& further, const std::string& client) const {
    return write_cluster_file(directory_, {.bootstrap = bootstrap_,
                                           .partitions = 1,
                                           .topics = "sasl.",
                                           .further = further,
                                           .client = client});
  }
  void expect_secret(const std::string& text, const std::string& secret) const {
    EXPECT_EQ(text.find(secret), std::string::npos) << text;
  }

  std::string password_;
  std::string bootstrap_;
};

TEST_F(Sasl, OnlyTheRightPasswordOpens) {
  // Right, from the file.
  auto file = config("client_file = \"broker/client.conf\"", "");
  apply_topics(file);
  {
    ServerProcess server(data(), {"--config", file});
    ASSERT_TRUE(started(server)) << server.output();
    {
      auto client = client::HttpClient::open(server.url());
      auto received = client->post("/v1/commands/ReceiveStock",
                                   R"({"stock_item_id":"TEA@MAIN","quantity":{"milli":1000}})");
      ASSERT_TRUE(received.ok());
      EXPECT_EQ(received->status, 200) << received->body;
    }
    ASSERT_EQ(server.stop(), 0);
    expect_secret(server.output(), password_);
  }
  const auto verified = run({"verify", "--config", file, "--data", data()});
  EXPECT_EQ(verified.code, 0) << verified.out;

  const auto expect_refused = [&](const std::string& path, const std::string& why) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"serve", "--data", data(), "--listen", "127.0.0.1:0", "--config", path},
             {"topics", "check", "--config", path},
             {"verify", "--config", path}}) {
      const auto refused = run(arguments);
      EXPECT_EQ(refused.code, 1) << refused.out;
      EXPECT_NE(refused.out.find(why), std::string::npos) << arguments[0] << ": " << refused.out;
      expect_secret(refused.out, password_);
      expect_secret(refused.out, "open-sesame");
    }
  };
  // Wrong: what the TOML file says goes before the other file.
  const std::string soon = "request_timeout_ms = 1000\n";
  expect_refused(
      config(soon + "client_file = \"broker/client.conf\"", "\"sasl.password\" = \"open-sesame\""),
      "uthentication failed");
  // None: the broker hangs up on who does not log in.
  expect_refused(config(soon, ""), "security.protocol");
}

}  // namespace
}  // namespace orderlog::test
