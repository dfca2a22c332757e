// A server on a free port with its loop in a thread of its own, and a client that sends raw bytes.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "connectors/client/http_client.h"
#include "connectors/client/response_reader.h"
#include "connectors/client/socket.h"
#include "connectors/http/event_loop.h"
#include "connectors/http/router.h"
#include "connectors/http/server.h"

namespace orderlog::http {

class TestServer {
 public:
  using Routes = std::function<void(Router&, EventLoop&)>;
  // `late_routes`: those of parts that want to know the port; called before the loop runs.
  explicit TestServer(
      const Routes& routes, HttpLimits limits = {},
      const std::function<void(Router&, EventLoop&, std::uint16_t port)>& late_routes = {}) {
    routes(router_, loop_);
    auto opened = open_http_server(loop_, router_, "127.0.0.1:0", limits);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    server_ = std::move(*opened);
    if (late_routes) late_routes(router_, loop_, server_->port());
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~TestServer() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    run([this](const std::function<void()>& done) { server_->stop(200, done); });
    loop_.stop();
    thread_.join();
  }

  // Runs a task on the loop's thread and waits until it calls what it is given.
  void run(const std::function<void(std::function<void()>)>& task) {
    std::promise<void> finished;
    loop_.post([&] { task([&] { finished.set_value(); }); });
    finished.get_future().wait();
  }

  EventLoop& loop() { return loop_; }
  HttpStats stats() const { return server_->stats(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  client::HttpClient client() const { return std::move(*client::HttpClient::open(url())); }

 private:
  EventLoop loop_;
  Router router_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

// Says exactly the bytes it is told to.
class RawClient {
 public:
  explicit RawClient(const std::string& url) {
    auto connected =
        client::Socket::connect(*client::parse_server_url(url), client::deadline_in(5'000));
    EXPECT_TRUE(connected.ok());
    socket_ = std::move(*connected);
  }

  void send(std::string_view bytes) {
    const Status sent = socket_.send_all(bytes, client::deadline_in(10'000));
    EXPECT_TRUE(sent.ok()) << sent.error().message;
  }
  // Errors are fine: the server may have closed already.
  bool try_send(std::string_view bytes) {
    return socket_.send_all(bytes, client::deadline_in(10'000)).ok();
  }
  void finish_sending() { socket_.finish_sending(); }

  // The next response; status 0 when the connection ends first.
  client::Response receive(std::uint32_t timeout_ms = 10'000) {
    const auto deadline = client::deadline_in(timeout_ms);
    while (true) {
      std::size_t consumed = 0;
      auto state = reader_.read(in_, consumed);
      in_.erase(0, consumed);
      EXPECT_TRUE(state.ok()) << state.error().message;
      if (!state.ok()) return {};
      if (*state == client::ResponseReader::State::Complete) return reader_.take();
      char buffer[65'536];
      auto got = socket_.receive(buffer, sizeof buffer, deadline);
      if (!got.ok() || *got == 0) return {};
      in_.append(buffer, *got);
    }
  }

  // Everything up to the end of the connection; false when it does not end in time.
  bool ends(std::string* rest = nullptr, std::uint32_t timeout_ms = 10'000) {
    const auto deadline = client::deadline_in(timeout_ms);
    char buffer[65'536];
    while (true) {
      auto got = socket_.receive(buffer, sizeof buffer, deadline);
      if (!got.ok()) return got.error().code == ErrorCode::Io;
      if (*got == 0) return true;
      if (rest != nullptr) rest->append(buffer, *got);
    }
  }

 private:
  client::Socket socket_;
  client::ResponseReader reader_;
  std::string in_;
};

inline std::string get(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
inline std::string post(std::string_view target, std::string_view body,
                        std::string_view fields = "Content-Type: application/json\r\n") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace orderlog::http
