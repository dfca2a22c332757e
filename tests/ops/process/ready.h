// Waiting for what comes true by itself before long: a node that is ready, partitions that have
// heard of each other. And what such tests ask a node, and send it again and again.
#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "connectors/client/http_client.h"
#include "tests/ops/process/server_process.h"

namespace orderlog::test {

inline constexpr std::chrono::seconds patience(60);
inline constexpr std::chrono::milliseconds look_again(20);

inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

// Starts it, until it is ready: a node of a cluster waits for its partitions.
inline bool started(ServerProcess& server) {
  if (!server.start()) return false;
  auto client = client::HttpClient::open(server.url());
  return client.ok() && eventually([&] {
           const auto answer = client->get("/readyz");
           return answer.ok() && answer->status == 200;
         });
}

// A value of /metrics without labels; -1 when it is not there.
inline std::int64_t metric(const std::string& url, const std::string& name) {
  auto client = client::HttpClient::open(url);
  const auto page = client->get("/metrics");
  if (!page) return -1;
  const auto at = page->body.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::atoll(page->body.c_str() + at + name.size() + 2);
}

// One piece received: a command of which it can be seen how often it took effect.
inline std::string receive_body(const std::string& item) {
  return R"({"stock_item_id":")" + item + R"(","quantity":{"milli":1000}})";
}
// `body` is borrowed.
inline client::RequestText receive_request(const std::string& key, const std::string& body) {
  client::RequestText request;
  request.method = "POST";
  request.target = "/v1/commands/ReceiveStock";
  request.body = body;
  request.headers = {{"Idempotency-Key", key}};
  return request;
}

}  // namespace orderlog::test
