// Waiting for what comes true by itself before long: a node that is ready, partitions that have
// heard of each other.
#pragma once

#include <chrono>
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

}  // namespace orderlog::test
