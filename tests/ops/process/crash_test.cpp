// The server killed at any moment under load: what was acknowledged is there, once; and the
// process's own refusals.
#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <thread>

#include "connectors/client/http_client.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

constexpr int kill_rounds = 50;
constexpr int clients = 4;

struct Sent {
  std::string key;
  std::string item;
  bool acknowledged = false;
  std::string position;
};

std::string receive_body(const std::string& item) {
  return R"({"stock_item_id":")" + item + R"(","quantity":{"milli":1000}})";
}

client::RequestText receive_request(const Sent& sent, const std::string& body) {
  client::RequestText request;
  request.method = "POST";
  request.target = "/v1/commands/ReceiveStock";
  request.body = body;
  request.headers = {{"Idempotency-Key", sent.key}};
  return request;
}

// Sends until the server is gone; keeps what was sent and what was acknowledged.
void load(const std::string& url, int client_number, int round, std::atomic<int>& acknowledged,
          std::vector<Sent>& record) {
  auto client = client::HttpClient::open(url);
  if (!client) return;
  for (int i = 0;; ++i) {
    Sent sent;
    sent.key =
        std::to_string(round) + "-" + std::to_string(client_number) + "-" + std::to_string(i);
    sent.item = "SKU" + std::to_string(i % 3) + "@MAIN";
    const std::string body = receive_body(sent.item);
    auto response = client->request(receive_request(sent, body));
    if (response && response->status == 200) {
      sent.acknowledged = true;
      sent.position = std::string(json::parse(response->body).at("position").as_string());
      ++acknowledged;
      acknowledged.notify_one();
    }
    record.push_back(sent);
    if (!response) return;
  }
}

using Crash = ProcessTest;

TEST_F(Crash, FiftyKillsLoseNothingAndRepeatNothing) {
  std::vector<Sent> all;
  ServerProcess server(data());
  for (int round = 0; round < kill_rounds; ++round) {
    ASSERT_TRUE(server.start()) << "round " << round << ": " << server.output();
    std::array<std::vector<Sent>, clients> records;
    std::atomic<int> acknowledged = 0;
    std::vector<std::thread> threads;
    for (int c = 0; c < clients; ++c) {
      threads.emplace_back([&, c] {
        load(server.url(), c, round, acknowledged, records[static_cast<std::size_t>(c)]);
      });
    }
    // At another moment each time, counted in answers.
    const int at_least = 1 + round * 7 % 40;
    for (int seen = 0; (seen = acknowledged.load()) < at_least;) acknowledged.wait(seen);
    server.kill9();
    for (auto& thread : threads) thread.join();
    for (auto& record : records) all.insert(all.end(), record.begin(), record.end());
  }
  ASSERT_TRUE(server.start()) << server.output();
  auto client = client::HttpClient::open(server.url());
  ASSERT_TRUE(client.ok());
  std::map<std::string, std::int64_t> expected;
  for (const auto& sent : all) {
    const std::string body = receive_body(sent.item);
    auto response = client->request(receive_request(sent, body));
    ASSERT_TRUE(response.ok());
    ASSERT_EQ(response->status, 200) << response->body;
    if (sent.acknowledged) {
      EXPECT_EQ(response->header("Idempotent-Replayed").value_or(""), "true")
          << "lost: " << sent.key;
      EXPECT_EQ(json::parse(response->body).at("position").as_string(), sent.position) << sent.key;
    }
    expected[sent.item] += 1'000;
  }
  auto end = client->get("/v1/reports/stock_position?limit=10");
  ASSERT_TRUE(end.ok());
  server.stop();
  const auto verified = run({"verify", "--data", data()});
  EXPECT_EQ(verified.code, 0) << verified.out;
  ASSERT_TRUE(server.start()) << server.output();
  auto reader = client::HttpClient::open(server.url());
  for (const auto& [item, milli] : expected) {
    auto row = reader->get("/v1/reports/stock_position/" + client::percent_encoded(item));
    ASSERT_TRUE(row.ok());
    ASSERT_EQ(row->status, 200) << row->body;
    EXPECT_EQ(json::parse(row->body).at("on_hand").at("milli").to_number<std::int64_t>(), milli)
        << item;
  }
}

TEST_F(Crash, TwoHundredClientsReserveTheLastTen) {
  ServerProcess server(data());
  ASSERT_TRUE(server.start()) << server.output();
  {
    auto client = client::HttpClient::open(server.url());
    auto received = client->post("/v1/commands/ReceiveStock",
                                 R"({"stock_item_id":"LAST@MAIN","quantity":{"milli":10000}})");
    ASSERT_TRUE(received.ok());
    ASSERT_EQ(received->status, 200) << received->body;
  }
  std::atomic<int> reserved = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int c = 0; c < 200; ++c) {
    threads.emplace_back([&, c] {
      auto client = client::HttpClient::open(server.url());
      auto response =
          client->post("/v1/commands/ReserveStock",
                       R"({"stock_item_id":"LAST@MAIN","reservation_id":"R)" + std::to_string(c) +
                           R"(","quantity":{"milli":1000},"backorder":"Never"})");
      if (!response) return;
      ++answered;
      if (response->body.find("\"StockReserved\"") != std::string::npos) ++reserved;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, 200);
  EXPECT_EQ(reserved, 10);
}

TEST_F(Crash, TheSameCommandAHundredTimesAtOnce) {
  ServerProcess server(data());
  ASSERT_TRUE(server.start()) << server.output();
  std::mutex mutex;
  std::map<std::string, int> answers;
  int replayed = 0;
  std::vector<std::thread> threads;
  for (int c = 0; c < 100; ++c) {
    threads.emplace_back([&] {
      auto client = client::HttpClient::open(server.url());
      client::RequestText request;
      request.method = "POST";
      request.target = "/v1/commands/ReceiveStock";
      request.body = R"({"stock_item_id":"ONCE@MAIN","quantity":{"milli":5000}})";
      request.headers = {{"Idempotency-Key", "the-same"}};
      auto response = client->request(request);
      const std::lock_guard lock(mutex);
      ++answers[response ? std::to_string(response->status) + response->body : "none"];
      if (response && response->header("Idempotent-Replayed")) ++replayed;
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(answers.size(), 1u) << answers.begin()->first;
  EXPECT_EQ(answers.begin()->second, 100);
  EXPECT_EQ(replayed, 99);
}

TEST_F(Crash, ABadConfigurationNamesItsLine) {
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

TEST_F(Crash, TheReferenceConfigurationIsAccepted) {
  const auto path = (directory_ / "all.toml").string();
  std::ofstream(path) << run({"config"}).out;
  ServerProcess server(data(), {"--config", path});
  EXPECT_TRUE(server.start()) << server.output();
}

TEST_F(Crash, TheSimulatorsBooksAgree) {
  ServerProcess server(data());
  ASSERT_TRUE(server.start()) << server.output();
  const auto simulated =
      run({"simulate", "--server", server.url(), "--orders", "400", "--seed", "7"});
  EXPECT_EQ(simulated.code, 0) << simulated.out;
  ASSERT_EQ(server.stop(), 0);
  const auto verified = run({"verify", "--data", data()});
  EXPECT_EQ(verified.code, 0) << verified.out;
}

TEST_F(Crash, ABackupUnderLoadIsRestoredWhole) {
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
