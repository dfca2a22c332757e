// Accepts, keeps the list of sessions, sweeps them every second, and gathers answers so that those
// of one batch leave a connection in one write.
#include "connectors/http/server.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <ctime>
#include <unordered_map>
#include <vector>

#include "connectors/http/event_loop.h"
#include "connectors/http/router.h"
#include "connectors/http/session.h"

namespace orderlog::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// One writer (the loop), any reader.
class Counter {
 public:
  void add(std::uint64_t more) {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

Result<tcp::endpoint> parse_endpoint(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) {
    return error(ErrorCode::InvalidArgument, "no port in " + quote_input(listen));
  }
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "localhost") host = "127.0.0.1";
  error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  unsigned port = 0;
  const std::string digits = listen.substr(colon + 1);
  for (const char c : digits) {
    port = c >= '0' && c <= '9' && port <= 65'535 ? port * 10 + static_cast<unsigned>(c - '0')
                                                  : 65'536;
  }
  if (ec || digits.empty() || port > 65'535) {
    return error(ErrorCode::InvalidArgument,
                 "not an address to listen on (like 127.0.0.1:8080): " + quote_input(listen));
  }
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

class TcpServer final : public HttpServer, public SessionHost {
 public:
  TcpServer(EventLoop& loop, const Router& router, const HttpLimits& limits)
      : loop_(loop),
        router_(router),
        limits_(limits),
        acceptor_(loop.context()),
        ticker_(loop.context()),
        grace_(loop.context()),
        retry_(loop.context()) {
    update_clock();
    std::string body;
    write_problem(body, Problem{ProblemType::Overloaded, "too many connections", {}, {}, {}});
    refusal_ =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
        "Content-Type: application/problem+json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  ~TcpServer() override {
    while (!sessions_.empty()) sessions_.begin()->second->close();
  }

  Status listen(const tcp::endpoint& endpoint);

  std::uint16_t port() const override { return port_; }
  HttpStats stats() const override;
  void stop(std::uint32_t grace_ms, std::function<void()> stopped) override;

  const HttpLimits& limits() const override { return limits_; }
  void dispatch(Request& request, Responder responder) override {
    requests_.add(1);
    router_.handle(request, responder);
  }
  void wants_flush(std::shared_ptr<Session> session) override;
  void closed(Session& session) override;
  bool reserve_body(std::int64_t bytes) override;
  std::string_view date() const override { return date_; }
  std::uint32_t now_seconds() const override { return now_seconds_; }
  std::int64_t now_us() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  void count_bytes_in(std::size_t bytes) override { bytes_in_.add(bytes); }
  void count_bytes_out(std::size_t bytes) override { bytes_out_.add(bytes); }
  void count_answer(int status, std::int64_t us) override;
  void count_bad_request() override { bad_requests_.add(1); }

 private:
  void accept();
  void accept_waiting();
  void on_accept(const error_code& ec, tcp::socket socket);
  void tick();
  void update_clock();
  void flush_dirty();
  void finish_stop();

  EventLoop& loop_;
  const Router& router_;
  const HttpLimits limits_;
  tcp::acceptor acceptor_;
  asio::steady_timer ticker_;
  asio::steady_timer grace_;
  asio::steady_timer retry_;
  std::string refusal_;
  std::uint16_t port_ = 0;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
  std::vector<std::shared_ptr<Session>> dirty_;
  std::vector<std::shared_ptr<Session>> flushing_;
  std::int64_t large_bodies_bytes_ = 0;
  std::string date_;
  std::uint32_t now_seconds_ = 0;
  bool stopping_ = false;
  std::function<void()> stopped_;

  Counter connections_, accepted_, refused_, requests_, bad_requests_, bytes_in_, bytes_out_;
  Counter answer_us_;
  std::array<Counter, 6> by_class_;
  std::array<Counter, 24> answer_us_log2_;
};

Status TcpServer::listen(const tcp::endpoint& endpoint) {
  error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (!ec) acceptor_.non_blocking(true, ec);
  if (ec) {
    return error(ErrorCode::Io, "can't listen on " + endpoint.address().to_string() + ":" +
                                    std::to_string(endpoint.port()) + ": " + ec.message());
  }
  port_ = acceptor_.local_endpoint(ec).port();
  loop_.post([this] {
    accept();
    tick();
  });
  return {};
}

void TcpServer::accept() {
  acceptor_.async_accept([this](const error_code& ec, tcp::socket socket) {
    if (ec == asio::error::operation_aborted) return;
    on_accept(ec, std::move(socket));
    if (!ec) accept_waiting();
    if (!acceptor_.is_open()) return;
    if (!ec) return accept();
    // Out of descriptors: trying again at once would only burn the processor.
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](const error_code& cancelled) {
      if (!cancelled) accept();
    });
  });
}

// A turn of a loaded loop takes long: with one connection a turn the last of many would wait for
// seconds. An error shows again when the next one is awaited.
void TcpServer::accept_waiting() {
  error_code ec;
  for (std::size_t i = 0; i < accepts_per_turn && acceptor_.is_open() && !ec; ++i) {
    tcp::socket socket(loop_.context());
    acceptor_.accept(socket, ec);
    if (!ec) on_accept(ec, std::move(socket));
  }
}

void TcpServer::on_accept(const error_code& ec, tcp::socket socket) {
  if (ec) return;
  if (sessions_.size() >= limits_.connections_max) {
    refused_.add(1);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(refusal_), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  error_code released;
  const int descriptor = socket.release(released);
  if (released) return;
  const auto session = make_session(loop_, descriptor, *this);
  if (session == nullptr) return;
  accepted_.add(1);
  connections_.add(1);
  sessions_.emplace(session.get(), session);
  session->start();
}

void TcpServer::tick() {
  update_clock();
  std::vector<std::shared_ptr<Session>> all;
  all.reserve(sessions_.size());
  for (const auto& [unused, session] : sessions_) all.push_back(session);
  for (const auto& session : all) session->sweep();
  ticker_.expires_after(std::chrono::seconds(1));
  ticker_.async_wait([this](const error_code& ec) {
    if (!ec) tick();
  });
}

void TcpServer::update_clock() {
  now_seconds_ = static_cast<std::uint32_t>(now_us() / 1'000'000);
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                                   utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  date_.assign(text.data(), static_cast<std::size_t>(length));
}

void TcpServer::wants_flush(std::shared_ptr<Session> session) {
  if (dirty_.empty()) loop_.post([this] { flush_dirty(); });
  dirty_.push_back(std::move(session));
}

void TcpServer::flush_dirty() {
  flushing_.swap(dirty_);
  for (const auto& session : flushing_) session->flush();
  flushing_.clear();
}

void TcpServer::closed(Session& session) {
  if (sessions_.erase(&session) == 0) return;
  connections_.add(static_cast<std::uint64_t>(-1));
  if (stopping_ && sessions_.empty()) finish_stop();
}

bool TcpServer::reserve_body(std::int64_t bytes) {
  if (bytes > 0 &&
      large_bodies_bytes_ + bytes > static_cast<std::int64_t>(limits_.large_bodies_bytes_max)) {
    return false;
  }
  large_bodies_bytes_ += bytes;
  return true;
}

void TcpServer::count_answer(int status, std::int64_t us) {
  by_class_[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))].add(1);
  const auto spent = static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
  answer_us_.add(spent);
  answer_us_log2_[std::min<std::size_t>(std::bit_width(spent), answer_us_log2_.size() - 1)].add(1);
}

HttpStats TcpServer::stats() const {
  HttpStats stats;
  stats.connections = connections_.get();
  stats.connections_accepted = accepted_.get();
  stats.connections_refused = refused_.get();
  stats.requests = requests_.get();
  stats.bad_requests = bad_requests_.get();
  stats.bytes_in = bytes_in_.get();
  stats.bytes_out = bytes_out_.get();
  stats.answer_us_total = answer_us_.get();
  for (std::size_t i = 0; i < by_class_.size(); ++i) {
    stats.answers_by_class[i] = by_class_[i].get();
  }
  for (std::size_t i = 0; i < answer_us_log2_.size(); ++i) {
    stats.answer_us_log2[i] = answer_us_log2_[i].get();
  }
  return stats;
}

void TcpServer::stop(std::uint32_t grace_ms, std::function<void()> stopped) {
  if (stopping_) return;
  stopping_ = true;
  stopped_ = std::move(stopped);
  error_code ignored;
  acceptor_.close(ignored);
  std::vector<std::shared_ptr<Session>> all;
  for (const auto& [unused, session] : sessions_) all.push_back(session);
  for (const auto& session : all) session->drain();
  if (sessions_.empty()) return finish_stop();
  grace_.expires_after(std::chrono::milliseconds(grace_ms));
  grace_.async_wait([this](const error_code& ec) {
    if (ec) return;
    while (!sessions_.empty()) sessions_.begin()->second->close();
  });
}

void TcpServer::finish_stop() {
  ticker_.cancel();
  retry_.cancel();
  grace_.cancel();
  if (auto stopped = std::exchange(stopped_, {})) loop_.post(std::move(stopped));
}

}  // namespace

Result<std::unique_ptr<HttpServer>> open_http_server(EventLoop& loop, const Router& router,
                                                     const std::string& listen,
                                                     const HttpLimits& limits) {
  auto endpoint = parse_endpoint(listen);
  if (!endpoint) return endpoint.error();
  auto server = std::make_unique<TcpServer>(loop, router, limits);
  if (const Status status = server->listen(*endpoint); !status) return status.error();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace orderlog::http
