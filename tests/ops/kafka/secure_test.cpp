// Brokers that speak TLS only, let nobody in without a password and allow nothing that was not
// granted: what an operator is told to set up is enough, each missing part is said, and no
// password is ever shown.
#include <cstdlib>
#include <map>

#include "tests/ops/kafka/cluster_setup.h"
#include "tests/ops/process/ready.h"

namespace orderlog::test {
namespace {

constexpr int no_broker_here = 77;
constexpr const char* topics = "orders.secure.";

class Secure : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    const int code = script("up --secure");
    if (WIFEXITED(code) && WEXITSTATUS(code) == no_broker_here)
      GTEST_SKIP() << "NOT TESTED: brokers with TLS and a login (no broker can be had here)";
    ASSERT_EQ(code, 0);
    for (const char* user : {"client", "admin"}) {
      const auto settings = settings_of(user);
      passwords_.push_back(settings.at("sasl.password"));
      bootstrap_ = settings.at("bootstrap.servers");
    }
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
  std::map<std::string, std::string> settings_of(const std::string& user) const {
    std::map<std::string, std::string> settings;
    std::ifstream in(data("broker") + "/" + user + ".conf");
    for (std::string line; std::getline(in, line);) {
      const auto equals = line.find('=');
      settings.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return settings;
  }
  std::string config(const std::string& name, const std::string& further,
                     const std::string& client = {}) const {
    return write_cluster_file(
        directory_,
        {.bootstrap = bootstrap_,
         .partitions = 1,
         .topics = topics,
         .further = further + "\nrequest_timeout_ms = 2000\ngroup_session_timeout_ms = 2000",
         .client = client},
        name);
  }
  // As the broker's file for the user says.
  std::string config_of(const std::string& user) const {
    return config(user + ".toml", "client_file = \"broker/" + user + ".conf\"");
  }
  // Those that the page for operators gives, one kind of resource at a time.
  void grant(const std::string& resource) const {
    std::ifstream page(ORDERLOG_SOURCE_DIR "/ops/docs/kafka-security.md");
    const std::string command = "kafka-acls ";
    int granted = 0;
    for (std::string line; std::getline(page, line);) {
      if (line.rfind(command, 0) != 0 || line.find(" --" + resource + " ") == std::string::npos)
        continue;
      ++granted;
      ASSERT_EQ(
          std::system((ORDERLOG_SOURCE_DIR "/ops/kafka/tool acls " + line.substr(command.size()) +
                       " --bootstrap-server " + bootstrap_ + " --command-config '" +
                       data("broker") + "/admin.properties' >/dev/null 2>&1")
                          .c_str()),
          0)
          << line;
    }
    EXPECT_EQ(granted, 1) << resource;
  }
  void expect_no_secret(const std::string& text) const {
    for (const auto& password : passwords_)
      EXPECT_EQ(text.find(password), std::string::npos) << text;
    EXPECT_EQ(text.find("open-sesame"), std::string::npos) << text;
  }
  // serve, topics and verify end at once, and say why.
  void expect_refused(const std::string& path, const std::string& why) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"serve", "--data", data(), "--listen", "127.0.0.1:0", "--config", path},
             {"topics", "check", "--config", path},
             {"verify", "--config", path}}) {
      const auto refused = run(arguments);
      EXPECT_EQ(refused.code, 1) << refused.out;
      EXPECT_NE(refused.out.find(why), std::string::npos) << arguments[0] << ": " << refused.out;
      expect_no_secret(refused.out);
    }
  }
  // The node runs, leads nothing, takes no command, and says why; then it is stopped.
  void expect_leads_nothing(const std::string& path, const std::string& why) {
    ServerProcess server(data(), {"--config", path});
    server.long_lived();
    ASSERT_TRUE(server.start()) << server.output();
    auto client = client::HttpClient::open(server.url());
    std::string ready;
    EXPECT_TRUE(eventually([&] {
      const auto answer = client->get("/readyz?verbose");
      ready = answer.ok() ? answer->body : "";
      return answer.ok() && answer->status == 503 && ready.find(why) != std::string::npos;
    })) << ready;
    const std::string body = receive_body("TEA@MAIN");
    const auto refused = client->request(receive_request("k", body));
    ASSERT_TRUE(refused.ok());
    EXPECT_EQ(refused->status, 503) << refused->body;
    ASSERT_EQ(server.stop(), 0);
    EXPECT_NE(server.output().find(why), std::string::npos) << server.output();
    expect_no_secret(server.output());
  }

  std::vector<std::string> passwords_;
  std::string bootstrap_;
};

TEST_F(Secure, OnlyTheRightPasswordOverTlsOpens) {
  // Wrong: what the TOML file says goes before the other file.
  expect_refused(config("wrong.toml", "client_file = \"broker/client.conf\"",
                        "\"sasl.password\" = \"open-sesame\""),
                 "uthentication failed");
  // Nothing set: the broker hangs up on who does not begin with TLS.
  expect_refused(config("plain.toml", ""), "security.protocol");
  // A certificate of an authority that we do not know.
  auto settings = settings_of("client");
  expect_refused(config("unknown.toml", "",
                        "\"security.protocol\" = \"SASL_SSL\"\n\"sasl.mechanism\" = \"PLAIN\"\n"
                        "\"sasl.username\" = \"orderlog\"\n\"sasl.password\" = \"" +
                            settings.at("sasl.password") + "\""),
                 "certificate verify failed");
}

TEST_F(Secure, WhatThePageGrantsIsWhatANodeNeeds) {
  apply_topics(config_of("admin"));
  const std::string path = config_of("client");
  expect_refused(path, "opic authorization failed");
  grant("topic");
  expect_leads_nothing(path, "Group authorization failed");
  grant("group");
  expect_leads_nothing(path, "Transactional Id authorization failed");
  grant("transactional-id");

  ServerProcess server(data(), {"--config", path});
  server.long_lived();
  ASSERT_TRUE(started(server)) << server.output();
  auto client = client::HttpClient::open(server.url());
  const std::string body = receive_body("TEA@MAIN");
  const auto received = client->request(receive_request("k", body));
  ASSERT_TRUE(received.ok());
  EXPECT_EQ(received->status, 200) << received->body;
  ASSERT_EQ(server.stop(), 0);
  expect_no_secret(server.output());
  EXPECT_EQ(server.output().find("uthorization failed"), std::string::npos) << server.output();
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"topics", "check", "--config", path}, {"verify", "--config", path, "--data", data()}}) {
    const auto finished = run(arguments);
    EXPECT_EQ(finished.code, 0) << finished.out;
  }
}

}  // namespace
}  // namespace orderlog::test
