// Non-blocking reads and writes on an Asio socket. Answers are written at once, in one call for all
// that are there; only what the socket does not take waits for an event.
// Longer than 400 lines because it is one state machine: what it may do depends on all its parts.
#include "connectors/http/session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string>
#include <vector>

#include "connectors/http/event_loop.h"
#include "connectors/http/exchange_queue.h"
#include "connectors/http/request_reader.h"

namespace orderlog::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_bytes_min = 4 * 1024;
constexpr std::size_t kept_output_bytes = 64 * 1024;
constexpr std::uint32_t settled_seconds = 2;

class TcpSession final : public Session, public std::enable_shared_from_this<TcpSession> {
 public:
  TcpSession(asio::io_context& context, SessionHost& host)
      : host_(host),
        socket_(context),
        in_(host.limits().header_bytes_max + read_bytes_min),
        reader_(host.limits()),
        exchanges_(host.limits().requests_pipelined_max) {}

  error_code adopt(int descriptor);

  void start() override;
  void flush() override;
  void sweep() override;
  void drain() override;
  void close() override;

  void reply(std::uint64_t exchange, const Reply& reply) override;
  void open_stream(std::uint64_t exchange, const Reply& head, StreamEvents events) override;
  bool write_stream(std::uint64_t exchange, std::string_view text) override;
  void close_stream(std::uint64_t exchange) override;
  std::size_t buffered_bytes() const override {
    return exchanges_out_bytes() + sending_.size() - sent_;
  }

 private:
  enum class Phase { Serving, Lingering, Closed };

  bool may_take_request() const;
  // The last answer has long been taken and no request has begun.
  bool is_idle() const {
    return exchanges_.empty() && buffered_bytes() == 0 && used_ == 0 && !reader_.started() &&
           host_.now_seconds() - last_activity_ >= settled_seconds;
  }
  bool may_read() const;
  void read();
  void on_read(const error_code& ec, std::size_t bytes);
  void process();
  bool step(std::size_t& at);
  void dispatch();
  void refuse(ProblemType type, std::string_view detail);
  bool account_body();
  void release_body();

  void write_more();
  void on_written(const error_code& ec, std::size_t bytes);
  void after_write();
  void begin_linger();
  void touch() { last_activity_ = host_.now_seconds(); }
  void wake();
  std::size_t exchanges_out_bytes() const {
    return const_cast<ExchangeQueue&>(exchanges_).out().size();
  }

  SessionHost& host_;
  tcp::socket socket_;
  std::vector<char> in_;
  std::size_t used_ = 0;
  RequestReader reader_;
  ExchangeQueue exchanges_;
  std::string sending_;
  std::size_t sent_ = 0;
  std::int64_t reserved_ = 0;
  StreamEvents stream_;

  Phase phase_ = Phase::Serving;
  bool reading_ = false;
  bool writing_ = false;
  bool processing_ = false;
  bool flush_wanted_ = false;
  bool peer_done_ = false;  // it has sent its last byte
  bool draining_ = false;
  std::uint32_t last_activity_ = 0;
  std::uint32_t request_started_ = 0;
  std::uint32_t linger_started_ = 0;
};

error_code TcpSession::adopt(int descriptor) {
  error_code ec;
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  socket_.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), descriptor, ec);
  if (!ec) socket_.non_blocking(true, ec);
  if (ec) return ec;
  error_code ignored;  // only costs speed
  socket_.set_option(tcp::no_delay(true), ignored);
  return ec;
}

void TcpSession::start() {
  touch();
  read();
}

// ---- in
// -------------------------------------------------------------------------------------------

bool TcpSession::may_take_request() const {
  return phase_ == Phase::Serving && !exchanges_.ending() && !draining_ && !exchanges_.full() &&
         buffered_bytes() <= host_.limits().output_bytes_paused;
}

bool TcpSession::may_read() const {
  if (phase_ == Phase::Lingering) return true;
  if (phase_ == Phase::Closed || peer_done_) return false;
  if (exchanges_.streaming()) return true;  // only to notice that the client leaves
  return may_take_request();
}

void TcpSession::read() {
  if (reading_ || !may_read()) return;
  reading_ = true;
  // What comes after the last request that counts is thrown away.
  if (phase_ == Phase::Lingering || exchanges_.streaming()) used_ = 0;
  socket_.async_read_some(asio::buffer(in_.data() + used_, in_.size() - used_),
                          [self = shared_from_this()](const error_code& ec, std::size_t bytes) {
                            self->on_read(ec, bytes);
                          });
}

void TcpSession::on_read(const error_code& ec, std::size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::Closed) return;
  if (ec) {
    // A half-closed client still gets its answers, but a stream has nobody to end it.
    if (ec != asio::error::eof || phase_ == Phase::Lingering || exchanges_.streaming() ||
        (exchanges_.empty() && buffered_bytes() == 0)) {
      return close();
    }
    peer_done_ = true;
    return flush();
  }
  host_.count_bytes_in(bytes);
  if (phase_ == Phase::Lingering || exchanges_.streaming()) return read();
  touch();
  used_ += bytes;
  process();
  flush();
  read();
}

// Handles every complete request in the buffer.
void TcpSession::process() {
  if (processing_) return;
  processing_ = true;
  std::size_t at = 0;
  while (may_take_request() && step(at)) {
  }
  used_ -= at;
  if (at > 0 && used_ > 0) std::copy_n(in_.data() + at, used_, in_.data());
  processing_ = false;
}

// One step of the reader from in_[at]; false when nothing more can be done with what is there.
bool TcpSession::step(std::size_t& at) {
  if (at == used_) return false;
  const bool fresh = !reader_.started();
  const auto progress = reader_.read(std::string_view(in_.data() + at, used_ - at));
  at += progress.consumed;
  if (fresh) request_started_ = host_.now_seconds();
  switch (progress.state) {
    case ReadState::Complete:
      dispatch();
      return true;
    case ReadState::Failed:
      refuse(reader_.problem(), reader_.problem_detail());
      return false;
    case ReadState::HeaderDone:
      if (reader_.expects_continue() && at == used_) {
        exchanges_.interject("HTTP/1.1 100 Continue\r\n\r\n");
      }
      return account_body();
    case ReadState::NeedMore:
      if (!account_body()) return false;
      if (at == 0 && used_ == in_.size()) {
        refuse(ProblemType::HeaderTooLarge, "a line is longer than this server takes");
        return false;
      }
      return progress.consumed > 0;
  }
  return false;
}

bool TcpSession::account_body() {
  const auto bytes = static_cast<std::int64_t>(reader_.body_bytes());
  if (bytes <= static_cast<std::int64_t>(host_.limits().body_bytes_kept)) return true;
  if (!host_.reserve_body(bytes - reserved_)) {
    refuse(ProblemType::Overloaded, "too many large bodies are on their way");
    return false;
  }
  reserved_ = bytes;
  return true;
}

void TcpSession::release_body() {
  if (reserved_ > 0) host_.reserve_body(-reserved_);
  reserved_ = 0;
}

void TcpSession::dispatch() {
  ExchangeTraits traits;
  Request& request = reader_.request();
  traits.head_only = request.method == Method::Head;
  traits.keep_alive = reader_.keep_alive();
  traits.is_http_1_1 = reader_.is_http_1_1();
  traits.started_us = host_.now_us();
  request.pipelined = !exchanges_.empty();
  const std::uint64_t exchange = exchanges_.open(traits);
  host_.dispatch(request, Responder(shared_from_this(), exchange));
  release_body();
  reader_.next();
}

// The answer to bytes that are no usable request; the last one of this connection.
void TcpSession::refuse(ProblemType type, std::string_view detail) {
  host_.count_bad_request();
  ExchangeTraits traits;
  traits.keep_alive = false;
  traits.started_us = host_.now_us();
  const std::uint64_t exchange = exchanges_.open(traits);
  Problem problem;
  problem.type = type;
  problem.detail = detail;
  send_problem(Responder(shared_from_this(), exchange), problem);
  release_body();
  reader_.next();
}

// ---- out
// ------------------------------------------------------------------------------------------

void TcpSession::wake() {
  if (processing_ || flush_wanted_ || phase_ != Phase::Serving) return;
  flush_wanted_ = true;
  host_.wants_flush(shared_from_this());
}

void TcpSession::reply(std::uint64_t exchange, const Reply& reply) {
  if (phase_ != Phase::Serving) return;
  const std::int64_t started_us = exchanges_.started_us(exchange);
  if (!exchanges_.reply(exchange, reply, host_.date())) return;
  host_.count_answer(reply.status, host_.now_us() - started_us);
  wake();
}

void TcpSession::open_stream(std::uint64_t exchange, const Reply& head, StreamEvents events) {
  if (phase_ != Phase::Serving || !exchanges_.open_stream(exchange, head, host_.date())) return;
  host_.count_answer(head.status, host_.now_us() - exchanges_.started_us(exchange));
  stream_ = std::move(events);
  wake();
}

bool TcpSession::write_stream(std::uint64_t exchange, std::string_view text) {
  if (phase_ != Phase::Serving || !exchanges_.stream(exchange, text)) return false;
  if (buffered_bytes() > host_.limits().stream_buffer_bytes_max) {
    close();
    return false;
  }
  wake();
  return true;
}

void TcpSession::close_stream(std::uint64_t exchange) {
  if (phase_ != Phase::Serving) return;
  stream_ = {};
  exchanges_.end_stream(exchange);
  wake();
}

void TcpSession::flush() {
  flush_wanted_ = false;
  if (phase_ != Phase::Serving || writing_) return;
  if (std::string& out = exchanges_.out(); !out.empty()) {
    error_code ec;
    const std::size_t sent = socket_.write_some(asio::buffer(out), ec);
    if (ec && ec != asio::error::would_block) return close();
    host_.count_bytes_out(sent);
    if (sent > 0) touch();
    if (sent < out.size()) {
      sending_.swap(out);
      out.clear();
      sent_ = sent;
      return write_more();
    }
    out.clear();
    if (out.capacity() > kept_output_bytes) std::string().swap(out);
  }
  after_write();
}

void TcpSession::write_more() {
  writing_ = true;
  socket_.async_write_some(asio::buffer(sending_.data() + sent_, sending_.size() - sent_),
                           [self = shared_from_this()](const error_code& ec, std::size_t bytes) {
                             self->on_written(ec, bytes);
                           });
}

void TcpSession::on_written(const error_code& ec, std::size_t bytes) {
  writing_ = false;
  if (phase_ == Phase::Closed) return;
  if (ec) return close();
  host_.count_bytes_out(bytes);
  touch();
  sent_ += bytes;
  if (sent_ < sending_.size()) return write_more();
  sending_.clear();
  sent_ = 0;
  if (sending_.capacity() > kept_output_bytes) std::string().swap(sending_);
  flush();
}

// Everything that was there is with the client: what now?
void TcpSession::after_write() {
  if (exchanges_.ended()) return begin_linger();
  if (exchanges_.streaming()) {
    if (stream_.drained) stream_.drained();
    return read();
  }
  // Requests that waited in the buffer for answers to leave.
  if (used_ > 0 && !processing_) {
    process();
    if (!exchanges_.out().empty()) return wake();
  }
  if (exchanges_.empty() && (peer_done_ || draining_)) return begin_linger();
  read();
}

// Closing at once would make the kernel reset the connection when the client has more on its way,
// and the reset would overtake the answer.
void TcpSession::begin_linger() {
  if (peer_done_) return close();
  phase_ = Phase::Lingering;
  linger_started_ = host_.now_seconds();
  error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  if (ec) return close();
  read();
}

// ---- ends
// -----------------------------------------------------------------------------------------

void TcpSession::sweep() {
  const HttpLimits& limits = host_.limits();
  const std::uint32_t now = host_.now_seconds();
  if (phase_ == Phase::Closed) return;
  if (phase_ == Phase::Lingering) {
    if (now - linger_started_ > limits.linger_seconds_max) close();
    return;
  }
  if (writing_) {
    if (now - last_activity_ > limits.write_stall_seconds_max) close();
    return;
  }
  if (exchanges_.ending() || exchanges_.full()) return;
  if (reader_.started()) {
    if (now - request_started_ > limits.request_seconds_max) {
      refuse(ProblemType::RequestTimeout, "the request did not arrive in time");
      flush();
    }
    return;
  }
  if (exchanges_.empty() && now - last_activity_ > limits.idle_seconds_max) close();
}

void TcpSession::drain() {
  if (phase_ != Phase::Serving) return;
  draining_ = true;
  if (exchanges_.streaming() || is_idle()) return close();
  flush();
}

void TcpSession::close() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  const auto self = shared_from_this();
  release_body();
  error_code ignored;
  socket_.close(ignored);
  const StreamEvents events = std::exchange(stream_, {});
  if (events.closed) events.closed();
  host_.closed(*this);
}

}  // namespace

std::shared_ptr<Session> make_session(EventLoop& loop, int descriptor, SessionHost& host) {
  auto session = std::make_shared<TcpSession>(loop.context(), host);
  if (session->adopt(descriptor)) {
    ::close(descriptor);
    return nullptr;
  }
  return session;
}

}  // namespace orderlog::http
