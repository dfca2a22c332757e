// Lines → events, by the rules of the HTML standard's section on server-sent events.
#include "connectors/client/event_stream.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "connectors/client/response_reader.h"
#include "connectors/client/socket.h"

namespace orderlog::client {

struct EventStream::Impl {
  Socket socket;
  ResponseReader reader;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
  std::size_t used = 0;
  std::string text;  // not yet a whole line
  std::string error_body;
  std::string id;
  ServerEvent building;
  bool has_data = false;
  std::deque<ServerEvent> ready;

  void take(std::string_view piece);
  void line(std::string_view text_line);
  Status receive(Deadline deadline);
};

void EventStream::Impl::take(std::string_view piece) {
  if (reader.status() != 200) {
    error_body += piece;
    return;
  }
  text += piece;
  std::size_t at = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', at)) {
    std::string_view whole = std::string_view(text).substr(at, end - at);
    if (whole.ends_with('\r')) whole.remove_suffix(1);
    line(whole);
    at = end + 1;
  }
  text.erase(0, at);
}

void EventStream::Impl::line(std::string_view text_line) {
  if (text_line.empty()) {
    if (has_data) {
      building.id = id;
      if (building.type.empty()) building.type = "message";
      ready.push_back(std::move(building));
    }
    building = {};
    has_data = false;
    return;
  }
  const std::size_t colon = std::min(text_line.find(':'), text_line.size());
  const std::string_view field = text_line.substr(0, colon);
  std::string_view value = text_line.substr(std::min(colon + 1, text_line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") {
    id = value;
  } else if (field == "event") {
    building.type = value;
  } else if (field == "data") {
    if (has_data) building.data += '\n';
    building.data += value;
    has_data = true;
  }
}

Status EventStream::Impl::receive(Deadline deadline) {
  auto got = socket.receive(buffer.data() + used, buffer.size() - used, deadline);
  if (!got) return got.error();
  if (*got == 0) return error(ErrorCode::Io, "the stream has ended");
  used += *got;
  std::size_t consumed = 0;
  auto state = reader.read({buffer.data(), used}, consumed);
  if (!state) return state.error();
  std::copy_n(buffer.data() + consumed, used - consumed, buffer.data());
  used -= consumed;
  if (*state == ResponseReader::State::Complete) {
    socket.close();
    if (ready.empty() && reader.status() == 200) {
      return error(ErrorCode::Io, "the stream has ended");
    }
  }
  return {};
}

EventStream::EventStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventStream::~EventStream() = default;
EventStream::EventStream(EventStream&&) noexcept = default;
EventStream& EventStream::operator=(EventStream&&) noexcept = default;

Result<EventStream> EventStream::open(std::string_view url, std::string_view target,
                                      std::string_view last_event_id, ClientOptions options) {
  auto server = parse_server_url(url);
  if (!server) return server.error();
  auto socket = Socket::connect(*server, deadline_in(options.connect_timeout_ms));
  if (!socket) return socket.error();
  auto impl = std::make_unique<Impl>();
  impl->socket = std::move(*socket);
  impl->reader.stream_body([raw = impl.get()](std::string_view piece) { raw->take(piece); });
  RequestText request{"GET", target, {}, {}, {{"Accept", "text/event-stream"}}};
  if (!last_event_id.empty()) request.headers.emplace_back("Last-Event-ID", last_event_id);
  std::string out;
  write_request(out, *server, request);
  const Deadline deadline = deadline_in(options.request_timeout_ms);
  if (const Status sent = impl->socket.send_all(out, deadline); !sent) return sent.error();
  while (!impl->reader.header_done() || (impl->reader.status() != 200 && impl->socket.is_open())) {
    if (const Status received = impl->receive(deadline); !received) return received.error();
  }
  if (impl->reader.status() != 200) return error(ErrorCode::Conflict, impl->error_body);
  return EventStream(std::move(impl));
}

Result<std::optional<ServerEvent>> EventStream::next(std::uint32_t timeout_ms) {
  const Deadline deadline = deadline_in(timeout_ms);
  while (impl_->ready.empty()) {
    if (!impl_->socket.is_open()) return error(ErrorCode::Io, "the stream has ended");
    const Status received = impl_->receive(deadline);
    if (received) continue;
    if (received.error().code == ErrorCode::Timeout) return std::optional<ServerEvent>();
    return received.error();
  }
  std::optional<ServerEvent> event = std::move(impl_->ready.front());
  impl_->ready.pop_front();
  return event;
}

const std::string& EventStream::last_event_id() const { return impl_->id; }

}  // namespace orderlog::client
