// The server killed at any moment under load: what was acknowledged is there, once.
#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <thread>

#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

namespace json = boost::json;

constexpr int clients = 4;

struct Sent {
  std::string key;
  std::string item;
  bool acknowledged = false;
  std::string position;
};

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
    auto response = client->request(receive_request(sent.key, body));
    while (response && response->status == 503) {  // perhaps done, perhaps not: the same again
      std::this_thread::sleep_for(look_again);
      response = client->request(receive_request(sent.key, body));
    }
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

TEST_P(Scenario, KillsLoseNothingAndRepeatNothing) {
  std::vector<Sent> all;
  ServerProcess server = node();
  for (int round = 0; round < deployment->kill_rounds(); ++round) {
    ASSERT_TRUE(started(server)) << "round " << round << ": " << server.output();
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
    deployment->after_kill(round, data());
  }
  ASSERT_TRUE(started(server)) << server.output();
  auto client = client::HttpClient::open(server.url());
  ASSERT_TRUE(client.ok());
  std::map<std::string, std::int64_t> expected;
  for (const auto& sent : all) {
    const std::string body = receive_body(sent.item);
    auto response = client->request(receive_request(sent.key, body));
    ASSERT_TRUE(response.ok());
    ASSERT_EQ(response->status, 200) << response->body;
    if (sent.acknowledged) {
      EXPECT_EQ(response->header("Idempotent-Replayed").value_or(""), "true")
          << "lost: " << sent.key;
      EXPECT_EQ(json::parse(response->body).at("position").as_string(), sent.position) << sent.key;
    }
    expected[sent.item] += 1'000;
  }
  server.stop();
  expect_whole();
  ASSERT_TRUE(started(server)) << server.output();
  auto reader = client::HttpClient::open(server.url());
  for (const auto& [item, milli] : expected) {
    auto row = reader->get("/v1/reports/stock_position/" + client::percent_encoded(item));
    ASSERT_TRUE(row.ok());
    ASSERT_EQ(row->status, 200) << row->body;
    EXPECT_EQ(json::parse(row->body).at("on_hand").at("milli").to_number<std::int64_t>(), milli)
        << item;
  }
}

}  // namespace
}  // namespace orderlog::test
