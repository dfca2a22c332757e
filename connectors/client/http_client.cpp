// Send, then read until the response is complete.
#include "connectors/client/http_client.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "connectors/client/response_reader.h"
#include "connectors/client/socket.h"

namespace orderlog::client {

namespace {

bool may_repeat(const RequestText& request) {
  if (request.method != "POST" && request.method != "PATCH") return true;
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [](const auto& field) { return field.first == "Idempotency-Key"; });
}

}  // namespace

struct HttpClient::Impl {
  ServerAddress server;
  ClientOptions options;
  Socket socket;
  std::mutex socket_changes;  // interrupt() looks at a socket that another thread uses
  bool interrupted = false;
  ResponseReader reader;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
  std::string out;

  Status connect();
  void close();
  Result<Response> receive(Deadline deadline);
  Result<Response> exchange(const RequestText& request);
};

Status HttpClient::Impl::connect() {
  auto connected = Socket::connect(server, deadline_in(options.connect_timeout_ms));
  if (!connected) {
    // Nothing was sent: whatever the reason, trying again is safe.
    const Error& failed = connected.error();
    if (failed.code == ErrorCode::InvalidArgument) return failed;
    return error(ErrorCode::Unavailable, failed.message);
  }
  reader = ResponseReader();
  const std::lock_guard lock(socket_changes);
  if (interrupted) return error(ErrorCode::Unavailable, "the client was interrupted");
  socket = std::move(*connected);
  return {};
}

void HttpClient::Impl::close() {
  const std::lock_guard lock(socket_changes);
  socket.close();
}

Result<Response> HttpClient::Impl::receive(Deadline deadline) {
  std::size_t used = 0;
  while (true) {
    auto got = socket.receive(buffer.data() + used, buffer.size() - used, deadline);
    if (!got) return got.error();
    if (*got == 0) {
      auto ended = reader.end();
      if (!ended) return ended.error();
      close();
      return reader.take();
    }
    used += *got;
    std::size_t consumed = 0;
    auto state = reader.read({buffer.data(), used}, consumed);
    if (!state) return state.error();
    if (*state == ResponseReader::State::Complete) {
      // Bytes behind the answer belong to nothing that was asked.
      if (!reader.keep_alive() || consumed < used) close();
      return reader.take();
    }
    std::copy_n(buffer.data() + consumed, used - consumed, buffer.data());
    used -= consumed;
    if (used == buffer.size()) buffer.resize(buffer.size() * 2);
  }
}

Result<Response> HttpClient::Impl::exchange(const RequestText& request) {
  const Deadline deadline = deadline_in(options.request_timeout_ms);
  out.clear();
  write_request(out, server, request);
  if (request.method == "HEAD") reader.expect_no_body();
  // A server that refuses a large body answers and closes while it is still being sent.
  const Status sent = socket.send_all(out, deadline);
  if (!sent && sent.error().code != ErrorCode::Io) return sent.error();
  return receive(deadline);
}

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpClient> HttpClient::open(std::string_view url, ClientOptions options) {
  auto server = parse_server_url(url);
  if (!server) return server.error();
  auto impl = std::make_unique<Impl>();
  impl->server = std::move(*server);
  impl->options = options;
  return HttpClient(std::move(impl));
}

Result<Response> HttpClient::request(const RequestText& request) {
  Impl& impl = *impl_;
  bool reused = impl.socket.is_open();
  // Once something was sent, that no connection can be made says nothing about what came of it.
  std::optional<Error> sent_and_lost;
  while (true) {
    if (!impl.socket.is_open()) {
      if (const Status connected = impl.connect(); !connected) {
        return sent_and_lost ? *sent_and_lost : connected.error();
      }
    }
    auto response = impl.exchange(request);
    if (response) return response;
    const bool closed_early = response.error().code == ErrorCode::Io && !impl.reader.started();
    impl.close();
    if (!reused || !closed_early || !may_repeat(request)) return response;
    sent_and_lost = response.error();
    reused = false;
  }
}

Result<Response> HttpClient::get(std::string_view target, Headers headers) {
  return request(RequestText{"GET", target, {}, {}, std::move(headers)});
}

Result<Response> HttpClient::post(std::string_view target, std::string_view json, Headers headers) {
  return request(RequestText{"POST", target, json, "application/json", std::move(headers)});
}

void HttpClient::disconnect() { impl_->close(); }

void HttpClient::interrupt() {
  const std::lock_guard lock(impl_->socket_changes);
  impl_->interrupted = true;
  if (impl_->socket.is_open()) impl_->socket.shut_down();
}

}  // namespace orderlog::client
