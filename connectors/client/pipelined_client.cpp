// Connections in one epoll set. Requests gather in a connection's output until serve() sends them.
#include "connectors/client/pipelined_client.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "connectors/client/response_reader.h"
#include "connectors/client/socket.h"

namespace orderlog::client {

namespace {

constexpr std::size_t unsent_bytes_max = 1024 * 1024;  // of one connection
// How long it waits before it looks for requests whose time is over.
constexpr std::chrono::microseconds look_up_interval = std::chrono::milliseconds(100);

struct Pending {
  ResponseDone done;
  bool head = false;
  Deadline deadline;
};

struct Connection {
  Socket socket;
  ResponseReader reader;
  std::string out;
  std::size_t sent = 0;
  std::vector<char> in = std::vector<char>(64 * 1024);
  std::size_t used = 0;
  std::deque<Pending> pending;
  bool wants_write = false;
  bool dirty = false;
};

class EpollClient final : public PipelinedClient {
 public:
  EpollClient(ServerAddress server, PipelineOptions options, int epoll)
      : server_(std::move(server)),
        options_(options),
        epoll_(epoll),
        connections_(options.connections) {}
  ~EpollClient() override { ::close(epoll_); }

  Status send(const RequestText& request, ResponseDone done) override;
  Status send_in_order(std::size_t key, const RequestText& request, ResponseDone done) override;
  void serve(std::chrono::microseconds timeout) override;
  void drain() override;
  std::size_t outstanding() const override { return outstanding_; }

 private:
  bool has_room(const Connection& connection) const {
    return connection.pending.size() < options_.outstanding_max &&
           connection.out.size() - connection.sent < unsent_bytes_max;
  }
  Status send_on(Connection& connection, const RequestText& request, ResponseDone done);
  Status connect(Connection& connection);
  void watch(Connection& connection, bool writable, int operation);
  void flush(Connection& connection);
  void flush_dirty();
  void receive(Connection& connection);
  bool take_responses(Connection& connection);
  void deliver();
  void fail(Connection& connection, const Error& reason);
  void expire();

  ServerAddress server_;
  PipelineOptions options_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> dirty_;
  std::deque<std::pair<ResponseDone, Result<Response>>> completed_;
  std::size_t outstanding_ = 0;
  std::size_t next_ = 0;
  Deadline next_expiry_ = std::chrono::steady_clock::now();
};

void EpollClient::watch(Connection& connection, bool writable, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | (writable ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
  ::epoll_ctl(epoll_, operation, connection.socket.descriptor(), &event);
  connection.wants_write = writable;
}

Status EpollClient::connect(Connection& connection) {
  auto socket = Socket::connect(server_, deadline_in(options_.timeouts.connect_timeout_ms));
  if (!socket) return error(ErrorCode::Unavailable, socket.error().message);
  connection.socket = std::move(*socket);
  connection.reader = ResponseReader();
  connection.out.clear();
  connection.sent = connection.used = 0;
  watch(connection, false, EPOLL_CTL_ADD);
  return {};
}

Status EpollClient::send(const RequestText& request, ResponseDone done) {
  while (true) {
    Connection* best = nullptr;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      Connection& candidate = connections_[(next_ + i) % connections_.size()];
      if (!has_room(candidate)) continue;
      if (best == nullptr || candidate.pending.size() < best->pending.size()) best = &candidate;
      if (best->pending.empty()) break;
    }
    if (best != nullptr) {
      next_ = static_cast<std::size_t>(best - connections_.data()) + 1;
      return send_on(*best, request, std::move(done));
    }
    serve(look_up_interval);
  }
}

Status EpollClient::send_in_order(std::size_t key, const RequestText& request, ResponseDone done) {
  Connection& connection = connections_[key % connections_.size()];
  while (!has_room(connection)) serve(look_up_interval);
  return send_on(connection, request, std::move(done));
}

Status EpollClient::send_on(Connection& connection, const RequestText& request, ResponseDone done) {
  if (!connection.socket.is_open()) {
    if (const Status connected = connect(connection); !connected) return connected;
  }
  write_request(connection.out, server_, request);
  connection.pending.push_back({std::move(done), request.method == "HEAD",
                                deadline_in(options_.timeouts.request_timeout_ms)});
  ++outstanding_;
  if (!connection.dirty) {
    connection.dirty = true;
    dirty_.push_back(static_cast<std::size_t>(&connection - connections_.data()));
  }
  return {};
}

void EpollClient::flush(Connection& connection) {
  connection.dirty = false;
  if (!connection.socket.is_open()) return;
  const std::string_view rest = std::string_view(connection.out).substr(connection.sent);
  auto sent = connection.socket.send_some(rest);
  if (!sent) return fail(connection, sent.error());
  connection.sent += *sent;
  const bool blocked = connection.sent < connection.out.size();
  if (!blocked) {
    connection.out.clear();
    connection.sent = 0;
  }
  if (blocked != connection.wants_write) watch(connection, blocked, EPOLL_CTL_MOD);
}

void EpollClient::flush_dirty() {
  std::vector<std::size_t> all;
  all.swap(dirty_);
  for (const std::size_t index : all) flush(connections_[index]);
}

bool EpollClient::take_responses(Connection& connection) {
  std::size_t at = 0;
  while (at < connection.used) {
    if (connection.pending.empty()) {
      fail(connection, error(ErrorCode::Corrupt, "an answer without a request"));
      return false;
    }
    if (connection.pending.front().head && !connection.reader.started()) {
      connection.reader.expect_no_body();
    }
    std::size_t consumed = 0;
    auto state =
        connection.reader.read({connection.in.data() + at, connection.used - at}, consumed);
    at += consumed;
    if (!state) {
      fail(connection, state.error());
      return false;
    }
    if (*state == ResponseReader::State::NeedMore) break;
    const bool keep_alive = connection.reader.keep_alive();
    completed_.emplace_back(std::move(connection.pending.front().done), connection.reader.take());
    connection.pending.pop_front();
    --outstanding_;
    if (!keep_alive) {
      fail(connection, error(ErrorCode::Io, "the server closed the connection"));
      return false;
    }
  }
  connection.used -= at;
  std::copy_n(connection.in.data() + at, connection.used, connection.in.data());
  if (connection.used == connection.in.size()) connection.in.resize(connection.in.size() * 2);
  return true;
}

void EpollClient::receive(Connection& connection) {
  while (connection.socket.is_open()) {
    std::size_t size = connection.in.size() - connection.used;
    const std::size_t asked = size;
    auto ready = connection.socket.receive_some(connection.in.data() + connection.used, size);
    if (!ready) return fail(connection, ready.error());
    if (*ready == Socket::Ready::Nothing) return;
    if (*ready == Socket::Ready::End) {
      return fail(connection, error(ErrorCode::Io, "the server closed the connection"));
    }
    connection.used += size;
    if (!take_responses(connection) || size < asked) return;
  }
}

void EpollClient::fail(Connection& connection, const Error& reason) {
  connection.socket.close();
  std::deque<Pending> pending;
  pending.swap(connection.pending);
  outstanding_ -= pending.size();
  for (Pending& entry : pending) completed_.emplace_back(std::move(entry.done), reason);
}

// Only when no connection is half-way through something: the callbacks may send and serve.
void EpollClient::deliver() {
  while (!completed_.empty()) {
    const auto [done, response] = std::move(completed_.front());
    completed_.pop_front();
    done(response);
  }
}

// Looked at ten times a second: a timeout is an emergency, not a schedule.
void EpollClient::expire() {
  const Deadline now = std::chrono::steady_clock::now();
  if (now < next_expiry_) return;
  next_expiry_ = now + look_up_interval;
  for (Connection& connection : connections_) {
    if (!connection.pending.empty() && connection.pending.front().deadline < now) {
      fail(connection, error(ErrorCode::Timeout, "the server did not answer in time"));
    }
  }
}

void EpollClient::serve(std::chrono::microseconds timeout) {
  flush_dirty();
  deliver();
  if (outstanding_ == 0) return;
  const auto wait = std::min(timeout, look_up_interval);
  // In nanoseconds: who sends at given times cannot be late by a whole millisecond.
  const timespec wait_ns{0, std::chrono::nanoseconds(wait).count()};
  std::array<epoll_event, 256> events;
  const int ready = ::epoll_pwait2(epoll_, events.data(), events.size(), &wait_ns, nullptr);
  for (int i = 0; i < ready; ++i) {
    Connection& connection = connections_[events[static_cast<std::size_t>(i)].data.u64];
    if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) flush(connection);
    if (events[static_cast<std::size_t>(i)].events & ~static_cast<std::uint32_t>(EPOLLOUT)) {
      receive(connection);
    }
  }
  expire();
  deliver();
  flush_dirty();
  deliver();
}

void EpollClient::drain() {
  while (outstanding_ > 0) serve(look_up_interval);
}

}  // namespace

Result<std::unique_ptr<PipelinedClient>> PipelinedClient::open(std::string_view url,
                                                               PipelineOptions options) {
  auto server = parse_server_url(url);
  if (!server) return server.error();
  if (options.connections == 0 || options.outstanding_max == 0) {
    return error(ErrorCode::InvalidArgument, "a client needs a connection and a request on it");
  }
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return error(ErrorCode::Io, "no epoll");
  return std::unique_ptr<PipelinedClient>(
      std::make_unique<EpollClient>(std::move(*server), options, epoll));
}

}  // namespace orderlog::client
