// The front exchange writes straight into the output; the others wait in their own text.
#include "connectors/http/exchange_queue.h"

#include <array>
#include <bit>
#include <charconv>

#include "events/base/ensure.h"

namespace orderlog::http {

namespace {

constexpr std::size_t kept_text_bytes = 16 * 1024;

void append_number(std::string& out, std::size_t value, int base = 10) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  out.append(digits.data(), end);
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

void append_head(std::string& out, const Reply& reply, std::string_view date,
                 const ExchangeTraits& traits) {
  append_status_line(out, reply.status);
  out += "Date: ";
  out += date;
  out += "\r\n";
  if (!reply.content_type.empty()) {
    out += "Content-Type: ";
    out += reply.content_type;
    out += "\r\n";
  }
  out += reply.fields;
  if (!traits.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!traits.is_http_1_1) {
    out += "Connection: keep-alive\r\n";
  }
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

ExchangeQueue::ExchangeQueue(std::size_t capacity)
    : slots_(std::bit_ceil(capacity == 0 ? 1 : capacity)), mask_(slots_.size() - 1) {}

std::uint64_t ExchangeQueue::open(const ExchangeTraits& traits) {
  ORDERLOG_ENSURE(!full() && !ending_, "no room for an exchange");
  Slot& opened = slot(next_);
  opened.state = SlotState::Waiting;
  opened.traits = traits;
  if (!traits.keep_alive) ending_ = true;
  return next_++;
}

std::string& ExchangeQueue::text_of(std::uint64_t exchange) {
  return exchange == first_ ? out_ : slot(exchange).text;
}

void ExchangeQueue::advance() {
  while (!empty()) {
    Slot& front = slot(first_);
    if (!front.text.empty()) {
      out_ += front.text;
      front.text.clear();
      if (front.text.capacity() > kept_text_bytes) std::string().swap(front.text);
    }
    if (front.state != SlotState::Ready) return;
    front.state = SlotState::Free;
    if (!front.traits.keep_alive) ended_ = true;
    ++first_;
  }
}

bool ExchangeQueue::reply(std::uint64_t exchange, const Reply& reply, std::string_view date) {
  if (!is_open(exchange) || slot(exchange).state != SlotState::Waiting) return false;
  Slot& answered = slot(exchange);
  std::string& text = text_of(exchange);
  append_head(text, reply, date, answered.traits);
  text += "Content-Length: ";
  append_number(text, reply.body.size());
  text += "\r\n\r\n";
  if (!answered.traits.head_only) text += reply.body;
  answered.state = SlotState::Ready;
  if (exchange == first_) advance();
  return true;
}

bool ExchangeQueue::open_stream(std::uint64_t exchange, const Reply& head, std::string_view date) {
  if (!is_open(exchange) || slot(exchange).state != SlotState::Waiting) return false;
  Slot& answered = slot(exchange);
  // A stream has no end that a following answer could wait for.
  answered.traits.keep_alive = false;
  ending_ = streaming_ = true;
  std::string& text = text_of(exchange);
  append_head(text, head, date, answered.traits);
  if (answered.traits.is_http_1_1) text += "Transfer-Encoding: chunked\r\n";
  text += "\r\n";
  answered.state = SlotState::Streaming;
  if (answered.traits.head_only) end_stream(exchange);
  return true;
}

bool ExchangeQueue::stream(std::uint64_t exchange, std::string_view text) {
  if (!is_open(exchange) || slot(exchange).state != SlotState::Streaming) return false;
  if (text.empty()) return true;
  std::string& out = text_of(exchange);
  if (!slot(exchange).traits.is_http_1_1) {
    out += text;
    return true;
  }
  append_number(out, text.size(), 16);
  out += "\r\n";
  out += text;
  out += "\r\n";
  return true;
}

void ExchangeQueue::end_stream(std::uint64_t exchange) {
  if (!is_open(exchange) || slot(exchange).state != SlotState::Streaming) return;
  const ExchangeTraits& traits = slot(exchange).traits;
  if (traits.is_http_1_1 && !traits.head_only) text_of(exchange) += "0\r\n\r\n";
  slot(exchange).state = SlotState::Ready;
  streaming_ = false;
  if (exchange == first_) advance();
}

bool ExchangeQueue::interject(std::string_view bytes) {
  if (!empty()) return false;
  out_ += bytes;
  return true;
}

}  // namespace orderlog::http
