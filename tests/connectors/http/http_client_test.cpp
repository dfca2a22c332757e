// What the blocking client says about a request that did not end well: sent or not.
#include "connectors/client/http_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/connectors/http/test_cluster.h"

namespace orderlog::http {
namespace {

void say(int connection, std::string_view text) {
  EXPECT_EQ(::send(connection, text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}
void hear(int connection) {
  char bytes[4'096];
  EXPECT_GT(::recv(connection, bytes, sizeof bytes, 0), 0);
}
constexpr std::string_view fine = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const client::Headers repeatable = {{"Idempotency-Key", "k"}};

TEST(HttpClient, WhatWasSentIsNeverSaidToBeUnsent) {
  DeafServer server;
  auto client = std::move(*client::HttpClient::open(server.address()));
  std::thread serving([&] {
    const int connection = server.accept_one();
    hear(connection);
    say(connection, fine);
    hear(connection);  // the second request: now the server dies
    server.close();
    ::close(connection);
  });
  EXPECT_TRUE(client.post("/", "{}", repeatable).ok());
  const auto lost = client.post("/", "{}", repeatable);
  serving.join();
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::Io) << lost.error().message;
  const auto unsent = client.post("/", "{}", repeatable);
  ASSERT_FALSE(unsent.ok());
  EXPECT_EQ(unsent.error().code, ErrorCode::Unavailable);
}

TEST(HttpClient, AKeptConnectionThatIsClosedIsOpenedAnew) {
  DeafServer server;
  auto client = std::move(*client::HttpClient::open(server.address()));
  std::thread serving([&] {
    for (int i = 0; i < 2; ++i) {
      const int connection = server.accept_one();
      hear(connection);
      say(connection, fine);
      ::close(connection);
    }
  });
  EXPECT_TRUE(client.post("/", "{}", repeatable).ok());
  EXPECT_TRUE(client.post("/", "{}", repeatable).ok());
  serving.join();
}

TEST(HttpClient, InterruptedItEndsSoonAndForGood) {
  DeafServer server;
  auto client = std::move(*client::HttpClient::open(server.address()));
  std::thread interrupting([&] {
    hear(server.accept_one());
    client.interrupt();
  });
  const auto ended = client.post("/", "{}");
  interrupting.join();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, ErrorCode::Io);
  const auto refused = client.post("/", "{}");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace orderlog::http
