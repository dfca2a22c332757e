// Many clients at once want the last of something, or the same thing done.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "tests/ops/scenarios/scenario.h"

namespace orderlog::test {
namespace {

TEST_P(Scenario, TwoHundredClientsReserveTheLastTen) {
  ServerProcess server = node();
  ASSERT_TRUE(started(server)) << server.output();
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

TEST_P(Scenario, TheSameCommandAHundredTimesAtOnce) {
  ServerProcess server = node();
  ASSERT_TRUE(started(server)) << server.output();
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

}  // namespace
}  // namespace orderlog::test
